namespace Scenarios;

/// <summary>
/// STARTTLS and AUTH against a mail server that others wrote: Debian's Postfix with Cyrus SASL (contract §3, "What
/// moves mail on to the next host").
/// </summary>
public sealed class ForeignPeerTests(PostfixPeer peer) : IClassFixture<PostfixPeer>, IDisposable
{
    private const string Wrong = "not the password at all";
    private const StringComparison Ordinal = StringComparison.Ordinal;
    private readonly string _passwordFile = Path.GetTempFileName();

    public void Dispose() => File.Delete(_passwordFile);

    [Theory]
    [InlineData("preferred", "secure")]
    [InlineData("preferred", "strange")]
    [InlineData("required", "secure")]
    [InlineData("required", "expired")]
    [InlineData("verify", "secure")]
    public async Task Mail_goes_through_tls_that_meets_the_policy(string policy, string way)
    {
        await using var gateway = await StartAsync(way, policy);

        var name = await SendAsync(gateway);
        await gateway.Log.WaitForAsync("Message finished MID 1 done");

        Assert.Contains(gateway.Log.Events, line =>
            line.StartsWith("DCID 1 TLS success protocol TLSv1.3 cipher TLS_AES_256_GCM_SHA384", Ordinal));
        await TookAsync(name);
        Assert.Contains(peer.Log.Lines, line => line.Contains("TLS connection established from", Ordinal)
            && line.Contains("TLSv1.3 with cipher TLS_AES_256_GCM_SHA384", Ordinal));
    }

    [Fact]
    public async Task Preferred_goes_in_clear_to_a_host_without_starttls()
    {
        await using var gateway = await StartAsync("clear", "preferred");

        var name = await SendAsync(gateway);
        await gateway.Log.WaitForAsync("Message finished MID 1 done");

        await TookAsync(name);
        Assert.DoesNotContain(gateway.Log.Events, line => line.Contains("TLS", Ordinal));
    }

    [Theory]
    [InlineData("required", "clear", "tls = required cannot be met: STARTTLS is not offered")]
    [InlineData("verify", "clear", "tls = verify cannot be met: STARTTLS is not offered")]
    [InlineData("verify", "expired", "TLS verification failed: the certificate expired on 2020-02-03")]
    [InlineData("verify", "misnamed",
        "TLS verification failed: the certificate is for mx.example.com, not for 127.0.0.1")]
    [InlineData("verify", "strange", "TLS verification failed: its issuer CN=Stranger is not trusted (")]
    public async Task Mail_is_held_and_not_bounced_where_the_policy_cannot_be_met(
        string policy, string way, string reason)
    {
        await using var gateway = await StartAsync(way, policy);

        var name = await SendAsync(gateway);
        await gateway.Log.WaitForAsync("MID 1 to RID [0] pending till");

        Assert.Contains(gateway.Log.Events, line => line.Contains($"details: {reason}", Ordinal)
            && line.EndsWith("reason: TLS error", Ordinal));
        Assert.Contains(gateway.Log.Events, line => line.Contains($"left out for 60 seconds: {reason}", Ordinal));
        NothingBounced(gateway);
        Assert.DoesNotContain(peer.Log.Lines, line => line.Contains(name, Ordinal));
        var told = await gateway.RunAsync("smtproutes", "test", "bob@example.com");
        Assert.Contains($"tls {policy}", told, Ordinal);
        Assert.Contains(reason, told, Ordinal);
    }

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    [InlineData("CRAM-MD5")]
    [InlineData("SCRAM-SHA-1")]
    [InlineData("SCRAM-SHA-256")]
    public async Task Mail_is_taken_from_who_proves_the_account(string mechanism)
    {
        await using var gateway = await StartAsync(mechanism, "required", PostfixPeer.Password);

        var name = await SendAsync(gateway);
        await gateway.Log.WaitForAsync("Message finished MID 1 done");

        await TookAsync(name);
        await peer.Log.WaitForAsync(line => line.Contains($"sasl_method={mechanism}, sasl_username=gw", Ordinal),
            $"the account by {mechanism}");
        NoSecretIn(gateway, PostfixPeer.Password);
    }

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("CRAM-MD5")]
    [InlineData("SCRAM-SHA-256")]
    public async Task A_wrong_password_is_told_and_holds_the_mail_until_it_is_right(string mechanism)
    {
        await using var gateway = await StartAsync(mechanism, "required", Wrong);

        var name = await SendAsync(gateway);
        await gateway.Log.WaitForAsync("MID 1 to RID [0] pending till");

        Assert.Contains(gateway.Log.Lines, line => line.Contains(
            $" Warning: credentials cannot be used at {peer[mechanism]} for profile office: ", Ordinal));
        NothingBounced(gateway);
        var message = await gateway.RunAsync("showmessage", "1");
        Assert.Contains(" auth: ", message, Ordinal);
        Assert.Contains($"auth office, left out until ", message, Ordinal);
        Assert.Contains("left out for auth=office", await gateway.RunAsync("hoststatus", peer[mechanism]), Ordinal);

        Assert.DoesNotContain(peer.Log.Lines, line => line.Contains(name, Ordinal));

        await File.WriteAllTextAsync(_passwordFile, PostfixPeer.Password, TestContext.Current.CancellationToken);
        // A start knows of no host that is left out, so that nobody has to wait for the next probe.
        Assert.Equal(0, await gateway.TerminateAsync());
        await gateway.StartAgainAsync();
        await gateway.Log.WaitForAsync("Message finished MID 1 done");
        await TookAsync(name);
        NoSecretIn(gateway, Wrong);
    }

    private async Task<GatewayProcess> StartAsync(string way, string policy, string? password = null)
    {
        await File.WriteAllTextAsync(_passwordFile, password);
        var profile = password is null ? "" : $"""
            [auth_profile.office]
            username = "{PostfixPeer.UserName}"
            password_file = "{_passwordFile}"
            """;
        return await GatewayProcess.StartWithAsync(
            $"example.com {peer[way]}{(password is null ? "" : " auth=office")}\n",
            $"[destination.default]\ntls = \"{policy}\"\n{profile}\n",
            new Dictionary<string, string> { ["SSL_CERT_FILE"] = peer.RootsFile });
    }

    // Postfix logs the Message-ID, which therefore tells one test's message from another's.
    private static async Task<string> SendAsync(GatewayProcess gateway)
    {
        var name = $"{Guid.NewGuid():N}@src.example";
        await using var client = await SmtpProbe.GreetAsync(gateway.Smtp);
        Assert.StartsWith("250 ", await client.MessageAsync("alice@src.example", ["bob@example.com"],
            $"Message-ID: <{name}>\r\nSubject: hello\r\n\r\nhello\r\n"), Ordinal);
        return name;
    }

    private Task<string> TookAsync(string name) =>
        peer.Log.WaitForAsync(line => line.Contains($"message-id=<{name}>", Ordinal), name);

    private static void NothingBounced(GatewayProcess gateway) => Assert.DoesNotContain(gateway.Log.Events,
        line => line.StartsWith("Bounced:", Ordinal) || line.Contains("generated for bounce", Ordinal));

    private void NoSecretIn(GatewayProcess gateway, string password)
    {
        var encoded = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(password));
        var plain = Convert.ToBase64String(
            System.Text.Encoding.UTF8.GetBytes($"\0{PostfixPeer.UserName}\0{password}"));
        Assert.DoesNotContain(gateway.Log.Lines.Concat(peer.Log.Lines), line => line.Contains(password, Ordinal)
            || line.Contains(encoded, Ordinal) || line.Contains(plain, Ordinal));
    }
}
