using TestTools;

namespace Crash;

/// <summary>
/// Syncs that fail, one after the other, and a disk that fills up (hardening §1.3, §1.7): whatever the gateway says
/// then is what becomes of the mail, and it goes on by itself when the disk does.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class FailingDiskTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(6);
    private const long SmallDisk = 96 << 20;

    /// <summary>The quick tier of the first fifty; those of the opening are among them.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(17)]
    [InlineData(50)]
    public async Task When_a_sync_fails_what_was_accepted_arrives_and_what_was_refused_does_not(int sync)
    {
        using var bound = Within(Bound);
        Assert.Empty(await FailedSync.FaultsAsync(sync, bound.Token));
    }

    [Fact]
    public async Task A_disk_that_fills_up_under_load_costs_a_4xx_and_nothing_that_was_accepted()
    {
        using var bound = Within(Bound);
        await using var disk = await PowerDisk.MakeAsync(SmallDisk, PowerDisk.Ordered, bound.Token);
        var oracle = new MailOracle();
        await using var load = new MailLoad(oracle) { HostIsFull = true };
        await using var gateway = await GatewayProcess.PrepareAsync(load.Routes, CrashRun.Brisk, disk.Folder);
        await gateway.StartAgainAsync();
        var filler = await disk.FillAsync(left: 16 << 20, bound.Token);
        load.Begin(4, bound.Token);
        load.Use(gateway.Smtp);
        await oracle.RejectedAsync(20, bound.Token);

        // A start on the full disk: it works, or says what is missing; either way nothing is lost.
        await gateway.KillAsync();
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
