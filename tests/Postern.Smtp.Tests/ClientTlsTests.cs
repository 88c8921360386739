using Microsoft.Extensions.Time.Testing;
using Postern.Smtp.Client;
using Postern.TestHosts;

namespace Postern.Smtp.Tests;

/// <summary>STARTTLS of a client (RFC 3207; hardening T2, T10, T11, CL36) against a host that does real TLS.</summary>
public sealed class ClientTlsTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [InlineData(TlsDemand.Preferred)]
    [InlineData(TlsDemand.Required)]
    [InlineData(TlsDemand.Verify)]
    public async Task Mail_goes_through_tls_and_the_host_is_greeted_again(TlsDemand demand)
    {
        await using var host = ScriptedHost.Start(Secure("mx.example.com"));
        await using var session = await ClientFixture.ConnectAsync(host);

        var opening = await session.OpenAsync(Security(demand), ClientFixture.Cancelled);
        var report = await session.SendAsync(ClientFixture.Message(), ClientFixture.Cancelled);
        var second = await session.SendAsync(ClientFixture.Message(), ClientFixture.Cancelled);
        await session.QuitAsync();

        Assert.True(opening.IsReady, $"{opening}");
        Assert.Equal("TLSv1.3", session.Tls!.Protocol);
        Assert.StartsWith("TLS_", session.Tls.Cipher, StringComparison.Ordinal);
        Assert.Equal(250, report.FinalDot!.Code);
        Assert.Equal(250, second.FinalDot!.Code);
        Assert.Equal(["mx.example.com"], host.Names);
        Assert.Equal(["EHLO gw.example.com", "STARTTLS", "EHLO gw.example.com"], ClientFixture.Lines(host)[..3]);
        Assert.Equal("QUIT", ClientFixture.Lines(host)[^1]);
    }

    [Fact]
    public async Task What_was_offered_in_clear_counts_no_more_hardening_CL36()
    {
        await using var host = ScriptedHost.Start(Secure("mx.example.com") with { ClearMechanisms = "PLAIN" });
        await using var session = await ClientFixture.ConnectAsync(host);

        await session.OpenAsync(Security(TlsDemand.Required), ClientFixture.Cancelled);

        Assert.Empty(session.Extensions.AuthMechanisms);
        Assert.False(session.Extensions.StartTls);
        Assert.True(session.Extensions.Pipelining);
    }

    [Fact]
    public async Task None_never_says_starttls()
    {
        await using var host = ScriptedHost.Start(Secure("mx.example.com"));
        await using var session = await ClientFixture.ConnectAsync(host);

        var opening = await session.OpenAsync(Security(TlsDemand.None), ClientFixture.Cancelled);

        Assert.True(opening.IsReady);
        Assert.Null(session.Tls);
        Assert.Equal(["EHLO gw.example.com"], ClientFixture.Lines(host));
    }

    [Theory]
    [InlineData("454 4.7.0 no TLS now")]
    [InlineData("502 5.5.1 never heard of it")]
    public async Task Refused_before_the_220_preferred_goes_on_in_clear_and_required_does_not(string refusal)
    {
        await using var host = ScriptedHost.Start(Secure("mx.example.com") with { StartTls = refusal });
        await using var preferring = await ClientFixture.ConnectAsync(host);
        await using var requiring = await ClientFixture.ConnectAsync(host);

        var opening = await preferring.OpenAsync(Security(TlsDemand.Preferred), ClientFixture.Cancelled);
        var refused = await requiring.OpenAsync(Security(TlsDemand.Required), ClientFixture.Cancelled);

        var report = await preferring.SendAsync(ClientFixture.Message(), ClientFixture.Cancelled);
        Assert.True(opening.IsReady);
        Assert.Equal(250, report.FinalDot!.Code);
        Assert.Equal(SmtpStage.StartTls, refused.Stage);
        Assert.Equal(int.Parse(refusal[..3], null), refused.Refusal!.Code);
    }

    [Theory]
    [InlineData(TlsDemand.Required, "tls = required cannot be met: STARTTLS is not offered")]
    [InlineData(TlsDemand.Verify, "tls = verify cannot be met: STARTTLS is not offered")]
    [InlineData(TlsDemand.Dane, "tls = dane cannot be met: DNS answers are not validated by DNSSEC")]
    public async Task What_is_demanded_and_not_offered_ends_the_opening_hardening_T10(TlsDemand demand, string details)
    {
        await using var host = ScriptedHost.Start();
        await using var session = await ClientFixture.ConnectAsync(host);

        var opening = await session.OpenAsync(Security(demand), ClientFixture.Cancelled);

        Assert.Equal((SmtpStage.StartTls, SmtpFaultKind.Unmet, details),
            (opening.Stage, opening.Fault!.Kind, opening.Fault.Details));
        Assert.False(session.IsUsable);
        Assert.Equal(["EHLO gw.example.com"], ClientFixture.Lines(host));
    }

    [Theory]
    [InlineData("220 go on\r\n250 injected\r\n")]
    [InlineData("220 go on\r\n250-mx")]
    public async Task Octets_behind_the_220_end_the_connection_hardening_T2(string answer)
    {
        await using var host = ScriptedHost.Start(
            Secure("mx.example.com") with { StartTls = HostAnswer.Raw(answer) });
        await using var session = await ClientFixture.ConnectAsync(host);

        var opening = await session.OpenAsync(Security(TlsDemand.Preferred), ClientFixture.Cancelled);

        Assert.Equal((SmtpStage.StartTls, SmtpFaultKind.Unmet), (opening.Stage, opening.Fault!.Kind));
        Assert.Equal("octets behind the 220 to STARTTLS, before TLS began", opening.Fault.Details);
        Assert.False(session.IsUsable);
    }

    [Fact]
    public async Task A_failure_behind_the_220_never_goes_on_in_clear()
    {
        // A host that says 220 and then goes on in clear: its next words are no TLS.
        await using var host = ScriptedHost.Start(new HostScript
        {
            Ehlo = "250-host.example\n250 STARTTLS",
            StartTls = "220 go on",
        });
        await using var session = await ClientFixture.ConnectAsync(host);

        var opened = session.OpenAsync(Security(TlsDemand.Preferred), ClientFixture.Cancelled);
        await host.WaitForAsync(h => h.Commands.Count >= 2, ClientFixture.Cancelled);
        host.CloseConnections();
        var opening = await opened;

        Assert.Equal((SmtpStage.StartTls, SmtpFaultKind.Unmet), (opening.Stage, opening.Fault!.Kind));
        Assert.StartsWith("TLS handshake failed: ", opening.Fault.Details, StringComparison.Ordinal);
        Assert.DoesNotContain(ClientFixture.Lines(host), line => line.StartsWith("MAIL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_handshake_has_thirty_seconds_hardening_T13()
    {
        var time = new FakeTimeProvider();
        await using var host = ScriptedHost.Start(new HostScript
        {
            Ehlo = "250-host.example\n250 STARTTLS",
            StartTls = HostAnswer.Say("220 go on") with { End = HostEnd.Hold },
        });
        // A day, so that the time-out of a command can never be the one that is met.
        var patient = ClientFixture.Options with { CommandTimeout = TimeSpan.FromDays(1) };
        await using var session = await ClientFixture.ConnectAsync(host, time, options: patient);

        var opened = session.OpenAsync(Security(TlsDemand.Preferred), ClientFixture.Cancelled).AsTask();
        await host.WaitForAsync(h => h.Commands.Count >= 2, ClientFixture.Cancelled);
        while (!opened.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }

        var opening = await opened;
        Assert.Equal(SmtpStage.StartTls, opening.Stage);
        Assert.Equal("TLS handshake timed out after 30 seconds", opening.Fault!.Details);
    }

    [Theory]
    [InlineData("mx.example.com", "mx.example.com")]
    [InlineData("mx.example.com", "*.example.com")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    public async Task Verify_takes_a_certificate_that_names_the_host(string reached, string named)
    {
        await using var host = ScriptedHost.Start(Secure(named));
        await using var session = await ClientFixture.ConnectAsync(host);

        var opening = await session.OpenAsync(
            Security(TlsDemand.Verify) with { HostName = reached }, ClientFixture.Cancelled);

        Assert.True(opening.IsReady, $"{opening}");
    }

    [Fact]
    public async Task Verify_tells_a_wrong_name_hardening_T11() => Assert.Equal(
        "TLS verification failed: the certificate is for other.example, 127.0.0.9, not for mx.example.com",
        await ComplaintAsync(Secure("other.example", "127.0.0.9")));

    [Fact]
    public async Task Verify_takes_no_name_of_the_subject_for_the_host_hardening_T11() => Assert.Equal(
        "TLS verification failed: the certificate is for no host, not for cn.example",
        await ComplaintAsync(Secure(), "cn.example"));

    [Fact]
    public async Task Verify_tells_an_expired_certificate_hardening_T11() => Assert.Equal(
        "TLS verification failed: the certificate expired on 2020-02-03", await ComplaintAsync(new HostScript
        {
            Certificate = _certificates.For(new DateTimeOffset(2020, 2, 3, 0, 0, 0, TimeSpan.Zero), "mx.example.com"),
        }));

    [Fact]
    public async Task Verify_tells_an_untrusted_issuer_hardening_T11()
    {
        using var strangers = new TestCertificates("Stranger");

        var complaint = await ComplaintAsync(new HostScript { Certificate = strangers.For("mx.example.com") });

        Assert.StartsWith("TLS verification failed: its issuer CN=Stranger is not trusted (", complaint,
            StringComparison.Ordinal);
        Assert.DoesNotContain("expired", complaint, StringComparison.Ordinal);
        Assert.DoesNotContain("is for", complaint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Required_takes_any_certificate()
    {
        using var strangers = new TestCertificates("Stranger");
        await using var host = ScriptedHost.Start(new HostScript { Certificate = strangers.For("other.example") });
        await using var session = await ClientFixture.ConnectAsync(host);

        var opening = await session.OpenAsync(Security(TlsDemand.Required), ClientFixture.Cancelled);

        Assert.True(opening.IsReady, $"{opening}");
    }

    [Fact]
    public async Task A_host_that_speaks_or_leaves_between_messages_is_seen_under_tls()
    {
        await using var host = ScriptedHost.Start(Secure("mx.example.com"));
        await using var session = await ClientFixture.ConnectAsync(host);
        await session.OpenAsync(Security(TlsDemand.Required), ClientFixture.Cancelled);
        await session.SendAsync(ClientFixture.Message(), ClientFixture.Cancelled);

        host.CloseConnections();
        await host.WaitForAsync(h => h.OpenConnections == 0, ClientFixture.Cancelled);
        var report = await session.SendAsync(ClientFixture.Message(), ClientFixture.Cancelled);

        Assert.Equal((SmtpStage.Mail, SmtpFaultKind.Lost), (report.Fault!.Stage, report.Fault.Kind));
        Assert.Null(report.DotWritten);
        Assert.Single(host.Taken);
    }

    private HostScript Secure(params string[] names) => new() { Certificate = _certificates.For(names) };

    private SessionSecurity Security(TlsDemand demand) => new()
    {
        Tls = demand,
        HostName = "mx.example.com",
        TrustedRoots = _certificates.Roots,
    };

    private async Task<string> ComplaintAsync(HostScript script, string reached = "mx.example.com")
    {
        await using var host = ScriptedHost.Start(script);
        await using var session = await ClientFixture.ConnectAsync(host);

        var opening = await session.OpenAsync(
            Security(TlsDemand.Verify) with { HostName = reached }, ClientFixture.Cancelled);

        Assert.Equal((SmtpStage.StartTls, SmtpFaultKind.Unmet), (opening.Stage, opening.Fault!.Kind));
        Assert.False(session.IsUsable);
        return opening.Fault.Details;
    }
}
