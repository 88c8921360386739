using System.Net;
using Postern.Smtp.Client;
using Postern.TestHosts;
using static Postern.Smtp.Tests.ClientFixture;

namespace Postern.Smtp.Tests;

/// <summary>
/// The failover table of the contract as the client reports it: which stage, which kind, which reply (hardening D15).
/// </summary>
public sealed class ClientFaultTests
{
    [Fact]
    public async Task A_refused_connection_has_its_errno()
    {
        await using var host = ScriptedHost.Start();
        host.StopListening();
        var (session, fault) = await SmtpClientSession.ConnectAsync(
            host.EndPoint, null, Options, TimeProvider.System, new ReplyPulse(), Cancelled);
        Assert.Null(session);
        Assert.Equal(
            new SmtpFault(SmtpStage.Connect, SmtpFaultKind.Lost, "[Errno 111] Connection refused"), fault);
    }

    [Theory]
    [InlineData("127.0.0.11", null, "127.0.0.1")]
    [InlineData("127.0.0.11", "127.0.0.5", "127.0.0.5")]
    public void A_connection_that_never_was_has_a_source_address_for_the_log(string host, string? asked, string source)
    {
        Assert.Equal(IPAddress.Parse(source), SmtpClientSession.SourceTowards(
            new IPEndPoint(IPAddress.Parse(host), 25), asked is null ? null : IPAddress.Parse(asked)));
    }

    [Fact]
    public async Task The_banner_of_the_original_scenario_is_a_refusal_with_both_lines()
    {
        await using var host = ScriptedHost.Start(
            new HostScript { Banner = "431-?example.com ESMTP\n431 Mail system full" });
        await using var session = await ConnectAsync(host);
        var opening = await session.OpenAsync(Cancelled);
        Assert.Equal(SmtpStage.Banner, opening.Stage);
        Assert.Equal(431, opening.Refusal!.Code);
        Assert.Equal(["?example.com ESMTP", "Mail system full"], opening.Refusal.Lines);
        Assert.Null(opening.Fault);
    }

    public static TheoryData<string, SmtpStage, int, SmtpFaultKind?> Openings => new()
    {
        { "B:554 no", SmtpStage.Banner, 554, null },
        { "B:421 busy", SmtpStage.Banner, 421, null },
        { "B:250 what", SmtpStage.Banner, 0, SmtpFaultKind.WrongClass },
        { "B:354 what", SmtpStage.Banner, 0, SmtpFaultKind.WrongClass },
        { "B:SSH-2.0-OpenSSH", SmtpStage.Banner, 0, SmtpFaultKind.Malformed },
        { "B:drop", SmtpStage.Banner, 0, SmtpFaultKind.Lost },
        { "B:reset", SmtpStage.Banner, 0, SmtpFaultKind.Lost },
        { "B:220 hi\n250 too early", SmtpStage.Ehlo, 0, SmtpFaultKind.Malformed },
        { "B:220 hi\n421 bye", SmtpStage.Ehlo, 421, null },
        { "E:421 bye", SmtpStage.Ehlo, 421, null },
        { "E:450 later", SmtpStage.Ehlo, 450, null },
        { "E:521 no mail here", SmtpStage.Ehlo, 521, null },
        { "E:354 what", SmtpStage.Ehlo, 0, SmtpFaultKind.WrongClass },
        { "E:250-a\n251 b", SmtpStage.Ehlo, 0, SmtpFaultKind.Malformed },
        { "E:drop", SmtpStage.Ehlo, 0, SmtpFaultKind.Lost },
        { "H:550 no", SmtpStage.Ehlo, 550, null },
        { "H:450 later", SmtpStage.Ehlo, 450, null },
        { "H:drop", SmtpStage.Ehlo, 0, SmtpFaultKind.Lost },
    };

    [Theory]
    [MemberData(nameof(Openings))]
    public async Task Opening_ends_with_a_refusal_or_a_fault(
        string script, SmtpStage stage, int code, SmtpFaultKind? kind)
    {
        var answer = Answer(script[2..]);
        var connected = new TaskCompletionSource();
        await using var host = ScriptedHost.Start(script[0] switch
        {
            // A reset that comes with the connection would be one of the stage before.
            'B' => new HostScript { Banner = answer.After(connected.Task) },
            'E' => new HostScript { Ehlo = answer },
            _ => new HostScript { Ehlo = "500 5.5.1 what", Helo = answer },
        });
        await using var session = await ConnectAsync(host);
        connected.SetResult();
        var opening = await session.OpenAsync(Cancelled);
        Assert.False(opening.IsReady);
        Assert.Equal(stage, opening.Stage);
        Assert.Equal(code, opening.Refusal?.Code ?? 0);
        Assert.Equal(kind, opening.Fault?.Kind);
        Assert.False(session.IsUsable);
        Assert.DoesNotContain(Lines(host), line => line.StartsWith("MAIL", StringComparison.Ordinal));
    }

