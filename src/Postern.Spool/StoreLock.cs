namespace Postern.Spool;

/// <summary>What a process has a store open for.</summary>
public enum StoreUse
{
    /// <summary>Mail comes in and goes out.</summary>
    Gateway,

    /// <summary>A command looks into it.</summary>
    Look,

    /// <summary>A command makes it anew.</summary>
    Repair,
}

/// <summary>Who has a store open.</summary>
/// <param name="Use">What for.</param>
/// <param name="Process">Its id; 0: the system does not tell it, as out of a container.</param>
public readonly record struct StoreHolder(StoreUse Use, int Process)
{
    /// <summary>As in <c>a gateway (process 4711)</c>.</summary>
    public override string ToString() => Use switch
    {
        StoreUse.Gateway => "a gateway",
        StoreUse.Look => "another 'postern spool'",
        _ => "a 'postern spool repair'",
    } + (Process > 0 ? $" (process {Process})" : "");
}

/// <summary>
/// The lock that whoever has a store open holds for as long as its process lives: on the file LOCK of RocksDB. RocksDB
/// locks all of it to write, and takes no lock to read; commands lock one octet or two, and are told apart by that.
/// </summary>
public static class StoreLock
{
    private const int LookLength = 1, RepairLength = 2;

    /// <summary>
    /// Who has the store of a spool open; null: nobody has, there is none, or it cannot be told, as outside of Linux.
    /// Keeps nobody out meanwhile. The own process is not seen.
    /// </summary>
    /// <param name="folder">The folder of the spool.</param>
    public static StoreHolder? HolderOf(string folder)
    {
        try
        {
            return OperatingSystem.IsLinux() ? HolderBy(FileIn(StoreOpening.FolderIn(folder))) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Keeps all others out until the file is closed.</summary>
    /// <exception cref="SpoolException">Somebody has the store open, or it belongs to another user.</exception>
    internal static FileStream Take(string store, StoreUse use)
    {
        var path = FileIn(store);
        // A gateway could neither read nor write what another user makes.
        if (use == StoreUse.Repair || (Directory.Exists(store) && !File.Exists(path))) RefuseForeign(store);
        const FileShare Anybody = FileShare.ReadWrite | FileShare.Delete;
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, Anybody);
        try
        {
            if (!OperatingSystem.IsMacOS()) file.Lock(0, use == StoreUse.Repair ? RepairLength : LookLength);
            return file;
        }
        catch (IOException e)
        {
            file.Dispose();
            var holder = OperatingSystem.IsLinux() ? HolderBy(path) : null;
            throw new SpoolException(Refusal(holder, store), e);
        }
    }

    /// <summary>Why a store cannot be opened that somebody has open, and what to do.</summary>
    internal static string Refusal(StoreHolder? holder, string store) =>
        $"{holder?.ToString() ?? "another process"} has the spool in {store} open; "
        + (holder is { Use: not StoreUse.Gateway } ? "wait for its end" : "stop it first");

    private static void RefuseForeign(string store)
    {
        if (OperatingSystem.IsLinux() && !FolderExchange.IsOwn(store))
            throw new SpoolException($"{store} belongs to another user: run this as the gateway's user");
    }

    private static StoreHolder? HolderBy(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return FolderExchange.LockOn(file.SafeFileHandle) is { } held
            ? new(held.Length switch
            {
                LookLength => StoreUse.Look,
                RepairLength => StoreUse.Repair,
                _ => StoreUse.Gateway,
            }, Math.Max(held.Process, 0))
            : null;
    }

    private static string FileIn(string store) => Path.Combine(store, "LOCK");
}
