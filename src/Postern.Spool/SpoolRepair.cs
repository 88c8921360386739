using System.Globalization;
using Postern.Mail;

namespace Postern.Spool;

/// <summary>
/// Makes a damaged store anew from all of it that can be read, while no gateway has it open. The old files are kept as
/// they are; the new store takes their place as one, so that a power cut leaves the one or the other. Once only.
/// </summary>
public sealed class SpoolRepair
{
    /// <summary>
    /// How many ids are passed over when some may be lost. The log of the store (WAL) has 128 MB at most, and no message
    /// takes less of it than 200 octets.
    /// </summary>
    private const long LostIds = 1_000_000;

    private readonly string _folder;
    private readonly string _store;
    private readonly List<string> _losses = [];

    private SpoolRepair(string folder) => (_folder, _store) = (folder, StoreOpening.FolderIn(folder));

    /// <summary>Repairs the store in <paramref name="folder"/>.</summary>
    /// <param name="folder">The folder of the spool.</param>
    /// <param name="now">Names what is kept.</param>
    /// <returns>What was found and done. A store in which every record fits every other is left alone.</returns>
    /// <exception cref="SpoolException">There is none, a gateway has it open, or nothing can be made of it; then all is
    /// as it was.</exception>
    public static SpoolRepairReport Run(string folder, DateTimeOffset now)
    {
        var repair = new SpoolRepair(Path.GetFullPath(folder));
        try
        {
            using var held = SpoolInspection.Lock(repair._store);
            return repair.Run(now);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SpoolException($"there is no spool in {folder}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SpoolException(e.Message, e);
        }
    }

    private SpoolRepairReport Run(DateTimeOffset now)
    {
        var (copy, made) = (_store + ".copy", _store + ".new");
        try
        {
            Copy(copy);
            var old = OpenCopy(copy);
            try
            {
                if (_losses.Count == 0 && Verify(old) is { FaultCount: 0 } sound)
                    return new SpoolRepairReport { After = sound, Losses = [], Lost = [] };
                var lost = Make(made, old);
                var after = Look(made);
                var kept = string.Create(CultureInfo.InvariantCulture, $"{_store}.damaged-{now:yyyyMMdd-HHmmss}");
                FolderSync.Sync(made);
                FolderExchange.Swap(_store, made);
                Directory.Move(made, kept);
                FolderSync.Sync(_folder);
                return new SpoolRepairReport { After = after, Losses = _losses, Lost = lost, Kept = kept };
            }
            finally
            {
                old.Close();
            }
        }
        finally
        {
            Remove(copy);
            Remove(made);
        }
    }

    // Tables never change, so that a second name is a copy of them.
    private void Copy(string copy)
    {
        Remove(copy);
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.EnumerateFiles(_store))
        {
            var name = Path.GetFileName(file);
            if (name == "LOCK") continue;
            if (name.EndsWith(".sst", StringComparison.Ordinal)) FolderExchange.Link(file, Path.Combine(copy, name));
            else File.Copy(file, Path.Combine(copy, name));
        }
    }

    private RocksStore OpenCopy(string copy)
    {
        // In a folder of its own name the copy is opened as the store would be.
        if (File.Exists(Path.Combine(copy, "CURRENT")))
        {
            var (whole, error) = RocksStore.Open(copy, WalReading.Strict);
            if (whole is not null) return whole;
            _losses.Add($"the store cannot be opened as it is: {error}");
            (whole, error) = RocksStore.Open(copy, WalReading.SkipsDamage);
            if (whole is not null) return whole;
            _losses.Add($"nor without the damaged parts of its log: {error}");
        }
        else
        {
            _losses.Add("the file CURRENT is missing");
        }
        if (RocksStore.RepairList(copy) is { } failure)
            throw new SpoolException($"nothing can be made of {_store}: {failure}");
        var (listed, refusal) = RocksStore.Open(copy, WalReading.SkipsDamage);
        if (listed is null) throw new SpoolException($"nothing can be made of {_store}: {refusal}");
        foreach (var file in Directory.Exists(Path.Combine(copy, "lost"))
            ? Directory.EnumerateFiles(Path.Combine(copy, "lost"), "*.sst") : [])
            _losses.Add($"{Path.GetFileName(file)} cannot be read");
        return listed;
    }

    private IReadOnlyList<SpoolFault> Make(string made, RocksStore old)
    {
        Remove(made);
        var (store, error) = RocksStore.Open(made, WalReading.Strict);
        if (store is null) throw new SpoolException($"{made} cannot be made: {error}");
        try
        {
            using var view = new StoreView(old);
            using var transfer = new RecordTransfer(view, store);
            transfer.Run(mayMiss: _losses.Count > 0 ? LostIds : 0, missIfDamaged: LostIds);
            return transfer.Lost;
        }
        finally
        {
            store.Close();
        }
    }

    private static SpoolReport Look(string made)
    {
        var (store, error) = RocksStore.Open(made, WalReading.Strict, readOnly: true);
        if (store is null) throw new SpoolException($"{made} cannot be read: {error}");
        try
        {
            return Verify(store);
        }
        finally
        {
            store.Close();
        }
    }

    private static SpoolReport Verify(RocksStore store)
    {
        using var view = new StoreView(store);
        return new SpoolVerification(view, [], null, default).Run();
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }
}

/// <summary>What a repair found and did. Immutable.</summary>
public sealed record SpoolRepairReport
{
    /// <summary>The store as it is now.</summary>
    public required SpoolReport After { get; init; }

    /// <summary>What of the store could not be read at all, in words; empty: all of its files could.</summary>
    public required IReadOnlyList<string> Losses { get; init; }

    /// <summary>Messages that were not taken over, because not all of their records can be read.</summary>
    public required IReadOnlyList<SpoolFault> Lost { get; init; }

    /// <summary>Where the old store is kept; null: nothing was wrong and nothing is changed.</summary>
    public string? Kept { get; init; }
}
