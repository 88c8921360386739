using System.Globalization;

namespace Postern.Spool;

/// <summary>
/// Makes a damaged store anew from all of it that can be read, while no gateway has it open. The new one takes its
/// place as one, whole and synced, so that a kill or a power cut at any moment leaves the one or the other; the old one
/// is kept as it was. Once only; for one thread.
/// </summary>
public sealed class SpoolRepair
{
    private readonly string _folder;
    private readonly string _store;
    private readonly Action<long>? _progress;

    private SpoolRepair(string folder, Action<long>? progress) =>
        (_folder, _store, _progress) = (folder, Real(StoreOpening.FolderIn(folder)), progress);

    // What is made stands beside what it replaces, on the same file system, also where that is reached by a link.
    private static string Real(string store) =>
        new DirectoryInfo(store).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? store;

    /// <summary>Repairs the store in <paramref name="folder"/>.</summary>
    /// <param name="folder">The folder of the spool.</param>
    /// <param name="now">Names what is kept.</param>
    /// <param name="progress">Told now and then how many records were read or written.</param>
    /// <returns>What was found and done. A store in which every record fits every other is left alone.</returns>
    /// <exception cref="SpoolException">There is none, a gateway has it open, it belongs to another user, or a new one
    /// cannot be made; all is as it was.</exception>
    public static SpoolRepairReport Run(string folder, DateTimeOffset now, Action<long>? progress = null)
    {
        var repair = new SpoolRepair(Path.GetFullPath(folder), progress);
        if (!Directory.Exists(repair._store)) throw new SpoolException($"there is no spool in {repair._folder}");
        if (!OperatingSystem.IsLinux()) throw new SpoolException("a store is repaired on Linux only");
        try
        {
            using var held = StoreLock.Take(repair._folder, StoreUse.Repair);
            return repair.Run(now);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SpoolException($"{e.Message.TrimEnd('.')}. The store is as it was", e);
        }
    }

    private SpoolRepairReport Run(DateTimeOffset now)
    {
        var (copy, made) = (_store + ".repair-copy", _store + ".repair-new");
        // What a repair has left that was killed.
        Remove(copy);
        Remove(made);
        var (sound, fault) = Look();
        if (sound is not null) return new SpoolRepairReport { Store = sound, LeftOut = [], NotTaken = [] };
        try
        {
            var damaged = new DamagedCopy(_store, copy);
            var transfer = Make(damaged, made);
            var kept = FreeName(string.Create(
                CultureInfo.InvariantCulture, $"{_store}.damaged-{now:yyyyMMdd-HHmmss}"));
            var report = new SpoolRepairReport
            {
                LeftOut = fault is null ? damaged.LeftOut : [fault, .. damaged.LeftOut],
                NotTaken = [.. transfer.NotTaken.Select(damage => damage with
                {
                    Reason = damage.Reason.Replace(copy, kept, StringComparison.Ordinal),
                })],
                NotTakenCount = transfer.NotTakenCount,
                Store = Verify(Opened(made, readOnly: true)),
                Kept = kept,
            };
            FolderSync.SyncAll(made);
            Exchange(made, kept);
            return report;
        }
        finally
        {
            Remove(copy);
            Remove(made);
        }
    }

    // Two repairs may take place within one second.
    private static string FreeName(string name)
    {
        var free = name;
        for (var number = 2; Path.Exists(free); number++)
            free = string.Create(CultureInfo.InvariantCulture, $"{name}-{number}");
        return free;
    }

    // The store as it is: what it holds, when nothing is wrong; why it does not open, when it does not.
    private (SpoolReport? Sound, string? Fault) Look()
    {
        var (store, error) = StoreOpening.OpenStore(_folder, readOnly: true);
        if (store is null) return (null, $"the store does not open: {error}");
        var report = Verify(store);
        return report.FaultCount == 0 ? (report, null) : (null, null);
    }

    private RecordTransfer Make(DamagedCopy damaged, string made)
    {
        var old = damaged.Open();
        RocksStore? store = null;
        try
        {
            if (ForeignFormat(old) is { } foreign) throw new SpoolException($"the spool in {_folder}: {foreign}");
            store = Opened(made, readOnly: false);
            using var transfer = new RecordTransfer(old, store, _progress);
            transfer.Run();
            return transfer;
        }
        finally
        {
            store?.Close();
            old.Close();
        }
    }

    private static string? ForeignFormat(RocksStore store)
    {
        try
        {
            return StoreOpening.CheckFormat(store);
        }
        catch (UnreadableException)
        {
            // There is only one so far.
            return null;
        }
    }

    // The new store gets the name first by which the old one is kept. Were it the other way round, a kill in between
    // would leave the old one under the name of what the next repair removes.
    private void Exchange(string made, string kept)
    {
        Directory.Move(made, kept);
        try
        {
            LinuxCalls.Swap(_store, kept);
        }
        catch (IOException)
        {
            Directory.Move(kept, made);
            throw;
        }
        FolderSync.Sync(_folder);
    }

    private SpoolReport Verify(RocksStore store)
    {
        try
        {
            using var view = new StoreView(store);
            return new SpoolVerification(view, new RefusedMids(_folder).Read(), _progress, default).Run();
        }
        finally
        {
            store.Close();
        }
    }

    private static RocksStore Opened(string made, bool readOnly)
    {
        var (store, error) = RocksStore.Open(made, WalReading.Strict, readOnly);
        return store ?? throw new SpoolException($"{made} cannot be made: {error}");
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }
}
