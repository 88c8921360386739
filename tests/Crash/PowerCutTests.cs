using TestTools;

namespace Crash;

/// <summary>
/// The same promise when the power goes: what no sync had brought to the disk is lost (hardening P1, §1.7). The quick
/// tier; Program.cs runs the long one.
/// </summary>
public sealed class PowerCutTests
{
    private const int Seed = 20;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(6);

    // The drive takes every phase, more than ten cuts in all: of a recovery there are two, and of a compaction
    // as many as it takes starts.
    [Fact]
    public Task Power_cuts_of_the_file_system_lose_nothing_and_double_no_more_than_was_on_the_wire() => CutAsync(
        PowerCut.FileSystem, CrashMoment.Taken, CrashMoment.NewTable);

    [Fact]
    public Task Power_cuts_of_the_drive_lose_nothing_and_double_no_more_than_was_on_the_wire() => CutAsync(
        PowerCut.Drive, CrashMoment.Load, CrashMoment.WalSwitch, CrashMoment.Recovery, CrashMoment.Shutdown,
        CrashMoment.Compaction);

    [Fact]
    public async Task A_power_cut_within_the_first_start_leaves_a_gateway_that_starts_and_takes_mail()
    {
        using var bound = CrashTests.Within(Bound);
        foreach (var (cut, files) in ((PowerCut, int)[])[
            (PowerCut.FileSystem, 1), (PowerCut.Drive, 4), (PowerCut.FileSystem, 8), (PowerCut.Drive, 13)])
        {
            await using var disk = await PowerDisk.MakeAsync(cut, PowerDisk.Torn, bound.Token);
            Assert.Empty(await FirstStart.CutAsync(disk, files, metadataFirst: files % 2 == 0, bound.Token));
        }
    }

    [Fact]
    public async Task Without_effective_syncs_the_same_power_cut_loses_acknowledged_mail_and_the_oracle_says_so()
    {
        using var bound = CrashTests.Within(Bound);
        var faults = await Control.CutAsync(
            [ForeignTool.EatMyData.Require()], TimeSpan.FromSeconds(5), bound.Token);
        Assert.InRange(faults.Count(fault => fault.StartsWith("O1: ", StringComparison.Ordinal)),
            Control.Messages, int.MaxValue);
        // The same cut of the same load, with the syncs as they are.
        Assert.Empty(await Control.CutAsync([], TimeSpan.FromSeconds(30), bound.Token));
    }

    private static async Task CutAsync(PowerCut cut, params CrashMoment[] moments)
    {
        using var bound = CrashTests.Within(Bound);
        await using var disk = await PowerDisk.MakeAsync(cut, PowerDisk.Torn, bound.Token);
        await using var run = await CrashRun.StartAsync(disk, Seed, bound.Token);
        await run.CrashAsync(moments, bound.Token);
        Assert.Empty(await run.FinishAsync(bound.Token));
        TestContext.Current.SendDiagnosticMessage($"{run}");
    }
}
