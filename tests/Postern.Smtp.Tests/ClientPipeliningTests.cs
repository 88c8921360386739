using Postern.Smtp.Client;
using Postern.TestHosts;
using static Postern.Smtp.Tests.ClientFixture;

namespace Postern.Smtp.Tests;

/// <summary>RFC 2920 §3.1, CL31: every reply counted, nothing sent for nobody, and no standstill.</summary>
public sealed class ClientPipeliningTests
{
    private static readonly string[] Many = [.. Enumerable.Range(0, 1000).Select(i => $"user{i}@example.com")];

    [Fact]
    public async Task A_thousand_recipients_and_a_host_that_answers_at_length_do_not_stand_still()
    {
        // About 10 MB of replies through small buffers: a host blocked in writing reads no command.
        var line = new string('x', 1900);
        var long250 = string.Join('\n', Enumerable.Repeat("250-" + line, 4).Append("250 " + line));
        await using var host = ScriptedHost.Start(new HostScript { Rcpt = (_, _) => long250 }, socketBuffer: 4096);
        await using var session = await OpenAsync(host);
        var report = await session.SendAsync(Message(Hello, Many), Cancelled);
        Assert.Null(report.Fault);
        Assert.Equal(250, report.FinalDot!.Code);
        Assert.Equal(Many, Assert.Single(host.Taken).Accepted);
        Assert.All(report.Recipients, reply => Assert.Equal(5, reply!.Lines.Count));
    }

    [Fact]
    public async Task Replies_stay_with_their_recipients_over_many_groups()
    {
        await using var host = ScriptedHost.Start(new HostScript
        {
            Rcpt = (_, path) => path.Contains('7', StringComparison.Ordinal)
                ? $"550 5.1.1 {path}" : $"250 2.1.5 {path}",
        });
        await using var session = await OpenAsync(host);
        var report = await session.SendAsync(Message(Hello, Many), Cancelled);
        Assert.Equal(Many, report.Recipients.Select(reply => reply!.Lines[0][6..]));
        Assert.Equal(Many.Where(path => !path.Contains('7', StringComparison.Ordinal)),
            Assert.Single(host.Taken).Accepted);
    }

    [Fact]
    public async Task Without_recipients_a_354_gets_a_dot_alone_that_nobody_is_told_of()
    {
        await using var host = ScriptedHost.Start(
            new HostScript { Rcpt = (_, _) => "550 5.1.1 no", Data = _ => "354 go on" });
        await using var session = await OpenAsync(host);
        var report = await session.SendAsync(Message(), Cancelled);
        Assert.Equal(550, report.Recipients[0]!.Code);
        Assert.Null(report.Data);
        Assert.Null(report.FinalDot);
        Assert.Null(report.DotWritten);
        Assert.Null(report.Fault);
        Assert.True(report.IsUsable);
        Assert.True(host.Transactions[0] is { DotCame: true, Content.Length: 0, Accepted.Count: 0 });

        host.Script = new HostScript();
        report = await session.SendAsync(Message(), Cancelled);
        Assert.Equal("250 250 354 250", ClientFaultTests.Codes(report));
    }

    [Theory]
    [InlineData("250 ok")]
    [InlineData("550 5.1.1 no")]
    public async Task Behind_a_failed_MAIL_no_reply_is_taken_for_an_answer(string rcpt)
    {
        // A host that goes on as if MAIL had been accepted: it may take an empty message for somebody.
        await using var host = ScriptedHost.Start(new HostScript
        {
            Mail = _ => $"451 4.3.0 later\n{rcpt}\n354 go on",
        });
        await using var session = await OpenAsync(host);
        var report = await session.SendAsync(Message(), Cancelled);
        Assert.Equal(451, report.Mail!.Code);
        Assert.All(report.Recipients, Assert.Null);
        Assert.Null(report.Data);
        Assert.Null(report.FinalDot);
        Assert.Null(report.DotWritten);
        Assert.False(session.IsUsable);
        Assert.Empty(host.Taken);
    }

