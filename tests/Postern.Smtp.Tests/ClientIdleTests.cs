using System.Net;
using Postern.Smtp.Client;
using Postern.TestHosts;
using static Postern.Smtp.Tests.ClientFixture;

namespace Postern.Smtp.Tests;

/// <summary>Between transactions, and the end that the caller makes.</summary>
public sealed class ClientIdleTests
{
    [Fact]
    public async Task A_reused_connection_that_is_dead_says_so_before_MAIL_is_answered()
    {
        await using var host = ScriptedHost.Start();
        await using var session = await OpenAsync(host);
        await session.SendAsync(Message(), Cancelled);
        host.CloseConnections();
        await host.WaitForAsync(it => it.OpenConnections == 0, Cancelled);
        var report = await session.SendAsync(Message(), Cancelled);
        Assert.Null(report.Mail);
        Assert.Equal(SmtpStage.Mail, report.Fault!.Stage);
        Assert.Equal(SmtpFaultKind.Lost, report.Fault.Kind);
        Assert.Null(report.DotWritten);
    }

    [Theory]
    [InlineData("421 4.4.2 idle too long", 421, null)]
    [InlineData("250 2.0.0 ok", 0, SmtpFaultKind.Malformed)]
    [InlineData("nonsense", 0, SmtpFaultKind.Malformed)]
    public async Task D15_What_a_host_says_while_idle_is_no_reply_to_MAIL(string said, int code, SmtpFaultKind? kind)
    {
        await using var host = ScriptedHost.Start();
        await using var session = await OpenAsync(host);
        Assert.True((await session.SendAsync(Message(), Cancelled)).IsUsable);
        host.CloseConnections(said);
        var report = await session.SendAsync(Message(), Cancelled);
        Assert.Equal(code, report.Mail?.Code ?? 0);
        Assert.Equal(kind, report.Fault?.Kind);
        Assert.False(report.IsUsable);
        Assert.Single(host.Transactions);
    }

    [Fact]
    public async Task A_host_that_forgets_the_CR_is_understood()
    {
        var talk = new ClientTalkStream(null, line => line == "DATA" ? "354 go on" : "250 ok");
        talk.Raw("220-a\n220 b\n");
        await using var session = SmtpClientSession.Over(
            talk, IPAddress.Loopback, Options, TimeProvider.System, new ReplyPulse());
        Assert.True((await session.OpenAsync(Cancelled)).IsReady);
    }

    [Theory]
    [InlineData(1998, true)]
    [InlineData(2000, false)]
    [InlineData(1_000_000, false)]
    public async Task D14_A_reply_without_end_is_cut_off(int octets, bool taken)
    {
        var talk = new ClientTalkStream(null, _ => "250 ok");
        talk.Raw("220 " + new string('x', octets - 4) + (taken ? "\r\n" : ""));
        await using var session = SmtpClientSession.Over(
            talk, IPAddress.Loopback, Options, TimeProvider.System, new ReplyPulse());
        var opening = await session.OpenAsync(Cancelled);
        Assert.Equal(taken, opening.IsReady);
        if (!taken) Assert.Equal("reply line too long", opening.Fault!.Details);
    }

    [Theory]
    [InlineData("MAIL", SmtpStage.Mail)]
    [InlineData(".", SmtpStage.FinalDot)]
    public async Task A_cancel_loses_nothing_of_what_is_known(string silent, SmtpStage stage)
    {
        var talk = new ClientTalkStream("220 host", line => line.StartsWith(silent, StringComparison.Ordinal)
            ? null : line == "DATA" ? "354 go on" : "250 ok");
        await using var session = SmtpClientSession.Over(
            talk, IPAddress.Loopback, Options, TimeProvider.System, new ReplyPulse());
        Assert.True((await session.OpenAsync(Cancelled)).IsReady);
        using var shutDown = new CancellationTokenSource();
        var sending = session.SendAsync(Message(), shutDown.Token).AsTask();
        Assert.False(sending.IsCompleted);
        await shutDown.CancelAsync();
        var report = await sending.WaitAsync(Cancelled);
        Assert.Equal(stage, report.Fault!.Stage);
        Assert.Equal(SmtpFaultKind.Lost, report.Fault.Kind);
        Assert.Equal("connection closed: the gateway shuts down", report.Fault.Details);
        Assert.Equal(stage == SmtpStage.FinalDot, report.DotWritten is not null);
        Assert.Equal(stage == SmtpStage.FinalDot ? 354 : null, report.Data?.Code);
        Assert.False(report.IsUsable);
    }

    [Fact]
    public async Task A_token_that_is_cancelled_already_sends_nothing()
    {
        await using var host = ScriptedHost.Start();
        await using var session = await OpenAsync(host);
        var report = await session.SendAsync(Message(), new CancellationToken(canceled: true));
        Assert.Equal(SmtpStage.Mail, report.Fault!.Stage);
        Assert.Null(report.DotWritten);
        Assert.Empty(host.Transactions);
    }

    [Fact]
    public async Task A_cancel_while_opening_is_thrown()
    {
        await using var host = ScriptedHost.Start(new HostScript { Banner = HostAnswer.Silence });
        await using var session = await ConnectAsync(host);
        using var shutDown = new CancellationTokenSource();
        var opening = session.OpenAsync(shutDown.Token).AsTask();
        await shutDown.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await SmtpClientSession.ConnectAsync(
            host.EndPoint, null, Options, TimeProvider.System, new ReplyPulse(), shutDown.Token));
    }
}
