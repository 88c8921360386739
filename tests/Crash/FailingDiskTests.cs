using TestTools;

namespace Crash;

/// <summary>
/// Syncs that fail, one after the other, and a disk that fills up (hardening §1.3, §1.7): whatever the gateway says
/// then is what becomes of the mail, and it goes on by itself when the disk does.
/// </summary>
public sealed class FailingDiskTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(6);
    private const long SmallDisk = 96 << 20;

    /// <summary>The quick tier of the first fifty; those of the opening are among them.</summary>
    [Theory]
    [InlineData(FailedSync.Files, 1)]
    [InlineData(FailedSync.Files, 6)]
    [InlineData(FailedSync.Commit, 1)]
    [InlineData(FailedSync.Commit, 50)]
    public async Task When_a_sync_fails_what_was_accepted_arrives_and_what_was_refused_does_not(string call, int sync)
    {
        using var bound = Within(Bound);
        var (faults, hasFailed) = await FailedSync.RunAsync(call, sync, bound.Token);
        Assert.Empty(faults);
        Assert.True(hasFailed, "it never came to that sync");
    }

    [Theory]
    [InlineData(20_000)]
    [InlineData(100_000)]
    [InlineData(1_000_000)]
    public async Task A_first_start_on_a_full_disk_says_so_and_the_next_one_finds_nothing_half_made(long left)
    {
        using var bound = Within(Bound);
        await using var disk = await PowerDisk.MakeSmallAsync(SmallDisk, bound.Token);
        var oracle = new MailOracle();
        await using var load = new MailLoad(oracle);
        await using var gateway = await GatewayProcess.PrepareAsync(load.Routes, CrashRun.Brisk, disk.Folder);
        var filler = await disk.FillAsync(left, bound.Token);
        await StartOnFullDiskAsync(gateway);
        await gateway.KillAsync();
        File.Delete(filler);

        await gateway.StartAgainAsync();
        load.Begin(2, bound.Token);
        load.Use(gateway.Smtp);
        await oracle.AckedAsync(20, bound.Token);
        await load.EndAsync();
        await oracle.DrainAsync(TimeSpan.FromMinutes(2), bound.Token);
        Assert.Equal(0, await gateway.TerminateAsync());
        Assert.Empty(oracle.Verdict(0));
        Assert.Empty(await StoreCheck.FaultsAsync(gateway, isEmpty: true));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_disk_that_fills_up_under_load_costs_a_4xx_and_nothing_that_was_accepted(bool isKilled)
    {
        using var bound = Within(Bound);
        await using var disk = await PowerDisk.MakeSmallAsync(SmallDisk, bound.Token);
        var oracle = new MailOracle { KeepsWaits = false };
        await using var load = new MailLoad(oracle) { HostIsFull = true };
        await using var gateway = await GatewayProcess.PrepareAsync(load.Routes, CrashRun.Brisk, disk.Folder);
        await gateway.StartAgainAsync();
        var filler = await disk.FillAsync(left: 16 << 20, bound.Token);
        load.Begin(4, bound.Token);
        load.Use(gateway.Smtp);
        await oracle.RejectedAsync(20, bound.Token);

        // An end and a start on the full disk: they work, or say what is missing; either way nothing is lost.
        if (isKilled) await gateway.KillAsync();
        else await gateway.TerminateAsync();
        await StartOnFullDiskAsync(gateway);
        File.Delete(filler);
        load.HostIsFull = false;
        await gateway.KillAsync();
        await gateway.StartAgainAsync();
        load.Use(gateway.Smtp);

        await oracle.AckedAsync(oracle.Acked + 20, bound.Token);
        await load.EndAsync();
        await oracle.DrainAsync(TimeSpan.FromMinutes(2), bound.Token);
        Assert.Equal(0, await gateway.TerminateAsync());
        Assert.Empty(oracle.Verdict(0));
        Assert.Empty(await StoreCheck.FaultsAsync(gateway, isEmpty: true));
    }

    [Theory]
    [InlineData(DiskFullAt.WalSwitch, false)]
    [InlineData(DiskFullAt.WalSwitch, true)]
    [InlineData(DiskFullAt.Table, false)]
    [InlineData(DiskFullAt.Table, true)]
    public async Task A_disk_without_room_for_a_new_WAL_or_table_is_named_and_costs_nothing_that_was_accepted(
        string ending, bool isKilled)
    {
        using var bound = Within(Bound);
        var oracle = new MailOracle { KeepsWaits = !isKilled };
        await using var load = new MailLoad(oracle);
        await using var gateway = await GatewayProcess.StartAsync(load.Routes, CrashRun.Brisk);
        await using var full = await DiskFullAt.BeginAsync(gateway, ending, bound.Token);
        load.Begin(4, bound.Token);
        load.Use(gateway.Smtp);

        var told = await gateway.Log.WaitForAsync("The spool is closed: ");
        Assert.Contains("No space left on device: While ", told, StringComparison.Ordinal);
        Assert.Contains($"{ending}: No space left on device. The disk is full: make room, nothing was lost", told,
            StringComparison.Ordinal);
        await oracle.RejectedAsync(1, bound.Token);
        await using (var client = await SmtpProbe.GreetAsync(gateway.Smtp))
        {
            Assert.Equal("451 4.3.0 Mail cannot be stored now, try again later",
                await client.SayAsync("MAIL FROM:<a@src.example>"));
        }

        // Room, and the same gateway goes on by itself; or a crash before there is any, and the next one does.
        var onTheWire = 0;
        if (isKilled)
        {
            onTheWire = load.Host.OpenConnections;
            await gateway.KillAsync();
            await gateway.StartAgainAsync();
            load.Use(gateway.Smtp);
        }
        else
        {
            await full.EndAsync();
            await gateway.Log.WaitForAsync("The spool was reopened; mail goes on");
        }

        await oracle.AckedAsync(oracle.Acked + 20, bound.Token);
        await load.EndAsync();
        await oracle.DrainAsync(TimeSpan.FromMinutes(2), bound.Token);
        Assert.Equal(0, await gateway.TerminateAsync());
        Assert.Empty(oracle.Verdict(onTheWire));
        Assert.Empty(await StoreCheck.FaultsAsync(gateway, isEmpty: true));
    }

    private static async Task StartOnFullDiskAsync(GatewayProcess gateway)
    {
        try
        {
            await gateway.StartAgainAsync();
        }
        catch (RunException refused)
        {
            Assert.Contains("make room, nothing was lost", refused.Message, StringComparison.Ordinal);
        }
    }

    private static CancellationTokenSource Within(TimeSpan bound)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        source.CancelAfter(bound);
        return source;
    }
}
