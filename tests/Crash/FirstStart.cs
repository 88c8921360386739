namespace Crash;

/// <summary>The power is cut within the very first start, when there is no store yet, or half of one.</summary>
internal static class FirstStart
{
    /// <summary>Cuts, starts again, hands in a message, cuts once more, and says what is wrong.</summary>
    /// <param name="disk">A new one.</param>
    /// <param name="files">After how many files have come or gone the first cut comes.</param>
    /// <param name="metadataFirst">As <see cref="PowerDisk.CutAsync"/> takes it.</param>
    /// <param name="bound">Gives up.</param>
    public static async Task<IReadOnlyList<string>> CutAsync(
        PowerDisk disk, int files, bool metadataFirst, CancellationToken bound)
    {
        var oracle = new MailOracle();
        await using var load = new MailLoad(oracle);
        await using var gateway = await GatewayProcess.PrepareAsync(load.Routes, CrashRun.Brisk, disk.Folder);
        await using (var watch = new StoreWatch(disk.Folder))
        {
            await gateway.BeginStartAsync();
            await Task.WhenAny(watch.ChangesAsync(files, bound), gateway.ListeningAsync());
        }

        await CrashBlow.StrikeAsync(gateway, disk, metadataFirst, bound);
        await gateway.StartAgainAsync();
        load.HostIsFull = true;
        load.Begin(1, bound);
        load.Use(gateway.Smtp);
        await oracle.AckedAsync(1, bound);
        oracle.Crashing();
        await CrashBlow.StrikeAsync(gateway, disk, metadataFirst, bound);
        await gateway.StartAgainAsync();
        load.HostIsFull = false;
        load.Use(gateway.Smtp);
        await load.EndAsync();
        await oracle.DrainAsync(TimeSpan.FromMinutes(1), bound);
        return oracle.Verdict(0);
    }
}
