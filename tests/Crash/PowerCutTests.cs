using TestTools;

namespace Crash;

/// <summary>
/// The same promise when the power goes: what no sync had brought to the disk is lost (hardening P1, §1.7). The quick
/// tier; Program.cs runs the long one.
/// </summary>
public sealed class PowerCutTests
{
    private const int Seed = 20;
    private const int Cuts = 10;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(6);

    [Fact]
    public async Task Ten_power_cuts_lose_nothing_and_double_no_more_than_was_on_the_wire()
    {
        using var bound = CrashTests.Within(Bound);
        await using var disk = await PowerDisk.MakeAsync(PowerDisk.Octets, PowerDisk.Torn, bound.Token);
        await using var run = await CrashRun.StartAsync(disk, Seed, bound.Token);
        await run.CrashAsync(Cuts, bound.Token);
        Assert.Empty(await run.FinishAsync(bound.Token));
        TestContext.Current.SendDiagnosticMessage($"{run}");
    }

    [Fact]
    public async Task A_power_cut_within_the_first_start_leaves_a_gateway_that_starts_and_takes_mail()
    {
        using var bound = CrashTests.Within(Bound);
        foreach (var files in (int[])[1, 4, 8, 13])
        {
            await using var disk = await PowerDisk.MakeAsync(PowerDisk.Octets, PowerDisk.Torn, bound.Token);
            Assert.Empty(await FirstStart.CutAsync(disk, files, metadataFirst: files % 2 == 0, bound.Token));
        }
    }

    [Fact]
    public async Task Without_effective_syncs_the_same_power_cut_loses_acknowledged_mail_and_the_oracle_says_so()
    {
        using var bound = CrashTests.Within(Bound);
        string[] pretended = [ForeignTool.Strace.Require(), "--seccomp-bpf", "-f", "-qq", "-o", "/dev/null",
            "-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:retval=0"];
        Assert.Contains(await Control.CutAsync(pretended, bound.Token),
            fault => fault.StartsWith("O1: ", StringComparison.Ordinal));
        // The same cut of the same load, with the syncs as they are.
        Assert.Empty(await Control.CutAsync([], bound.Token));
    }
}
