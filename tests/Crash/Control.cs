namespace Crash;

/// <summary>
/// One power cut while all mail waits, with or without effective syncs: what the proof rests on is that the oracle
/// tells these two apart.
/// </summary>
internal static class Control
{
    private const int Messages = 50;

    /// <summary>Hands in mail to a gateway under another program, cuts the power, and says what is wrong.</summary>
    public static async Task<IReadOnlyList<string>> CutAsync(string[] under, CancellationToken bound)
    {
        var oracle = new MailOracle();
        await using var disk = await PowerDisk.MakeAsync(PowerDisk.Octets, PowerDisk.Ordered, bound);
        await using var load = new MailLoad(oracle) { HostIsFull = true };
        await using var gateway = await GatewayProcess.PrepareAsync(load.Routes, CrashRun.Brisk, disk.Folder);
        await gateway.StartAgainAsync(under);
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
        await oracle.DrainAsync(TimeSpan.FromSeconds(20), bound);
        return oracle.Verdict(0);
    }
}
