using System.Text;
using Postern.Smtp.Client;
using Postern.TestHosts;
using static Postern.Smtp.Tests.ClientFixture;

namespace Postern.Smtp.Tests;

/// <summary>Content on its way: whole and exact, or ended before the dot (hardening §1.4, O4, P3).</summary>
public sealed class ClientContentTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(ContentTransferBlock - 6)]
    [InlineData(ContentTransferBlock)]
    [InlineData(3 * ContentTransferBlock)]
    [InlineData(5_000_000)]
    public async Task O4_Content_arrives_octet_by_octet(int octets)
    {
        await using var host = ScriptedHost.Start();
        await using var session = await OpenAsync(host);
        for (var shift = 0; shift < 3; shift++)
        {
            var content = LongText(octets + shift);
            var report = await session.SendAsync(Message(content), Cancelled);
            Assert.Equal(250, report.FinalDot!.Code);
            Assert.Equal(content, host.Taken[^1].Content);
            Assert.False(host.Taken[^1].HasBareLineEnd);
        }
    }

    private const int ContentTransferBlock = 32 * 1024;

    [Theory]
    [InlineData("452 4.3.1 full", SmtpFaultKind.WrongClass, 452)]
    [InlineData("552 5.3.4 too big", SmtpFaultKind.WrongClass, 552)]
    [InlineData("421 4.3.2 bye", SmtpFaultKind.WrongClass, 421)]
    [InlineData("250 2.0.0 accepted", SmtpFaultKind.WrongClass, 250)]
    [InlineData("nonsense", SmtpFaultKind.Malformed, 0)]
    [InlineData("drop", SmtpFaultKind.Lost, 0)]
    [InlineData("reset", SmtpFaultKind.Lost, 0)]
    public async Task D15_A_host_that_speaks_or_closes_within_the_content_ends_it_before_the_dot(
        string early, SmtpFaultKind kind, int code)
    {
        // It reads no more, so that a client which only writes would stand still for the whole data time-out.
        await using var host = ScriptedHost.Start(
            new HostScript
            {
                EarlyAfter = 50_000,
                EarlyAnswer = early switch { "drop" => HostAnswer.Drop, "reset" => HostAnswer.Reset, _ => early },
            }, socketBuffer: 8192);
        await using var session = await OpenAsync(host);
        var report = await session.SendAsync(Message(LongText(8_000_000)), Cancelled);
        Assert.Equal(SmtpStage.Content, report.Fault!.Stage);
        Assert.Equal(kind, report.Fault.Kind);
        Assert.Equal(code, report.Fault.Reply?.Code ?? 0);
        Assert.Null(report.FinalDot);
        Assert.Null(report.DotWritten);
        Assert.False(report.IsUsable);
    }

    [Fact]
    public async Task A_refusal_while_the_last_write_stands_still_is_the_reply_to_the_dot()
    {
        await using var host = ScriptedHost.Start(
            new HostScript { EarlyAfter = 1, EarlyAnswer = "552 5.3.4 too big" }, socketBuffer: 2048);
        var gate = new TaskCompletionSource();
        host.Script = host.Script with { ContentGate = gate.Task };
        await using var session = await OpenAsync(host);
        var content = LongText(30_000);
        var source = new Pieces(content, 40_000);
        var sending = session.SendAsync(Message(content) with { OpenContent = () => source }, Cancelled).AsTask();
        gate.SetResult();
        var report = await sending;
        // Whether the kernel took the whole write or not: it was refused, and is not uncertain.
        Assert.Equal(552, report.FinalDot!.Code);
        Assert.Null(report.Fault);
        Assert.NotNull(report.DotWritten);
    }

    [Fact]
    public async Task A_slow_host_gets_everything()
    {
        var gate = new TaskCompletionSource();
        await using var host = ScriptedHost.Start(new HostScript { ContentGate = gate.Task }, socketBuffer: 4096);
        await using var session = await OpenAsync(host);
        var content = LongText(8_000_000);
        var sending = session.SendAsync(Message(content), Cancelled).AsTask();
        await host.WaitForAsync(it => Lines(it).Contains("DATA"), Cancelled);
        Assert.False(sending.IsCompleted);
        gate.SetResult();
        var report = await sending;
        Assert.Equal(250, report.FinalDot!.Code);
        Assert.True(report.IsUsable);
        Assert.Equal(content, Assert.Single(host.Taken).Content);
    }

    /// <summary>Lines of all lengths, some with dots in front, octets of every kind but CR and LF.</summary>
    private static byte[] LongText(int octets)
    {
        var random = new Random(octets);
        var text = new StringBuilder();
        while (text.Length < Math.Min(octets, 50_000))
        {
            text.Append('.', random.Next(10) == 0 ? random.Next(4) : 0);
            var length = random.Next(120);
            for (var i = 0; i < length; i++) text.Append((char)random.Next(14, 256));
            text.Append("\r\n");
        }

        var once = Encoding.Latin1.GetBytes(text.ToString());
        return octets == 0 ? [] : [.. Enumerable.Repeat(once, 1 + (octets / once.Length)).SelectMany(part => part)];
    }
}
