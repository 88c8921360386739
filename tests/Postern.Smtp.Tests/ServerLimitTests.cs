using System.Text;
using Postern.Smtp.Server;

namespace Postern.Smtp.Tests;

/// <summary>Limits of contract §7 and their replies.</summary>
public sealed class ServerLimitTests
{
    private const string TooLong = "500 5.5.2 Command line too long\r\n";
    private const string Endless = "421 4.7.0 Command line too long again, closing\r\n";

    [Fact]
    public void D1_a_line_of_2048_octets_is_taken_and_one_more_is_not()
    {
        using var run = new ServerRun();
        run.Greet();
        Assert.Equal("250 2.0.0 OK\r\n", run.Ask("NOOP " + new string('x', 2041)));
        Assert.Equal(TooLong, run.Ask("NOOP " + new string('x', 2042)));
        Assert.Equal("250 2.0.0 OK\r\n", run.Ask("NOOP"));
        Assert.Contains("answered 500 5.5.2", Assert.Single(run.Receiver.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(int.MaxValue)]
    public void D1_the_session_goes_on_behind_an_overlong_line_and_ends_at_the_second(int segment)
    {
        var line = new string('x', 5000) + "\r";
        var (replies, _) = ServerRun.Whole(
            Encoding.ASCII.GetBytes($"{line}NOOP\r\nNOOP\r\n{line}\r\nNOOP\r\n"), segment);
        Assert.Equal("220 gw.example.com ESMTP Postern\r\n" + TooLong + "250 2.0.0 OK\r\n" + Endless, replies);
    }

    [Fact]
    public void D1_the_reply_does_not_wait_for_the_end_of_the_line_and_an_endless_line_is_cut()
    {
        using var run = new ServerRun();
        run.Greet();
        run.Send(new string('x', 2048));
        Assert.Equal(TooLong, run.Read());
        for (var i = 0; i < 99; i++) run.Send(new string('x', 9990));
        Assert.Equal("", run.Read());
        run.Send(new string('x', 20_000));
        Assert.Equal(Endless, run.Read());
        run.End();
    }

    [Fact]
    public void SV19_D4_recipients_past_the_limit_are_answered_452_and_those_before_stay()
    {
        using var run = new ServerRun(options => options with { MaxRecipients = 3 });
        run.Greet();
        run.Ask("MAIL FROM:<a@src.example>");
        run.Send("RCPT TO:<1@example.com>\r\nRCPT TO:<2@example.com>\r\nRCPT TO:<3@example.com>\r\n");
        run.Read();
        Assert.Equal("452 4.5.3 Too many recipients\r\n", run.Ask("RCPT TO:<4@example.com>"));
        Assert.Equal("452 4.5.3 Too many recipients\r\n", run.Ask("RCPT TO:<5@example.com>"));
        Assert.Single(run.Receiver.Problems);
        run.Ask("DATA");
        Assert.Equal("250 2.0.0 MID 1 queued\r\n", run.Ask("."));
        Assert.Equal(["1", "2", "3"], run.Receiver.Messages[0].Recipients.Select(r => r.ForwardPath.LocalPart));
    }

    [Fact]
    public void SV19_a_low_limit_keeps_what_was_accepted_however_many_recipients_follow()
    {
        using var run = new ServerRun(options => options with { MaxRecipients = 2 });
        run.Greet();
        run.Ask("MAIL FROM:<a@src.example>");
        for (var i = 1; i <= 2; i++) run.Ask($"RCPT TO:<{i}@example.com>");
        for (var i = 3; i <= 1002; i++)
            Assert.Equal("452 4.5.3 Too many recipients\r\n", run.Ask($"RCPT TO:<{i}@example.com>"));
        run.Ask("DATA");
        Assert.Equal("250 2.0.0 MID 1 queued\r\n", run.Ask("."));
        Assert.Equal(["1", "2"], run.Receiver.Messages[0].Recipients.Select(r => r.ForwardPath.LocalPart));
    }

    [Fact]
    public void D4_a_session_that_only_collects_refusals_ends()
    {
        using var run = new ServerRun(options => options with { MaxRefusedRecipients = 3 });
        run.Greet();
        run.Ask("MAIL FROM:<a@src.example>");
        for (var i = 0; i < 3; i++)
            Assert.StartsWith("550 ", run.Ask("RCPT TO:<b@ext.example>"), StringComparison.Ordinal);
        Assert.Equal("421 4.7.0 Too many errors, closing\r\n", run.Ask("RCPT TO:<b@ext.example>"));
    }

    [Fact]
    public void D5_the_error_after_20_ends_the_session_and_a_message_clears_the_count()
    {
        using var run = new ServerRun();
        run.Greet();
        for (var i = 0; i < 20; i++) Assert.Equal("500 5.5.1 Command not recognized\r\n", run.Ask("XYZZY"));
        run.Send("MAIL FROM:<a@src.example>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n.\r\n");
        Assert.EndsWith("queued\r\n", run.Read(), StringComparison.Ordinal);
        for (var i = 0; i < 20; i++) Assert.Equal("500 5.5.1 Command not recognized\r\n", run.Ask("XYZZY"));
        Assert.Equal("421 4.7.0 Too many errors, closing\r\n", run.Ask("XYZZY"));
        Assert.Equal(41, run.Receiver.Problems.Count);
        Assert.Equal("'XYZZY' answered 421 4.7.0 Too many errors, closing", run.Receiver.Problems[^1]);
    }

    [Fact]
    public void D5_commands_without_mail_end_a_session_but_QUIT_is_always_answered()
    {
        using var run = new ServerRun(options => options with { MaxIdleCommands = 10 });
        run.Greet();
        for (var i = 0; i < 9; i++) Assert.Equal("250 2.0.0 OK\r\n", run.Ask("RSET"));
        Assert.Equal("221 2.0.0 Bye\r\n", run.Ask("QUIT"));

        using var other = new ServerRun(options => options with { MaxIdleCommands = 10 });
        other.Greet();
        for (var i = 0; i < 9; i++) other.Ask("NOOP");
        Assert.Equal("421 4.7.0 Too many commands without mail, closing\r\n", other.Ask("NOOP"));
    }

    [Fact]
    public void SV52_D8_real_octets_count_not_what_SIZE_said_and_the_next_message_is_taken()
    {
        using var run = new ServerRun(options => options with { MaxMessageSize = 1000 });
        run.Greet();
        run.Send("MAIL FROM:<a@src.example> SIZE=10\r\nRCPT TO:<b@example.com>\r\nDATA\r\n");
        run.Read();
        for (var i = 0; i < 1000; i++) run.Send(new string('x', 998) + "\r\n");
        Assert.Equal("", run.Read());
        Assert.Equal("552 5.3.4 Message is larger than SIZE\r\n", run.Ask("."));
        Assert.True(run.Receiver.Octets <= 1000);
        Assert.Equal(["552 5.3.4 Message is larger than SIZE"], run.Receiver.Aborted);

        // 998 octets, CRLF: the limit itself. The stuffed dot and the final dot do not count.
        run.Send("MAIL FROM:<a@src.example> SIZE=1000\r\nRCPT TO:<b@example.com>\r\nDATA\r\n");
        run.Read();
        Assert.Equal("250 2.0.0 MID 1 queued\r\n", run.Ask(".." + new string('x', 997) + "\r\n."));
        Assert.Equal(1000, run.Receiver.Messages[0].Content.Length);
    }

    [Fact]
    public void T7_a_TLS_hello_on_the_plain_port_is_answered_and_closed()
    {
        foreach (var segment in (int[])[1, int.MaxValue])
        {
            byte[] hello = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, (byte)'\r', (byte)'\n'];
            var (replies, receiver) = ServerRun.Whole(hello, segment);
            Assert.Equal("220 gw.example.com ESMTP Postern\r\n"
                + "421 4.7.0 TLS handshake on a port without TLS, closing\r\n", replies);
            Assert.Contains("TLS", Assert.Single(receiver.Problems), StringComparison.Ordinal);
        }
    }

    // 50 MB through a session leave what they found: memory of buffers, whatever the size (V3).
    [Fact]
    public void V3_memory_does_not_grow_with_the_message()
    {
        using var run = new ServerRun(options => options with { MaxMessageSize = 100_000_000 });
        run.Receiver.KeepsContent = false;
        run.BeginContent();
        var line = Encoding.ASCII.GetBytes(new string('x', 998) + "\r\n");
        var piece = Enumerable.Repeat(line, 16).SelectMany(octets => octets).ToArray();
        for (var i = 0; i < 100; i++) run.Send(piece);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 3000; i++) run.Send(piece);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal("250 2.0.0 MID 1 queued\r\n", run.Ask("."));
        Assert.Equal(49_600_000, run.Receiver.Octets);
        Assert.True(allocated < 5_000_000, $"{allocated} octets were allocated for 48 MB");
    }

    [Fact]
    public void The_banner_and_the_reply_to_EHLO_follow_changed_options()
    {
        var changed = new SmtpServerOptions { HostName = Mail.Mailbox.Parse("a@one.example").Domain! };
        using var first = new ServerRun(_ => changed);
        Assert.Contains("SIZE 50000000", Ehlo(first), StringComparison.Ordinal);
        using var second = new ServerRun(_ => changed with { MaxMessageSize = 7 });
        Assert.Contains("SIZE 7\r\n", Ehlo(second), StringComparison.Ordinal);

        static string Ehlo(ServerRun run)
        {
            Assert.Equal("220 one.example ESMTP Postern\r\n", run.Read());
            return run.Ask("EHLO c.example");
        }
    }
}
