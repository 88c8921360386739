using System.Globalization;
using Postern.Smtp.Client;
using Postern.TestHosts;

namespace Postern.Smtp.Tests;

/// <summary>AUTH of a client (RFC 4954) against a host that checks what it is given.</summary>
public sealed class ClientAuthTests : IDisposable
{
    private const string Password = "pass wörd & s3cret";
    private const string AllMechanisms = "LOGIN PLAIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256";
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [InlineData("LOGIN")]
    [InlineData("PLAIN")]
    [InlineData("CRAM-MD5")]
    [InlineData("SCRAM-SHA-1")]
    [InlineData("SCRAM-SHA-256")]
    public async Task Each_mechanism_proves_the_account(string mechanism)
    {
        await using var host = ScriptedHost.Start(Guarded(mechanism));
        await using var session = await ClientFixture.ConnectAsync(host);

        var opening = await session.OpenAsync(Security(), ClientFixture.Cancelled);
        var report = await session.SendAsync(ClientFixture.Message(), ClientFixture.Cancelled);

        Assert.True(opening.IsReady, $"{opening}");
        Assert.Equal(250, report.FinalDot!.Code);
        Assert.StartsWith($"AUTH {mechanism}", Assert.Single(AuthCommands(host)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AllMechanisms, "AUTH SCRAM-SHA-256 ")]
    [InlineData("LOGIN PLAIN CRAM-MD5 SCRAM-SHA-1", "AUTH SCRAM-SHA-1 ")]
    [InlineData("LOGIN PLAIN CRAM-MD5 GSSAPI", "AUTH CRAM-MD5")]
    [InlineData("LOGIN PLAIN", "AUTH PLAIN ")]
    public async Task The_strongest_that_is_offered_comes_first(string offered, string command)
    {
        await using var host = ScriptedHost.Start(Guarded(offered));
        await using var session = await ClientFixture.ConnectAsync(host);

        var opening = await session.OpenAsync(Security(), ClientFixture.Cancelled);

        Assert.True(opening.IsReady, $"{opening}");
        Assert.StartsWith(command, Assert.Single(AuthCommands(host)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mechanism_that_the_host_does_not_have_after_all_is_followed_by_the_next()
    {
        var script = Guarded("PLAIN SCRAM-SHA-256") with
        {
            Auth = line => line.StartsWith("AUTH PLAIN", StringComparison.Ordinal) ? "235 2.7.0 ok" : "504 5.5.4 no",
        };
        await using var host = ScriptedHost.Start(script);
        await using var session = await ClientFixture.ConnectAsync(host);

        Assert.True((await session.OpenAsync(Security(), ClientFixture.Cancelled)).IsReady);
        Assert.Equal(2, AuthCommands(host).Length);
    }

    [Theory]
    [InlineData("535 5.7.8 wrong")]
    [InlineData("534 5.7.9 too weak")]
    [InlineData("454 4.7.0 later")]
    public async Task A_refusal_ends_the_opening_at_auth(string refusal)
    {
        await using var host = ScriptedHost.Start(Guarded("PLAIN LOGIN") with { Auth = _ => refusal });
        await using var session = await ClientFixture.ConnectAsync(host);

        var opening = await session.OpenAsync(Security(), ClientFixture.Cancelled);

        Assert.Equal((SmtpStage.Auth, int.Parse(refusal[..3], null)), (opening.Stage, opening.Refusal!.Code));
        Assert.False(session.IsUsable);
        Assert.Single(AuthCommands(host));
    }

    [Fact]
    public async Task Credentials_are_never_sent_in_clear_hardening_T10()
    {
        var script = Guarded("PLAIN") with { Certificate = null, ClearMechanisms = AllMechanisms };
        await using var host = ScriptedHost.Start(script);
        await using var session = await ClientFixture.ConnectAsync(host);

        var opening = await session.OpenAsync(Security(), ClientFixture.Cancelled);

        Assert.Equal((SmtpStage.Auth, SmtpFaultKind.Unmet), (opening.Stage, opening.Fault!.Kind));
        Assert.Equal("credentials are not sent without TLS, since allow_plaintext is false", opening.Fault.Details);
        Assert.Empty(AuthCommands(host));
    }

    [Fact]
    public async Task With_allow_plaintext_they_are_sent_in_clear_strongest_first()
    {
        var script = Guarded("") with { Certificate = null, ClearMechanisms = AllMechanisms };
        await using var host = ScriptedHost.Start(script);
        await using var session = await ClientFixture.ConnectAsync(host);

        var opening = await session.OpenAsync(Security(allowPlaintext: true), ClientFixture.Cancelled);

        Assert.True(opening.IsReady, $"{opening}");
        Assert.StartsWith("AUTH SCRAM-SHA-256 ", AuthCommands(host)[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "AUTH is not offered")]
    [InlineData("GSSAPI XOAUTH2", "no mechanism for AUTH in common: the host has GSSAPI XOAUTH2")]
    public async Task What_is_not_offered_ends_the_opening_at_auth(string offered, string details)
    {
        await using var host = ScriptedHost.Start(Guarded(offered));
        await using var session = await ClientFixture.ConnectAsync(host);

        var opening = await session.OpenAsync(Security(), ClientFixture.Cancelled);

        Assert.Equal((SmtpStage.Auth, SmtpFaultKind.Unmet, details),
            (opening.Stage, opening.Fault!.Kind, opening.Fault.Details));
    }

    [Fact]
    public async Task A_secret_that_cannot_be_read_is_told_and_nothing_is_sent()
    {
        await using var host = ScriptedHost.Start(Guarded("PLAIN"));
        await using var session = await ClientFixture.ConnectAsync(host);
        var security = Security() with
        {
            Credentials = new("gw@example.com", () => SecretReading.Failed($"there is no file secrets/office"), false),
        };

        var opening = await session.OpenAsync(security, ClientFixture.Cancelled);

        Assert.Equal("there is no file secrets/office", opening.Fault!.Details);
        Assert.Empty(AuthCommands(host));
    }

    [Fact]
    public async Task A_host_that_echoes_what_it_was_given_puts_no_secret_into_the_report()
    {
        var script = Guarded("PLAIN") with { Auth = line => $"535 5.7.8 no: {line} ({Password})" };
        await using var host = ScriptedHost.Start(script);
        await using var session = await ClientFixture.ConnectAsync(host);

        var opening = await session.OpenAsync(Security(), ClientFixture.Cancelled);

        var text = string.Join('\n', opening.Refusal!.Lines);
        Assert.Equal("5.7.8 no: AUTH PLAIN (hidden) ((hidden))", text);
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("999 {0}")]
    [InlineData("250 {0}")]
    [InlineData("535-no\r\n536 {0}")]
    public async Task An_echo_that_is_no_refusal_puts_no_secret_into_the_report_either(string answer)
    {
        var sent = "";
        var script = Guarded("PLAIN") with
        {
            Auth = line => string.Format(CultureInfo.InvariantCulture, answer, sent = line),
        };
        await using var host = ScriptedHost.Start(script);
        await using var session = await ClientFixture.ConnectAsync(host);

        var opening = await session.OpenAsync(Security(), ClientFixture.Cancelled);

        var fault = opening.Fault!;
        var text = $"{fault.Details}\n{string.Join('\n', fault.Reply?.Lines ?? [])}";
        Assert.NotEmpty(fault.Details);
        Assert.DoesNotContain(sent["AUTH PLAIN ".Length..], text, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_does_not_prove_that_it_knows_the_password_gets_no_mail()
    {
        // RFC 5802 §5: the proof of the host; without it whoever stands between could pretend to be the host.
        await using var host = ScriptedHost.Start(Guarded("SCRAM-SHA-256") with { Auth = _ => "235 2.7.0 welcome" });
        await using var session = await ClientFixture.ConnectAsync(host);

        var opening = await session.OpenAsync(Security(), ClientFixture.Cancelled);

        Assert.Equal((SmtpStage.Auth, SmtpFaultKind.Unmet), (opening.Stage, opening.Fault!.Kind));
    }

    [Theory]
    [InlineData("334 !!!")]
    [InlineData("334 bm9uc2Vuc2U=")]
    [InlineData("334 ")]
    public async Task A_challenge_without_sense_is_cancelled(string challenge)
    {
        await using var host = ScriptedHost.Start(Guarded("SCRAM-SHA-256") with { Auth = _ => challenge });
        await using var session = await ClientFixture.ConnectAsync(host);

        var opening = await session.OpenAsync(Security(), ClientFixture.Cancelled);

        Assert.Equal((SmtpStage.Auth, SmtpFaultKind.Unmet), (opening.Stage, opening.Fault!.Kind));
        Assert.Equal("*", ClientFixture.Lines(host)[^1]);
    }

    [Fact]
    public async Task A_password_too_long_for_a_command_line_is_sent_behind_a_challenge()
    {
        var password = new string('x', 1000);
        var script = Guarded("PLAIN") with { Account = new HostAccount("gw@example.com", password) };
        await using var host = ScriptedHost.Start(script);
        await using var session = await ClientFixture.ConnectAsync(host);
        var credentials = new ClientCredentials("gw@example.com", () => SecretReading.Of(password), false);

        var opening = await session.OpenAsync(
            Security() with { Credentials = credentials }, ClientFixture.Cancelled);

        Assert.True(opening.IsReady, $"{opening}");
        Assert.Equal(["AUTH PLAIN"], AuthCommands(host));
    }

    private HostScript Guarded(string mechanisms) => new()
    {
        Certificate = _certificates.For("mx.example.com"),
        TlsMechanisms = mechanisms,
        Account = new HostAccount("gw@example.com", Password),
    };

    private static SessionSecurity Security(bool allowPlaintext = false) => new()
    {
        Tls = TlsDemand.Preferred,
        HostName = "mx.example.com",
        Credentials = new("gw@example.com", () => SecretReading.Of(Password), allowPlaintext),
    };

    private static string[] AuthCommands(ScriptedHost host) =>
        [.. ClientFixture.Lines(host).Where(line => line.StartsWith("AUTH", StringComparison.Ordinal))];
}
