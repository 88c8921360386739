using System.Globalization;
using TestTools;
using Xunit.Sdk;

namespace Crash;

/// <summary>
/// Many crashes, one line each: <c>dotnet run -c Release --project tests/Crash -- long --kills 500 --cuts 200</c>.
/// Bounded by --minutes; what was run is the last line.
/// </summary>
internal static class LongTier
{
    private const int FirstSyncs = 50;
    private const int CrashesARun = 25;
    private static readonly CrashMoment[] Moments = Enum.GetValues<CrashMoment>();

    /// <summary>Runs it.</summary>
    /// <returns>0: nothing is wrong. 1: the faults are printed.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter to)
    {
        var (kills, cuts) = (Number(args, "--kills", 500), Number(args, "--cuts", 200));
        var (syncs, starts) = (Number(args, "--syncs", FirstSyncs), Number(args, "--first-starts", 20));
        var seed = Number(args, "--seed", Environment.TickCount & 0xFFFF);
        using var bound = new CancellationTokenSource(TimeSpan.FromMinutes(Number(args, "--minutes", 240)));
        await to.WriteLineAsync($"seed {seed}: {kills} kills, {cuts} power cuts, {syncs} failed syncs, "
            + $"{starts} first starts");
        var done = new List<string>();
        try
        {
            await CrashAsync("kills", kills, cut: null, seed, to, done, bound.Token);
            var inDrive = cuts / 2;
            await CrashAsync(
                "power cuts of the file system", cuts - inDrive, PowerCut.FileSystem, seed, to, done, bound.Token);
            await CrashAsync("power cuts of the drive", inDrive, PowerCut.Drive, seed, to, done, bound.Token);
            await FailAsync(FailedSync.Commit, syncs, to, done, bound.Token);
            await FailAsync(FailedSync.Files, syncs, to, done, bound.Token);
            for (var files = 1; files <= starts; files++)
            {
                var cut = files % 2 == 0 ? PowerCut.Drive : PowerCut.FileSystem;
                await CheckAsync($"first start, power of the {Name(cut)} cut after {files} files",
                    await FirstAsync(cut, files, bound.Token), to);
            }

            done.Add($"{starts} first starts");
        }
        catch (OperationCanceledException) when (bound.IsCancellationRequested)
        {
            await to.WriteLineAsync($"out of time, seed {seed}; nothing lost in {string.Join(", ", done)}");
            return 1;
        }
        catch (Exception fault) when (fault is XunitException or RunException or OperationCanceledException)
        {
            await to.WriteLineAsync(fault.ToString());
            await to.WriteLineAsync($"FAILED, seed {seed}; nothing lost before in {string.Join(", ", done)}");
            return 1;
        }

        await to.WriteLineAsync($"nothing lost, seed {seed}: {string.Join(", ", done)}");
        return 0;
    }

    // A new gateway every so many crashes, on the other mount options, so that logs and images stay small.
    private static async Task CrashAsync(
        string what, int crashes, PowerCut? cut, int seed, TextWriter to, List<string> done, CancellationToken bound)
    {
        for (var before = 0; before < crashes; before += CrashesARun)
        {
            var options = before / CrashesARun % 2 == 0 ? PowerDisk.Torn : PowerDisk.Ordered;
            await using var disk = cut is { } how ? await PowerDisk.MakeAsync(how, options, bound) : null;
            await using var run = await CrashRun.StartAsync(disk, seed + before, bound);
            for (var i = 0; run.Crashes < Math.Min(CrashesARun, crashes - before); i++)
            {
                var moment = Moments[i % Moments.Length];
                await run.CrashAsync(moment, bound);
                await to.WriteLineAsync($"{what} {before + run.Crashes}/{crashes} {moment}: {run}");
            }

            var faults = await run.FinishAsync(bound);
            if (faults.Count > 0) await to.WriteLineAsync($"data is kept in {await run.KeepAsync(bound)}");
            await CheckAsync($"{what}, {run}", faults, to);
            done.Add($"{run.Crashes} {what} ({run.Oracle.Acked} messages)");
        }
    }

    // Up to the last that a thread comes to: files are synced less often than commits.
    private static async Task FailAsync(
        string call, int syncs, TextWriter to, List<string> done, CancellationToken bound)
    {
        var failed = 0;
        for (var sync = 1; sync <= syncs; sync++)
        {
            var (faults, hasFailed) = await FailedSync.RunAsync(call, sync, bound);
            await CheckAsync($"{call} {sync} {(hasFailed ? "fails" : "never comes")}", faults, to);
            if (hasFailed) failed++;
        }

        done.Add($"{failed} failed {call}s");
    }

    private static async Task<IReadOnlyList<string>> FirstAsync(PowerCut cut, int files, CancellationToken bound)
    {
        await using var disk = await PowerDisk.MakeAsync(cut, PowerDisk.Torn, bound);
        return await FirstStart.CutAsync(disk, files, metadataFirst: files % 4 == 1, bound);
    }

    private static string Name(PowerCut cut) => cut == PowerCut.Drive ? "drive" : "file system";

    private static async Task CheckAsync(string what, IReadOnlyList<string> faults, TextWriter to)
    {
        await to.WriteLineAsync($"{what}: {(faults.Count == 0 ? "nothing lost" : $"{faults.Count} faults")}");
        if (faults.Count > 0) throw new RunException(string.Join('\n', faults));
    }

    private static int Number(string[] args, string name, int otherwise)
    {
        var at = Array.IndexOf(args, name);
        return at < 0 ? otherwise : int.Parse(args[at + 1], CultureInfo.InvariantCulture);
    }
}
