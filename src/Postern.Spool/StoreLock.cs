using Microsoft.Win32.SafeHandles;

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

    /// <summary>It is not told: the file LOCK was removed under who has it open.</summary>
    Unknown,
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
        StoreUse.Repair => "a 'postern spool repair'",
        _ => "another process",
    } + (Process > 0 ? $" (process {Process})" : "");
}

/// <summary>
/// The lock that whoever opens a store takes and that ends with its process. It is on the folder of the spool, which no
/// file in it undoes, and on the file LOCK of RocksDB, which tells what for: RocksDB locks all of it to write, and
/// takes no lock to read; commands lock one octet or two. On file systems whose folders have no lock, as on NFS, and
/// outside of Linux it is the file alone.
/// </summary>
public sealed class StoreLock : IDisposable
{
    private const int LookLength = 1, RepairLength = 2;
    private readonly SafeFileHandle? _folder;
    private FileStream? _file;

    private StoreLock(SafeFileHandle? folder) => _folder = folder;

    /// <summary>
    /// Who has the store of a spool open; null: nobody has, there is none, or it cannot be told, as outside of Linux.
    /// Keeps nobody out meanwhile. The own process is not seen.
    /// </summary>
    /// <param name="folder">The folder of the spool.</param>
    public static StoreHolder? HolderOf(string folder)
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            if (HolderBy(FileIn(folder)) is { } holder) return holder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // There is no such file, or it may not be read; the folder may tell more.
        }
        try
        {
            return LinuxCalls.HolderOfFolder(folder) is { } process && process != Environment.ProcessId
                ? new(StoreUse.Unknown, process) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Keeps all others out until it is disposed of. For a gateway RocksDB locks the file itself.</summary>
    /// <param name="folder">The folder of the spool.</param>
    /// <param name="use">What for.</param>
    /// <exception cref="SpoolException">Somebody has the store open, or it belongs to another user.</exception>
    /// <exception cref="DirectoryNotFoundException">There is none.</exception>
    internal static StoreLock Take(string folder, StoreUse use)
    {
        var store = StoreOpening.FolderIn(folder);
        // A gateway could neither read nor write what another user makes.
        if (use == StoreUse.Repair
            || (use == StoreUse.Look && Directory.Exists(store) && !File.Exists(FileIn(folder))))
        {
            RefuseForeign(store);
        }
        SafeFileHandle? held = null;
        if (OperatingSystem.IsLinux() && !LinuxCalls.TryLockFolder(folder, out held))
            throw new SpoolException(Refusal(HolderOf(folder), folder));
        var taken = new StoreLock(held);
        try
        {
            if (use != StoreUse.Gateway) taken.TakeFile(folder, use == StoreUse.Repair ? RepairLength : LookLength);
            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file?.Dispose();
        if (_folder is { IsClosed: false }) LinuxCalls.UnlockFolder(_folder);
    }

    /// <summary>Why a store cannot be opened that somebody has open, and what to do.</summary>
    internal static string Refusal(StoreHolder? holder, string folder) =>
        $"{holder?.ToString() ?? "another process"} has the spool in {folder} open; "
        + (holder is { Use: StoreUse.Look or StoreUse.Repair } ? "wait for its end" : "stop it first");

    private void TakeFile(string folder, int octets)
    {
        const FileShare Anybody = FileShare.ReadWrite | FileShare.Delete;
        _file = new FileStream(FileIn(folder), FileMode.OpenOrCreate, FileAccess.ReadWrite, Anybody);
        if (OperatingSystem.IsMacOS()) return;
        try
        {
            _file.Lock(0, octets);
        }
        catch (IOException e)
        {
            throw new SpoolException(Refusal(HolderOf(folder), folder), e);
        }
    }

    private static void RefuseForeign(string store)
    {
        if (OperatingSystem.IsLinux() && !LinuxCalls.IsOwn(store))
            throw new SpoolException($"{store} belongs to another user: run this as the gateway's user");
    }

    private static StoreHolder? HolderBy(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return LinuxCalls.LockOn(file.SafeFileHandle) is { } held
            ? new(held.Length switch
            {
                LookLength => StoreUse.Look,
                RepairLength => StoreUse.Repair,
                _ => StoreUse.Gateway,
            }, Math.Max(held.Process, 0))
            : null;
    }

    private static string FileIn(string folder) => Path.Combine(StoreOpening.FolderIn(folder), "LOCK");
}
