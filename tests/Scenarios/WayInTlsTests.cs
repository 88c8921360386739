using Postern.TestHosts;

namespace Scenarios;

/// <summary>
/// Contract §3, "What moves mail on to the next host": STARTTLS. A host that fails there is left out for the policy of
/// the mail alone, which is why a domain with another policy still goes there.
/// </summary>
public sealed class WayInTlsTests : IDisposable
{
    private const string Routes = Scene.InOrder + "\nclear.example {10}";
    private const string Success = "TLS success protocol TLSv1.3 cipher TLS_AES_256_GCM_SHA384";
    private readonly TestCertificates _certificates = new();
    private readonly string _roots = Path.GetTempFileName();

    public WayInTlsTests() => File.WriteAllText(_roots, _certificates.Pem);

    public void Dispose()
    {
        File.Delete(_roots);
        _certificates.Dispose();
    }

    [Theory]
    [InlineData("preferred")]
    [InlineData("required")]
    [InlineData("verify")]
    public async Task Mail_goes_through_tls_where_it_is_offered(string policy)
    {
        await using var scene = await StartAsync(policy, new() { Certificate = _certificates.For("127.0.0.10") });

        await scene.SendAsync("one");
        await scene.FinishedAsync(1);
        await scene.SendAsync("two");
        await scene.FinishedAsync(2);

        Assert.Equal(2, scene.First.Taken.Count);
        Assert.Equal(1, scene.First.Connections);
        Assert.Single(scene.Gateway.Log.Events, line => line == $"DCID 1 {Success}");
    }

    [Fact]
    public async Task Preferred_goes_on_in_clear_where_starttls_is_refused()
    {
        await using var scene = await StartAsync("preferred", new()
        {
            Certificate = _certificates.For("127.0.0.10"),
            StartTls = "454 4.7.0 no TLS now",
        });

        await scene.SendAsync("one");

        await scene.TellsAsync([Lines.Connected(1, 10), .. Lines.Delivery(1, 1)]);
    }

    [Fact]
    public async Task A_failure_behind_the_220_leaves_the_host_out_for_this_policy()
    {
        var broken = new HostScript
        {
            Ehlo = "250-host.example\n250 STARTTLS",
            StartTls = HostAnswer.Raw("220 go on\r\n250 injected\r\n"),
        };

        await MovesOnAsync("preferred", broken, "octets behind the 220 to STARTTLS, before TLS began");
    }

    [Theory]
    [InlineData("required")]
    [InlineData("verify")]
    public Task A_policy_that_is_not_met_leaves_the_host_out_for_this_policy(string policy) => MovesOnAsync(
        policy, new HostScript(), $"tls = {policy} cannot be met: STARTTLS is not offered");

    [Fact]
    public async Task Required_takes_no_refusal()
    {
        await using var scene = await StartAsync("required", new()
        {
            Certificate = _certificates.For("127.0.0.10"),
            StartTls = "454 4.7.0 no TLS now",
        });

        await scene.SendAsync("one");
        await scene.FinishedAsync(1);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "one"));
        Assert.True(scene.Logged(Lines.Unexpected(1, 10, "454-4.7.0 no TLS now").Split(" port:")[0]));
        Assert.True(scene.Logged("left out for 60 seconds: 454-4.7.0 no TLS now"));
    }

    [Fact]
    public Task Verify_tells_a_wrong_name_hardening_T11() => MovesOnAsync(
        "verify", new() { Certificate = _certificates.For("mx.example.com") },
        "TLS verification failed: the certificate is for mx.example.com, not for 127.0.0.10");

    [Fact]
    public Task Verify_tells_an_expired_certificate_hardening_T11() => MovesOnAsync(
        "verify",
        new()
        {
            Certificate = _certificates.For(new DateTimeOffset(2020, 2, 3, 0, 0, 0, TimeSpan.Zero), "127.0.0.10"),
        },
        "TLS verification failed: the certificate expired on 2020-02-03");

    [Fact]
    public async Task Verify_tells_an_untrusted_issuer_hardening_T11()
    {
        using var strangers = new TestCertificates("Stranger");

        await MovesOnAsync("verify", new() { Certificate = strangers.For("127.0.0.10") },
            "TLS verification failed: its issuer CN=Stranger is not trusted (");
    }

    [Fact]
    public async Task Dane_is_never_met_without_dnssec_and_the_mail_is_held()
    {
        var secure = new HostScript { Certificate = _certificates.For("127.0.0.10") };
        await using var scene = await StartAsync("dane", secure, secure);

        await scene.SendAsync("one");
        await scene.Gateway.Log.WaitForAsync("MID 1 to RID [0] pending till");

        Assert.Equal(0, Scene.Offers(scene.First) + Scene.Offers(scene.Second));
        Assert.True(scene.Logged("tls = dane cannot be met: DNS answers are not validated by DNSSEC"));
        Assert.False(scene.Logged("Bounced:"));
    }

    /// <summary>
    /// The mail moves on, the next message does not try the host, and mail of another policy is taken there.
    /// </summary>
    private async Task MovesOnAsync(string policy, HostScript script, string reason)
    {
        await using var scene = await StartAsync(policy, script);

        await scene.SendAsync("one");
        await scene.FinishedAsync(1);
        await scene.SendAsync("two");
        await scene.FinishedAsync(2);
        await scene.SendAsync("three", "carol@clear.example");
        await scene.FinishedAsync(3);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "one"));
        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "two"));
        Assert.Equal(["carol@clear.example"], Scene.Got(scene.First, "three"));
        Assert.Equal(2, scene.First.Connections);
        Assert.True(scene.Logged($"details: {reason}"));
        Assert.True(scene.Logged("interface: 127.0.0.1 reason: TLS error"));
        Assert.True(scene.Logged($"left out for 60 seconds: {reason}"));
    }

    // The second host takes TLS by a certificate in order, so that it meets every policy but dane.
    private Task<Scene> StartAsync(string policy, HostScript first, HostScript? second = null) => Scene.StartAsync(
        first, second ?? new HostScript { Certificate = _certificates.For("127.0.0.20") },
        $"""
        [destination.default]
        tls = "{policy}"
        [destination."clear.example"]
        tls = "none"
        [destination."src.example"]
        tls = "none"
        """,
        Routes, new Dictionary<string, string> { ["SSL_CERT_FILE"] = _roots });
}
