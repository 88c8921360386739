using System.Diagnostics;
using TestTools;

namespace Crash;

/// <summary>
/// The promise of contract §4 under crashes at random and at named moments: what was answered 250 arrives, what was
/// refused does not, and a crash doubles at most the one message on each open connection between the host's 250 and our
/// commit (hardening P1, §1.4, §1.7). The quick tier; Program.cs runs the long one.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class CrashTests
{
    private const int Seed = 20;
    private const int Kills = 20;
    private const int Cuts = 10;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(6);

    private static readonly CrashMoment[] Moments =
    [
        CrashMoment.Load, CrashMoment.Taken, CrashMoment.Recovery, CrashMoment.Shutdown, CrashMoment.WalSwitch,
        CrashMoment.NewTable,
    ];

    [Fact]
    public async Task Twenty_kills_lose_nothing_and_double_no_more_than_was_on_the_wire()
    {
        using var bound = Within(Bound);
        await using var run = await CrashRun.StartAsync(null, Seed, bound.Token);
        await CrashAsync(run, Kills, bound.Token);
        Assert.Empty(await run.FinishAsync(bound.Token));
        TestContext.Current.SendDiagnosticMessage($"{run}");
    }

    [Fact]
    public async Task Ten_power_cuts_lose_nothing_and_double_no_more_than_was_on_the_wire()
    {
        using var bound = Within(Bound);
        await using var disk = await PowerDisk.MakeAsync(DiskOctets, PowerDisk.Torn, bound.Token);
        await using var run = await CrashRun.StartAsync(disk, Seed, bound.Token);
        await CrashAsync(run, Cuts, bound.Token);
        Assert.Empty(await run.FinishAsync(bound.Token));
        TestContext.Current.SendDiagnosticMessage($"{run}");
    }

    [Fact]
    public async Task Without_a_crash_nothing_is_doubled_and_no_reply_is_missing()
    {
        using var bound = Within(Bound);
        await using var run = await CrashRun.StartAsync(null, Seed, bound.Token);
        await run.Oracle.AckedAsync(300, bound.Token);
        Assert.Empty(await run.FinishAsync(bound.Token));
        Assert.Equal(0, run.Oracle.Unknown);
    }

    [Fact]
    public async Task A_power_cut_within_the_first_start_leaves_a_gateway_that_starts_and_takes_mail()
    {
        using var bound = Within(Bound);
        foreach (var files in (int[])[1, 4, 8, 13])
        {
            await using var disk = await PowerDisk.MakeAsync(DiskOctets, PowerDisk.Torn, bound.Token);
            Assert.Empty(await FirstStart.CutAsync(disk, files, metadataFirst: files % 2 == 0, bound.Token));
        }
    }

    [Fact]
    public async Task Without_effective_syncs_the_same_power_cut_loses_acknowledged_mail_and_the_oracle_says_so()
    {
        using var bound = Within(Bound);
        string[] pretended = [ForeignTool.Strace.Require(), "--seccomp-bpf", "-f", "-qq", "-o", "/dev/null",
            "-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:retval=0"];
        Assert.Contains(await Control.CutAsync(pretended, bound.Token),
            fault => fault.StartsWith("O1: ", StringComparison.Ordinal));
        // The same cut of the same load, with the syncs as they are.
        Assert.Empty(await Control.CutAsync([], bound.Token));
    }

    [Fact]
    public void The_oracle_finds_what_it_is_there_to_find()
    {
        var oracle = new MailOracle();
        oracle.Answered(oracle.Injecting("lost", "Subject: lost\r\n\r\n", ["bob@example.com"]), "250 2.0.0 queued");

        Assert.Equal("O1: lost was answered '250 2.0.0 queued', did not reach bob@example.com",
            Assert.Single(oracle.Verdict(0)));

        oracle = new MailOracle();
        oracle.OfferedAgain("bob@example.com", deferred: Stopwatch.GetTimestamp());
        oracle.OfferedAgain("carol@example.com", Stopwatch.GetTimestamp() - (3 * Stopwatch.Frequency));
        var beforeCrash = Stopwatch.GetTimestamp();
        oracle.Crashing();
        oracle.OfferedAgain("dave@example.com", beforeCrash);
        Assert.Equal("O8: bob@example.com was offered again 0.0 s after it was deferred",
            Assert.Single(oracle.Verdict(0)));
    }

    internal const long DiskOctets = 1L << 30;

    private static CancellationTokenSource Within(TimeSpan bound)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        source.CancelAfter(bound);
        return source;
    }

    // Each moment in turn; the last is the merge of the tables that the starts before it have left.
    private static async Task CrashAsync(CrashRun run, int crashes, CancellationToken bound)
    {
        for (var i = 0; run.Crashes < crashes - 1; i++) await run.CrashAsync(Moments[i % Moments.Length], bound);
        await run.CrashAsync(CrashMoment.Compaction, bound);
    }
}
