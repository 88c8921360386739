namespace Crash;

/// <summary>How a gateway is brought down: by <c>kill -9</c>, or with the power of its disk.</summary>
internal static class CrashBlow
{
    /// <summary>Brings it down; behind it the disk, if there is one, is what the cut left of it.</summary>
    /// <param name="gateway">Which; it may be anywhere in its start or end.</param>
    /// <param name="disk">Whose power is cut; null: none.</param>
    /// <param name="metadataFirst">As <see cref="PowerDisk.CutAsync"/> takes it.</param>
    /// <param name="bound">Gives up.</param>
    public static async Task StrikeAsync(
        GatewayProcess gateway, PowerDisk? disk, bool metadataFirst, CancellationToken bound)
    {
        if (disk is null)
        {
            await gateway.KillAsync();
            return;
        }

        await disk.CutAsync(gateway, metadataFirst);
        await disk.RestoreAsync(bound);
    }
}