    /// <summary>Script, pipelining matters, codes of MAIL, RCPT, DATA, dot, fault, usable afterwards.</summary>
    public static TheoryData<string, string, string, bool> Transactions => new()
    {
        { "M:451 4.3.0 later", "451 - - -", "", true },
        { "M:550 5.7.1 no", "550 - - -", "", true },
        { "M:421 4.3.2 bye", "421 - - -", "", false },
        { "M:354 what", "- - - -", "Mail WrongClass", false },
        { "M:drop", "- - - -", "Mail Lost", false },
        { "M:reset", "- - - -", "Mail Lost", false },
        { "M:nonsense", "- - - -", "Mail Malformed", false },
        { "R:451 4.7.1 greylisted", "250 451 - -", "", true },
        { "R:550 5.1.1 no", "250 550 - -", "", true },
        { "R:421 4.3.2 bye", "250 421 - -", "", false },
        { "R:354 what", "250 - - -", "Rcpt WrongClass", false },
        { "R:drop", "250 - - -", "Rcpt Lost", false },
        { "R:25", "250 - - -", "Rcpt Malformed", false },
        { "D:451 4.3.0 later", "250 250 451 -", "", true },
        { "D:554 5.7.1 no", "250 250 554 -", "", true },
        { "D:421 4.3.2 bye", "250 250 421 -", "", false },
        { "D:250 what", "250 250 - -", "Data WrongClass", false },
        { "D:drop", "250 250 - -", "Data Lost", false },
        { "D:354-a\n355 b", "250 250 - -", "Data Malformed", false },
        { "D:354 go\n250 accepted", "250 250 354 -", "Content WrongClass", false },
        { "D:354 go\n452 4.3.1 full", "250 250 354 -", "Content WrongClass", false },
        { ".:452 4.3.1 full", "250 250 354 452", "", true },
        { ".:554 5.7.1 spam", "250 250 354 554", "", true },
        { ".:421 4.3.2 bye", "250 250 354 421", "", false },
        { ".:354 what", "250 250 354 -", "FinalDot WrongClass", false },
        { ".:drop", "250 250 354 -", "FinalDot Lost", false },
        { ".:reset", "250 250 354 -", "FinalDot Lost", false },
        { ".:nonsense", "250 250 354 -", "FinalDot Malformed", false },
        { ".:550-a\n250 b", "250 250 354 -", "FinalDot Malformed", false },
    };

    [Theory]
    [MemberData(nameof(Transactions))]
    public async Task A_transaction_ends_with_what_was_said_and_what_broke(
        string script, string codes, string fault, bool usable)
    {
        foreach (var pipelining in new[] { true, false })
        {
            var answer = Answer(script[2..]);
            var behaviour = script[0] switch
            {
                'M' => new HostScript { Mail = _ => answer },
                'R' => new HostScript { Rcpt = (_, _) => answer },
                'D' => new HostScript { Data = _ => answer },
                _ => new HostScript { Dot = _ => answer },
            };
            await using var host = ScriptedHost.Start(pipelining ? behaviour : behaviour.Without("PIPELINING"));
            await using var session = await OpenAsync(host);
            var report = await session.SendAsync(Message(), Cancelled);
            Assert.Equal(codes, Codes(report));
            Assert.Equal(fault, report.Fault is { } broke ? $"{broke.Stage} {broke.Kind}" : "");
            Assert.Equal(usable, report.IsUsable);
            Assert.Equal(usable, session.IsUsable);
            // The time of the dot is known exactly when the host may have the message.
            Assert.Equal(
                report.FinalDot is not null || report.Fault?.Stage == SmtpStage.FinalDot,
                report.DotWritten is not null);
            Assert.Empty(host.Taken);
            if (usable) await NextMessageGoesThrough(host, session);
        }
    }

