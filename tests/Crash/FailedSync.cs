using TestTools;

namespace Crash;

/// <summary>One gateway under load, one sync of which fails with EIO.</summary>
internal static class FailedSync
{
    private const int Clients = 4;

    /// <summary>By which the committer makes mail durable.</summary>
    public const string Commit = "fdatasync";

    /// <summary>By which files and folders are made durable that come and go: tables, logs, the refused.</summary>
    public const string Files = "fsync";

    /// <summary>Runs it and says what is wrong.</summary>
    /// <param name="call">The call that fails.</param>
    /// <param name="sync">Which one of a thread fails, from 1: strace counts them by thread.</param>
    /// <param name="bound">Gives up.</param>
    /// <returns>What is wrong; false: there were not so many of these calls.</returns>
    public static async Task<(IReadOnlyList<string> Faults, bool HasFailed)> RunAsync(
        string call, int sync, CancellationToken bound)
    {
        using var folder = new TempFolder();
        var trace = folder.File("trace");
        string[] failing = [ForeignTool.Strace.Require(), "--seccomp-bpf", "-f", "-qq", "-o", trace,
            "-e", $"trace={call}", "-e", $"inject={call}:error=EIO:when={sync}"];
        var oracle = new MailOracle();
        await using var load = new MailLoad(oracle);
        await using var gateway = await GatewayProcess.PrepareAsync(load.Routes, CrashRun.Brisk);
        load.Begin(Clients, bound);
        if (await StartsAsync(gateway, failing))
        {
            load.Use(gateway.Smtp);
            // So many commits by so few clients that the committer comes to that sync.
            await oracle.AckedAsync(30 + sync * 2 * Clients, bound);
        }
        else
        {
            await gateway.StartAgainAsync();
            load.Use(gateway.Smtp);
            await oracle.AckedAsync(30, bound);
        }

        await load.EndAsync();
        await oracle.DrainAsync(TimeSpan.FromMinutes(1), bound);
        var code = await gateway.TerminateAsync();
        List<string> faults = [.. oracle.Verdict(0), .. await StoreCheck.FaultsAsync(gateway, isEmpty: true)];
        if (code != 0) faults.Add($"postern ended with {code}: {gateway.Errors}");
        return (faults, (await File.ReadAllTextAsync(trace, bound)).Contains("(INJECTED)", StringComparison.Ordinal));
    }

    // A start whose own syncs fail is refused with its reason.
    private static async Task<bool> StartsAsync(GatewayProcess gateway, string[] under)
    {
        try
        {
            await gateway.StartAgainAsync(under);
            return true;
        }
        catch (RunException)
        {
            return false;
        }
    }
}
