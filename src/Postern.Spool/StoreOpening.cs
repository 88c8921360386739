using Postern.Mail;

namespace Postern.Spool;

/// <summary>
/// Opens the store and brings it to what was promised: without what was answered 451 and without half bodies.
/// </summary>
internal sealed class StoreOpening(string folder, RefusedMids refused)
{
    /// <summary>The format that this program reads and writes.</summary>
    public const byte FormatVersion = 1;

    /// <summary>How many messages one batch of the cleaning takes.</summary>
    private const int MessagesABatch = 1000;

    /// <summary>Opens, cleans, and makes what was done durable.</summary>
    /// <param name="mustGo">Messages of a failed commit, besides those that the file of the refused names.</param>
    /// <param name="batch">Free to use.</param>
    /// <returns>The store, or null and the reason.</returns>
    public (RocksStore? Store, string? Error) Open(IReadOnlyList<Mid> mustGo, RocksBatch batch)
    {
        RocksStore? store = null;
        string? error;
        try
        {
            (store, error) = OpenStore(folder, readOnly: false);
            if (store is not null)
                error = CheckFormat(store) ?? Clean(store, mustGo, batch);
        }
        catch (Exception e) when (e is SpoolException or IOException or UnauthorizedAccessException)
        {
            error = e.Message;
        }
        if (error is null)
            return (store, null);
        store?.Close();
        return (null, error);
    }

    /// <summary>True when nothing was ever written to the store.</summary>
    public static bool IsNew(RocksStore store)
    {
        Span<byte> version = stackalloc byte[1];
        return !TwinRecord.TryRead(store.Read, KeyLayout.Store, version);
    }

    /// <summary>Adds the record of a new store.</summary>
    public static void Mark(RocksBatch batch) => TwinRecord.Put(batch, KeyLayout.Store, [FormatVersion]);

    /// <summary>The folder of RocksDB in that of the spool.</summary>
    public static string FolderIn(string folder) => Path.Combine(folder, "store");

    /// <summary>Opens RocksDB, without a tail that a power cut left half written.</summary>
    /// <returns>The store, or null and the reason.</returns>
    /// <exception cref="IOException">Its files cannot be read.</exception>
    public static (RocksStore? Store, string? Error) OpenStore(string folder, bool readOnly)
    {
        var store = FolderIn(folder);
        if (HasLostWal(store)) return (null, $"Corruption: the WAL is missing in {store}");
        var opened = OpenWhole(store, WalReading.Strict, readOnly);
        if (opened.Error?.Contains("Corruption", StringComparison.Ordinal) == true && WalScan.EndsInTornTail(store))
            opened = OpenWhole(store, WalReading.DropsTornTail, readOnly);
        if (opened.Store is not { } whole || !HasLostAll(folder, whole)) return opened;
        whole.Close();
        return (null, $"Corruption: there is nothing in {store} any more; put its files back if you have them, or "
            + $"remove {RefusedMids.FileIn(folder)} to begin with an empty queue, whose ids begin anew");
    }

    // While there is a store there is a WAL, if only an empty one.
    private static bool HasLostWal(string store) => Directory.Exists(store)
        && IsNumbered(store, "*.sst") && !IsNumbered(store, "*.log");

    // Other files with these endings are not of the store.
    private static bool IsNumbered(string store, string pattern) => Directory.EnumerateFiles(store, pattern)
        .Any(file => Path.GetFileNameWithoutExtension(file).All(char.IsAsciiDigit));

    // The file is made when the store has its first record.
    private static bool HasLostAll(string folder, RocksStore store)
    {
        try
        {
            return File.Exists(RefusedMids.FileIn(folder)) && IsNew(store);
        }
        catch (UnreadableException)
        {
            return false;
        }
    }

    /// <summary>
    /// Opens RocksDB in its folder; an error where the file is missing that names its list of tables: it would begin
    /// anew.
    /// </summary>
    public static (RocksStore? Store, string? Error) OpenWhole(string folder, WalReading reading, bool readOnly)
    {
        var current = Path.Combine(folder, "CURRENT");
        // The file is there and durable before the first record is written.
        if (!File.Exists(current) && Directory.Exists(folder) && new DirectoryInfo(folder).EnumerateFiles()
            .Any(file => file.Extension is ".sst" or ".log" && file.Length > 0))
        {
            return (null, $"Corruption: {current} is missing");
        }
        return RocksStore.Open(folder, reading, readOnly);
    }

    /// <summary>Null, or that this program does not know the format of the store.</summary>
    public static string? CheckFormat(RocksStore store)
    {
        Span<byte> version = stackalloc byte[1];
        return !TwinRecord.TryRead(store.Read, KeyLayout.Store, version) || version[0] == FormatVersion ? null
            : $"it has format {version[0]}, this program knows {FormatVersion}";
    }

    private string? Clean(RocksStore store, IReadOnlyList<Mid> mustGo, RocksBatch batch)
    {
        foreach (var mids in mustGo.Concat(refused.Read()).Distinct().Chunk(MessagesABatch))
        {
            if (Remove(store, mids, batch) is { } error)
                return error;
        }
        while (FindUploads(store) is { Count: > 0 } orphans)
        {
            if (Remove(store, orphans, batch) is { } error)
                return error;
        }
        // The file tells that there is a store, and so it comes behind its first record.
        return IsNew(store) || refused.TryWrite([]) ? null : "the file 'refused' cannot be written";
    }

    private static string? Remove(RocksStore store, IReadOnlyList<Mid> mids, RocksBatch batch)
    {
        store.Begin(batch);
        foreach (var mid in mids)
            ChangeCommit.RemoveWhole(batch, mid);
        return store.Write(batch, sync: true);
    }

    private static List<Mid> FindUploads(RocksStore store)
    {
        var found = new List<Mid>();
        store.Scan(KeyLayout.FirstUpload, KeyLayout.AfterUploads, (key, _) =>
        {
            found.Add(KeyLayout.MidOf(key));
            return found.Count < MessagesABatch;
        });
        return found;
    }
}