    [Fact]
    public async Task A_250_before_the_connection_breaks_is_a_success_that_ends_the_connection()
    {
        await using var host = ScriptedHost.Start(
            new HostScript { Dot = _ => HostAnswer.SayAndDrop("250 2.0.0 accepted") });
        await using var session = await OpenAsync(host);
        var report = await session.SendAsync(Message(), Cancelled);
        Assert.Equal(250, report.FinalDot!.Code);
        Assert.Null(report.Fault);
    }

    [Fact]
    public async Task D15_What_comes_behind_a_250_is_no_reply_to_the_next_command()
    {
        await using var host = ScriptedHost.Start(new HostScript { Dot = _ => "250 2.0.0 accepted\n550 5.1.1 stray" });
        await using var session = await OpenAsync(host);
        var report = await session.SendAsync(Message(), Cancelled);
        Assert.Equal(250, report.FinalDot!.Code);
        Assert.False(report.IsUsable);
        var next = await session.SendAsync(Message(), Cancelled);
        Assert.Null(next.Mail);
        Assert.Equal(SmtpStage.Mail, next.Fault!.Stage);
        Assert.Single(host.Transactions);
    }

    [Fact]
    public async Task A_421_to_one_recipient_keeps_what_the_others_were_told()
    {
        await using var host = ScriptedHost.Start(new HostScript
        {
            Rcpt = (transaction, path) => path switch
            {
                "a@example.com" => "550 5.1.1 no such user",
                "c@example.com" => HostAnswer.SayAndDrop("421 4.3.2 bye"),
                _ => "250 2.1.5 ok",
            },
        });
        await using var session = await OpenAsync(host);
        var report = await session.SendAsync(
            Message(Hello, "a@example.com", "b@example.com", "c@example.com", "d@example.com"), Cancelled);
        Assert.Equal([550, 250, 421, null], report.Recipients.Select(reply => reply?.Code));
        Assert.Null(report.Fault);
        Assert.Null(report.DotWritten);
        Assert.False(report.IsUsable);
    }

    [Fact]
    public async Task Content_that_cannot_be_read_or_sent_ends_before_the_dot()
    {
        var whole = new byte[200_000];
        Array.Fill(whole, (byte)'x');
        await AssertNoDot(
            "the content cannot be read: the disk is gone", () => new Pieces(whole, 10_000, brokenAt: 100_000));
        await AssertNoDot("the content holds a bare CR or LF", () => new Pieces("a\nb\r\n"u8.ToArray(), 100));
        await AssertNoDot("the content holds a bare CR or LF", () => new Pieces("a\r\n.\rb\r\n"u8.ToArray(), 1));
        await AssertNoDot("the content ends with a bare CR", () => new Pieces("a\r"u8.ToArray(), 100));

        static async Task AssertNoDot(string error, Func<IContentSource> open)
        {
            await using var host = ScriptedHost.Start();
            await using var session = await OpenAsync(host);
            var report = await session.SendAsync(Message() with { OpenContent = open }, Cancelled);
            Assert.Equal(error, report.ContentError);
            Assert.Null(report.DotWritten);
            Assert.Null(report.FinalDot);
            Assert.False(report.IsUsable);
            await host.WaitForAsync(it => it.OpenConnections == 0, Cancelled);
            Assert.False(Assert.Single(host.Transactions).DotCame);
        }
    }

    /// <summary>The replies to MAIL, the only RCPT, DATA and the dot.</summary>
    internal static string Codes(TransactionReport report) => string.Join(' ', new[]
    {
        report.Mail, report.Recipients[0], report.Data, report.FinalDot,
    }.Select(reply => reply is null ? "-" : $"{reply.Code}"));

    private static HostAnswer Answer(string script) => script switch
    {
        "drop" => HostAnswer.Drop,
        "reset" => HostAnswer.Reset,
        _ => HostAnswer.Say(script),
    };

    private static async Task NextMessageGoesThrough(ScriptedHost host, SmtpClientSession session)
    {
        host.Script = new HostScript();
        var report = await session.SendAsync(Message("next\r\n", "next@example.com"), Cancelled);
        Assert.Equal("250 250 354 250", Codes(report));
        var taken = Assert.Single(host.Taken);
        Assert.Equal("next\r\n", taken.Text);
        Assert.Equal(["next@example.com"], taken.Accepted);
        Assert.Equal(1, host.Connections);
    }
}