    [Fact]
    public async Task A_connection_that_breaks_behind_a_failed_MAIL_changes_nothing_of_the_answer()
    {
        await using var host = ScriptedHost.Start(
            new HostScript { Mail = _ => HostAnswer.SayAndDrop("550 5.7.1 not from you") });
        await using var session = await OpenAsync(host);
        var report = await session.SendAsync(Message(), Cancelled);
        Assert.Equal(550, report.Mail!.Code);
        Assert.Null(report.Fault);
        Assert.False(report.IsUsable);
    }

    [Fact]
    public async Task Behind_a_demand_for_credentials_a_354_gets_no_dot()
    {
        // DATA went out with the recipients, one of whom was accepted: only the end of the connection takes that back.
        await using var host = ScriptedHost.Start(new HostScript
        {
            Rcpt = (_, path) => path.StartsWith('b') ? "530 5.7.0 authentication required" : "250 2.1.5 ok",
        });
        await using var session = await OpenAsync(host);
        var report = await session.SendAsync(Message(Hello, "a@example.com", "b@example.com"), Cancelled);
        Assert.Equal([250, 530], report.Recipients.Select(reply => reply!.Code));
        Assert.Null(report.Data);
        Assert.Null(report.DotWritten);
        Assert.Null(report.Fault);
        Assert.False(report.IsUsable);
        Assert.False(host.Transactions[0].DotCame);
        Assert.Empty(host.Taken);
    }

    [Fact]
    public async Task A_demand_for_credentials_ends_a_transaction_at_the_end_of_its_group()
    {
        await using var host = ScriptedHost.Start(new HostScript
        {
            Rcpt = (_, path) => path == Many[1] ? "535 5.7.8 not you" : "250 2.1.5 ok",
        });
        await using var session = await OpenAsync(host);
        var report = await session.SendAsync(Message(Hello, Many), Cancelled);
        Assert.Equal(535, report.Recipients[1]!.Code);
        Assert.Null(report.Recipients[^1]);
        Assert.DoesNotContain("DATA", Lines(host));
        Assert.True(report.IsUsable);
        report = await session.SendAsync(Message(), Cancelled);
        Assert.Equal("250 250 354 250", ClientFaultTests.Codes(report));
    }

    [Fact]
    public async Task A_host_without_PIPELINING_gets_one_command_at_a_time()
    {
        var early = 0;
        await using var host = ScriptedHost.Start(new HostScript
        {
            Rcpt = (transaction, _) =>
            {
                early += transaction.Recipients.Count;
                return "550 5.1.1 no";
            },
        }.Without("PIPELINING"));
        await using var session = await OpenAsync(host);
        var report = await session.SendAsync(Message(Hello, "a@example.com", "b@example.com"), Cancelled);
        Assert.All(report.Recipients, reply => Assert.Equal(550, reply!.Code));
        Assert.DoesNotContain("DATA", Lines(host));
        Assert.True(report.IsUsable);
        Assert.Equal(1, early);
    }

    [Fact]
    public async Task RSET_goes_in_front_of_the_next_MAIL_and_its_reply_is_counted()
    {
        await using var host = ScriptedHost.Start(new HostScript { Rcpt = (_, _) => "451 4.7.1 later" });
        await using var session = await OpenAsync(host);
        await session.SendAsync(Message(), Cancelled);
        host.Script = new HostScript { Rset = "500 5.5.1 never heard of it" };
        var report = await session.SendAsync(Message(), Cancelled);
        Assert.Null(report.Mail);
        Assert.True(report.Fault is { Stage: SmtpStage.Mail, Kind: SmtpFaultKind.WrongClass, Reply.Code: 500 });
        Assert.Empty(host.Taken);
    }

    [Fact]
    public async Task A_421_to_RSET_is_where_a_reused_connection_says_it()
    {
        await using var host = ScriptedHost.Start(new HostScript { Rcpt = (_, _) => "451 4.7.1 later" });
        await using var session = await OpenAsync(host);
        await session.SendAsync(Message(), Cancelled);
        host.Script = new HostScript { Rset = HostAnswer.SayAndDrop("421 4.3.2 enough") };
        var report = await session.SendAsync(Message(), Cancelled);
        Assert.Equal(421, report.Mail!.Code);
        Assert.False(report.IsUsable);
    }
}
