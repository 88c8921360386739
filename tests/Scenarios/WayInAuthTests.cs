using Postern.TestHosts;

namespace Scenarios;

/// <summary>
/// Contract §3, "What moves mail on to the next host": AUTH. A host that refuses credentials is left out for their
/// profile alone, somebody is told, and no mail is bounced for it.
/// </summary>
public sealed class WayInAuthTests : IDisposable
{
    private const string Password = "correct horse battery staple";
    private const string Routes = Scene.InOrder + " auth=office\nother.example {10}";

    private const string Profile = """
        [auth_profile.office]
        username = "gw@example.com"
        password_env = "OFFICE_PASSWORD"

        """;

    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [InlineData("PLAIN LOGIN", "AUTH PLAIN ")]
    [InlineData("PLAIN SCRAM-SHA-256", "AUTH SCRAM-SHA-256 ")]
    public async Task Mail_is_taken_from_who_proves_the_account(string mechanisms, string command)
    {
        await using var scene = await StartAsync(Guarded(mechanisms));

        await scene.SendAsync("one");
        await scene.FinishedAsync(1);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.First, "one"));
        Assert.Contains(scene.First.Commands, c => c.Line.StartsWith(command, StringComparison.Ordinal));
        NoSecretIn(scene);
    }

    [Theory]
    [InlineData("535 5.7.8 who are you")]
    [InlineData("454 4.7.0 later")]
    [InlineData("504 5.5.4 no such mechanism")]
    public async Task Refused_credentials_go_on_to_the_next_host(string refusal)
    {
        var first = Guarded("PLAIN") with { Auth = _ => refusal };

        await MovesOnAsync(first, $"{refusal[..3]}-{refusal[4..]}");
    }

    [Fact]
    public Task A_host_that_offers_no_auth_goes_on_to_the_next_host() =>
        MovesOnAsync(Guarded(""), "AUTH is not offered");

    [Fact]
    public Task Credentials_are_never_sent_in_clear_hardening_T10() => MovesOnAsync(
        Guarded("") with { Certificate = null, ClearMechanisms = "PLAIN" },
        "credentials are not sent without TLS, since allow_plaintext is false");

    [Fact]
    public async Task With_allow_plaintext_they_are()
    {
        var clear = Guarded("") with { Certificate = null, ClearMechanisms = "PLAIN" };
        await using var scene = await StartAsync(clear, more: Profile + "allow_plaintext = true\n");

        await scene.SendAsync("one");
        await scene.FinishedAsync(1);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.First, "one"));
    }

    [Fact]
    public async Task Mail_that_every_host_refuses_credentials_for_is_held_and_not_bounced()
    {
        var refusing = Guarded("PLAIN") with { Auth = _ => "535 5.7.8 who are you" };
        await using var scene = await StartAsync(refusing, refusing, Profile + Scene.Brisk);

        await scene.SendAsync("one");
        await scene.Gateway.Log.WaitForAsync("MID 1 to RID [0] pending till");
        scene.First.Script = Guarded("PLAIN");
        await scene.FinishedAsync(1);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.First, "one"));
        Assert.False(scene.Logged("Bounced:"));
    }

    [Fact]
    public async Task A_connection_is_used_again_only_with_the_same_profile()
    {
        await using var scene = await StartAsync(Guarded("PLAIN"));

        await scene.SendAsync("one");
        await scene.FinishedAsync(1);
        await scene.SendAsync("two");
        await scene.FinishedAsync(2);
        scene.First.Script = scene.First.Script with { Account = null };
        await scene.SendAsync("three", "carol@other.example");
        await scene.FinishedAsync(3);

        Assert.Equal(3, scene.First.Taken.Count);
        Assert.Equal(2, scene.First.Connections);
    }

    private async Task MovesOnAsync(HostScript first, string reason)
    {
        await using var scene = await StartAsync(first);

        await scene.SendAsync("one");
        await scene.FinishedAsync(1);
        await scene.SendAsync("two");
        await scene.FinishedAsync(2);
        scene.First.Script = new HostScript();
        await scene.SendAsync("three", "carol@other.example");
        await scene.FinishedAsync(3);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "one"));
        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "two"));
        Assert.Equal(["carol@other.example"], Scene.Got(scene.First, "three"));
        Assert.Equal(2, scene.First.Connections);
        Assert.True(scene.Logged($"left out for 60 seconds: {reason}"));
        Assert.Contains(scene.Gateway.Log.Lines, line => line.Contains(" Warning: credentials cannot be used at "
            + $"{scene.First.EndPoint} for profile office: {reason}", StringComparison.Ordinal));
        NoSecretIn(scene);
    }

    private HostScript Guarded(string mechanisms) => new()
    {
        Certificate = _certificates.For("127.0.0.10"),
        TlsMechanisms = mechanisms,
        Account = new HostAccount("gw@example.com", Password),
    };

    private Task<Scene> StartAsync(HostScript first, HostScript? second = null, string more = Profile) =>
        Scene.StartAsync(first, second ?? Guarded("SCRAM-SHA-1"), more, Routes,
            new Dictionary<string, string> { ["OFFICE_PASSWORD"] = Password });

    private static void NoSecretIn(Scene scene)
    {
        var encoded = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Password));
        Assert.DoesNotContain(scene.Gateway.Log.Lines, line => line.Contains(Password, StringComparison.Ordinal)
            || line.Contains(encoded, StringComparison.Ordinal));
    }
}
