namespace Crash;

/// <summary>
/// One power cut while all mail waits, with or without effective syncs: what the proof rests on is that the oracle
/// tells these two apart.
/// </summary>
internal static class Control
{
    /// <summary>So many messages at least are answered 250 before the cut.</summary>
    public const int Messages = 50;

    // No commit by the kernel itself, which comes every five seconds.
    private const string Uncommitted = $"{PowerDisk.Ordered},commit=300";

    /// <summary>Hands in mail to a gateway under another program, cuts the power, and says what is wrong.</summary>
    /// <param name="under">The program and its arguments; empty: none.</param>
    /// <param name="patience">How long what was answered 250 has to arrive behind the cut.</param>
    /// <param name="bound">Gives up.</param>
    public static async Task<IReadOnlyList<string>> CutAsync(
        string[] under, TimeSpan patience, CancellationToken bound)
    {
        var oracle = new MailOracle();
        await using var disk = await PowerDisk.MakeAsync(PowerCut.Drive, Uncommitted, bound);
        await using var load = new MailLoad(oracle) { HostIsFull = true };
        await using var gateway = await GatewayProcess.PrepareAsync(load.Routes, CrashRun.Brisk, disk.Folder);
        // What the starts make is durable either way, so that the cut finds a store and no mail in it: eatmydata does
        // not see the syncs of folders, which ask libc itself, and these would bring half a store to the disk.
        await gateway.StartAgainAsync();
        Assert.Equal(0, await gateway.TerminateAsync());
        await gateway.StartAgainAsync(under);
        await disk.SyncAsync(bound);
        load.Begin(4, bound);
        load.Use(gateway.Smtp);
        await oracle.AckedAsync(Messages, bound);
        oracle.Crashing();
        await CrashBlow.StrikeAsync(gateway, disk, metadataFirst: false, bound);

        load.HostIsFull = false;
        await gateway.StartAgainAsync();
        load.Use(gateway.Smtp);
        // What comes behind the cut arrives: the host is not what mail is missing for.
        await oracle.AckedAsync(oracle.Acked + 1, bound);
        await load.EndAsync();
        await oracle.DrainAsync(patience, bound);
        return oracle.Verdict(0);
    }
}
