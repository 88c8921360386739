using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Postern.Spool;

/// <summary>Makes files durable, and the names in a folder, which a sync of the files themselves does not.</summary>
internal static partial class FolderSync
{
    /// <summary>Syncs a folder. Windows has no such call and needs none.</summary>
    /// <exception cref="IOException">It failed.</exception>
    public static void Sync(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = Open(folder, 0);
        if (descriptor < 0)
            throw new IOException($"{folder}: {Marshal.GetLastPInvokeErrorMessage()}");
        var result = FSync(descriptor);
        var message = result < 0 ? Marshal.GetLastPInvokeErrorMessage() : null;
        var closed = Close(descriptor);
        if (message is not null || closed < 0)
            throw new IOException($"{folder}: {message ?? Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>
    /// Syncs an open file. <c>RandomAccess.FlushToDisk</c> does the same call, and does not tell when it failed.
    /// </summary>
    /// <exception cref="IOException">It failed.</exception>
    public static void Sync(SafeFileHandle file)
    {
        if (FSync(file) < 0) throw new IOException(Marshal.GetLastPInvokeErrorMessage());
    }

    /// <summary>Syncs a folder and the files in it.</summary>
    /// <exception cref="IOException">It failed.</exception>
    public static void SyncAll(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder))
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
            Sync(file);
        }
        Sync(folder);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
