using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Postern.Spool;

/// <summary>What Linux can do with files and folders and .NET does not have.</summary>
internal static partial class FolderExchange
{
    // AT_FDCWD, RENAME_EXCHANGE and STATX_UID of Linux; struct statx is the same on every architecture.
    private const int Here = -100;
    private const uint Exchange = 2, User = 8;
    private const int FactsLength = 256, UserAt = 20;

    // F_GETLK, F_WRLCK and F_UNLCK of Linux.
    private const int AskLock = 5;
    private const short ToWrite = 1, NotLocked = 2;

    /// <summary>Lets two folders change their names, so that at no moment one of the names is missing.</summary>
    /// <exception cref="IOException">It failed, and nothing is changed.</exception>
    public static void Swap(string one, string other)
    {
        if (RenameAt2(Here, one, Here, other, Exchange) < 0)
            throw new IOException($"{one} and {other} cannot change names: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Gives a file a second name.</summary>
    /// <exception cref="IOException">It failed.</exception>
    public static void Link(string file, string name)
    {
        if (LinkFile(file, name) < 0) throw new IOException($"{name}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>True when a folder belongs to the user that this process runs as.</summary>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public static bool IsOwn(string folder)
    {
        var facts = new byte[FactsLength];
        if (StatX(Here, folder, 0, User, facts) < 0)
            throw new IOException($"{folder}: {Marshal.GetLastPInvokeErrorMessage()}");
        return BitConverter.ToUInt32(facts, UserAt) == EffectiveUser();
    }

    /// <summary>
    /// The lock of another process that keeps this one from locking all of a file, with its octets (0: to the end, and
    /// beyond) and the id of its process; null: there is none.
    /// </summary>
    /// <exception cref="IOException">The system does not tell.</exception>
    public static (long Length, int Process)? LockOn(SafeFileHandle file)
    {
        var asked = new FileRegion { Type = ToWrite };
        if (Control(file, AskLock, ref asked) < 0)
            throw new IOException($"the lock of a file: {Marshal.GetLastPInvokeErrorMessage()}");
        return asked.Type == NotLocked ? null : (asked.Length, asked.Process);
    }

    // struct flock of Linux with 64 bits.
    [StructLayout(LayoutKind.Sequential)]
    private struct FileRegion
    {
        public short Type;
        public short From;
        public long Start;
        public long Length;
        public int Process;
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, int command, ref FileRegion region);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt2(int oneFolder, string one, int otherFolder, string other, uint flags);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkFile(string file, string name);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, Span<byte> facts);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();
}
