using System.Globalization;
using TestTools;

namespace Crash;

/// <summary>
/// The order of system calls: no 250 to a dot before a sync that began after that message's last octet was received
/// (hardening P1). What a power cut would show, without one.
/// </summary>
public sealed class SyncTraceTests
{
    private const int Clients = 4;
    private const int Messages = 10;

    private static readonly string[] Calls =
        ["fdatasync", "fsync", "recvmsg", "recvfrom", "read", "readv", "sendmsg", "sendto", "write", "writev"];

    [Fact]
    public async Task No_250_to_a_dot_before_a_sync_that_began_behind_the_last_octet()
    {
        var strace = ForeignTool.Strace.Require();
        using var folder = new TempFolder();
        var trace = folder.File("trace");
        await using (var gateway = await GatewayProcess.StartAsync("example.com /dev/null\n", "",
            [strace, "-f", "-yy", "-s", "2000", "-o", trace, "-e", "trace=" + string.Join(',', Calls)]))
        {
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => SendAsync(gateway, client)));
            Assert.Equal(0, await gateway.TerminateAsync());
        }

        var lines = await File.ReadAllLinesAsync(trace, TestContext.Current.CancellationToken);
        var check = new SyncTrace(lines);
        Assert.Equal(Clients * Messages, check.Accepted);
        Assert.Empty(check.Violations);

        // The control: the same trace without its syncs is all wrong, and so is one whose syncs came too early.
        var without = new SyncTrace(lines.Where(line => !line.Contains("sync(", StringComparison.Ordinal)));
        Assert.Equal(Clients * Messages, without.Violations.Count);
    }

    [Theory]
    [InlineData(0, "1 recvmsg(9<TCP:[a->b]>, {\".\\r\\n\"}) = 3", "2 fdatasync(7<w>) = 0", Reply)]
    [InlineData(1, "2 fdatasync(7<w>) = 0", "1 recvmsg(9<TCP:[a->b]>, {\".\\r\\n\"}) = 3", Reply)]
    [InlineData(1, "2 fdatasync(7<w> <unfinished ...>", "1 recvmsg(9<TCP:[a->b]>, {\".\\r\\n\"}) = 3",
        "2 <... fdatasync resumed>) = 0", Reply)]
    [InlineData(1, "1 recvmsg(9<TCP:[a->b]>, {\".\\r\\n\"}) = 3", "2 fdatasync(7<w> <unfinished ...>", Reply,
        "2 <... fdatasync resumed>) = 0")]
    [InlineData(1, "1 recvmsg(9<TCP:[a->b]>, {\".\\r\\n\"}) = 3", "2 fdatasync(7<w>) = -1 EIO (Input)", Reply)]
    [InlineData(0, "1 recvmsg(9<TCP:[a->b]>, <unfinished ...>", "1 <... recvmsg resumed>{\".\\r\\n\"}) = 3",
        "2 fdatasync(7<w> <unfinished ...>", "2 <... fdatasync resumed>) = 0", Reply)]
    public void The_check_knows_what_counts_as_a_sync(int violations, params string[] trace)
    {
        var check = new SyncTrace(trace);

        Assert.Equal(1, check.Accepted);
        Assert.Equal(violations, check.Violations.Count);
    }

    private const string Reply = "3 sendmsg(9<TCP:[a->b]>, {\"250 2.0.0 MID 5 queued\\r\\n\"}) = 25";

    private static async Task SendAsync(GatewayProcess gateway, int client)
    {
        await using var probe = await SmtpProbe.GreetAsync(gateway.Smtp);
        for (var i = 0; i < Messages; i++)
        {
            var reply = await probe.MessageAsync(
                "alice@src.example", ["bob@example.com"],
                string.Create(CultureInfo.InvariantCulture, $"Subject: {client}-{i}\r\n\r\ntext\r\n"));
            Assert.StartsWith("250 2.0.0 MID ", reply, StringComparison.Ordinal);
        }
    }
}
