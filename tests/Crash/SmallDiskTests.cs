using Postern.TestHosts;

namespace Crash;

/// <summary>
/// The two thresholds of free space on a small file system (hardening V1, V2): new mail stops first, and what was
/// accepted is delivered and finished on a disk that takes nothing else.
/// </summary>
public sealed class SmallDiskTests
{
    private const long Megabyte = 1_000_000;
    private const string DiskFull = "452 4.3.1 Insufficient system storage, try again later";
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly HostScript Full = new() { Dot = _ => "452 4.2.2 full" };

    private const string Settings = """
        [bounce_profile.default]
        initial_wait = "1s"
        max_wait = "1s"
        [spool]
        free_space_soft = "120MB"
        free_space_hard = "60MB"
        """;

    [Fact]
    public async Task New_mail_is_refused_first_and_accepted_mail_is_finished_for_good_on_a_full_disk()
    {
        using var bound = new CancellationTokenSource(Bound);
        await using var disk = await PowerDisk.MakeSmallAsync(256 << 20, bound.Token);
        await using var host = ScriptedHost.Start(Full);
        await using var gateway =
            await GatewayProcess.PrepareAsync($"example.com {host.EndPoint}\n", Settings, disk.Folder);
        await gateway.StartAgainAsync();
        await using var waiting = await SmtpProbe.GreetAsync(gateway.Smtp);
        await using var client = await SmtpProbe.GreetAsync(gateway.Smtp);
        Assert.StartsWith("250 ", await client.MessageAsync("alice@src.example", ["bob@example.com"],
            "Subject: kept\r\n\r\nx\r\n"), StringComparison.Ordinal);
        await BeginAsync(waiting);

        // Between the thresholds: nothing new; sooner where the client says how much it brings.
        var filler = await disk.FillAsync(140 * Megabyte, bound.Token);
        await RepliesAsync(client, "MAIL FROM:<a@src.example> SIZE=40000000", DiskFull, bound.Token);
        Assert.StartsWith("250 ", await client.SayAsync("MAIL FROM:<a@src.example>"), StringComparison.Ordinal);
        await client.SayAsync("RSET");
        File.Delete(filler);
        filler = await disk.FillAsync(100 * Megabyte, bound.Token);
        await RepliesAsync(client, "MAIL FROM:<a@src.example>", DiskFull, bound.Token);

        // Below both: what had begun is refused as well, and what was accepted is delivered.
        File.Delete(filler);
        filler = await disk.FillAsync(30 * Megabyte, bound.Token);
        await gateway.Log.WaitForAsync("fewer than free_space_hard (60 MB)");
        Assert.Equal(DiskFull, await waiting.SayAsync("late\r\n."));
        host.Script = new HostScript();
        await gateway.Log.WaitForAsync("Message finished MID ");

        // That it is finished is on the disk, full as it is.
        await gateway.KillAsync();
        await gateway.StartAgainAsync();
        File.Delete(filler);
        await using var later = await SmtpProbe.GreetAsync(gateway.Smtp);
        await RepliesAsync(later, "MAIL FROM:<a@src.example>", "250 2.1.0 Sender OK", bound.Token);
        Assert.Equal(0, await gateway.TerminateAsync());
        Assert.EndsWith("Subject: kept\r\n\r\nx\r\n", Assert.Single(host.Taken).Text, StringComparison.Ordinal);
        Assert.Empty(await StoreCheck.FaultsAsync(gateway, isEmpty: true));
    }

    private static async Task BeginAsync(SmtpProbe client)
    {
        await client.SayAsync("MAIL FROM:<late@src.example>");
        await client.SayAsync("RCPT TO:<bob@example.com>");
        Assert.StartsWith("354", await client.SayAsync("DATA"), StringComparison.Ordinal);
    }

    // The gateway looks at its disk once a second.
    private static async Task RepliesAsync(SmtpProbe client, string command, string reply, CancellationToken bound)
    {
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        while (await client.SayAsync(command) != reply)
        {
            await client.SayAsync("RSET");
            await timer.WaitForNextTickAsync(bound);
        }
    }
}
