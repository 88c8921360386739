using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Postern.Spool;

/// <summary>What Linux can do with files and folders and .NET does not have.</summary>
internal static partial class LinuxCalls
{
    // AT_FDCWD, RENAME_EXCHANGE and STATX_UID of Linux; struct statx is the same on every architecture.
    private const int Here = -100;
    private const uint Exchange = 2, User = 8, Inode = 0x100;
    private const int FactsLength = 256, UserAt = 20, InodeAt = 32, MajorAt = 136, MinorAt = 140;

    // F_GETLK, F_WRLCK and F_UNLCK of Linux.
    private const int AskLock = 5;
    private const short ToWrite = 1, NotLocked = 2;

    // O_CLOEXEC, LOCK_EX | LOCK_NB, LOCK_UN, and ENOENT, EWOULDBLOCK and EACCES of Linux.
    private const int NotInherited = 0x80000, AloneOrNot = 6, NoLonger = 8, NotThere = 2, IsHeld = 11, NotAllowed = 13;

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
        return BitConverter.ToUInt32(FactsOf(folder, User), UserAt) == EffectiveUser();
    }

    /// <summary>
    /// Takes the lock on a folder, which is held until <see cref="UnlockFolder"/> and ends with the process.
    /// </summary>
    /// <param name="folder">The folder; what is in it may come and go.</param>
    /// <param name="held">Null also where the file system has no locks on folders, as NFS.</param>
    /// <returns>False: somebody has it.</returns>
    /// <exception cref="IOException">The folder cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not open it.</exception>
    public static bool TryLockFolder(string folder, out SafeFileHandle? held)
    {
        held = null;
        var descriptor = Open(folder, NotInherited);
        if (descriptor < 0)
        {
            var message = $"{folder}: {Marshal.GetLastPInvokeErrorMessage()}";
            throw Marshal.GetLastPInvokeError() switch
            {
                NotThere => new DirectoryNotFoundException(message),
                NotAllowed => new UnauthorizedAccessException(message),
                _ => new IOException(message),
            };
        }
        var opened = new SafeFileHandle(descriptor, ownsHandle: true);
        if (LockFile(opened, AloneOrNot) == 0)
        {
            held = opened;
            return true;
        }
        var isHeld = Marshal.GetLastPInvokeError() == IsHeld;
        opened.Dispose();
        return !isHeld;
    }

    /// <summary>
    /// Gives back the lock on a folder and closes <paramref name="held"/>. To close it alone would leave the lock to a
    /// child that another thread starts at this moment: it has all descriptors until its exec.
    /// </summary>
    public static void UnlockFolder(SafeFileHandle held)
    {
        using (held) _ = LockFile(held, NoLonger);
    }

    /// <summary>
    /// The process that holds the lock on a folder; null: none, or the system does not tell it, as out of a container.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be looked at, or the system does not tell.</exception>
    public static int? HolderOfFolder(string folder)
    {
        var facts = FactsOf(folder, Inode);
        // proc_locks(5), as in "1: FLOCK  ADVISORY  WRITE 4711 08:01:131074 0 EOF".
        var (inode, major, minor) = (BitConverter.ToUInt64(facts, InodeAt), BitConverter.ToUInt32(facts, MajorAt),
            BitConverter.ToUInt32(facts, MinorAt));
        var file = string.Create(CultureInfo.InvariantCulture, $"{major:x2}:{minor:x2}:{inode}");
        return File.ReadLines("/proc/locks")
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words is [_, "FLOCK", _, _, _, var locked, ..] && locked == file)
            .Select(words => (int?)int.Parse(words[4], CultureInfo.InvariantCulture))
            .FirstOrDefault();
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

    private static byte[] FactsOf(string folder, uint wanted)
    {
        var facts = new byte[FactsLength];
        if (StatX(Here, folder, 0, wanted, facts) < 0)
            throw new IOException($"{folder}: {Marshal.GetLastPInvokeErrorMessage()}");
        return facts;
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

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int LockFile(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt2(int oneFolder, string one, int otherFolder, string other, uint flags);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkFile(string file, string name);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, Span<byte> facts);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();
}
