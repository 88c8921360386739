using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Postern.Routing;

/// <summary>Whose a file is, and of what kind (<c>st_mode</c> of inode(7)).</summary>
internal readonly record struct FileFacts(uint User, uint Group, ushort Mode)
{
    private const int KindMask = 0xF000, Regular = 0x8000, Folder = 0x4000;

    /// <summary>A plain file.</summary>
    public bool IsRegular => (Mode & KindMask) == Regular;

    /// <summary>A device, a pipe or a socket: what is written there goes on, and no name may be put in its place.
    /// </summary>
    public bool IsSpecial => (Mode & KindMask) is not (Regular or Folder);
}

/// <summary>The calls of Linux about files that .NET does not have.</summary>
internal static class LinuxFile
{
    // O_RDONLY | O_DIRECTORY, O_NOFOLLOW, AT_FDCWD and STATX_BASIC_STATS of Linux.
    private const int OpenFolder = 0x10000, NotThroughLink = 0x20000, Here = -100, BasicStats = 0x7FF;

    // struct statx is the same on every architecture, unlike struct stat.
    private const int FactsLength = 256, UserAt = 20, GroupAt = 24, ModeAt = 28;

    /// <summary>This process may give files away.</summary>
    public static bool IsRoot { get; } = OperatingSystem.IsLinux() && geteuid() == 0;

    /// <summary>Of a file or folder, links followed; null: there is none, or it cannot be reached.</summary>
    public static FileFacts? FactsOf(string path)
    {
        var facts = new byte[FactsLength];
        if (!OperatingSystem.IsLinux() || statx(Here, path, 0, BasicStats, facts) != 0) return null;
        return new(BitConverter.ToUInt32(facts, UserAt), BitConverter.ToUInt32(facts, GroupAt),
            BitConverter.ToUInt16(facts, ModeAt));
    }

    /// <summary>Gives an open file to a user and a group; false: the system does not let this process.</summary>
    public static bool Give(SafeFileHandle file, FileFacts owner) => fchown(file, owner.User, owner.Group) == 0;

    /// <summary>The same for a folder; nothing is given away through a link that was put in its place.</summary>
    public static bool GiveFolder(string path, FileFacts owner)
    {
        using var folder = open(path, OpenFolder | NotThroughLink);
        return !folder.IsInvalid && Give(folder, owner);
    }

    /// <summary>
    /// Puts what was written to an open file on the disk. <c>FileStream.Flush(true)</c> does the same call, and
    /// does not tell when it failed.
    /// </summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public static void Sync(FileStream file)
    {
        file.Flush();
        if (fsync(file.SafeFileHandle) != 0)
            throw new IOException($"cannot sync {file.Name}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Puts the names in a folder on the disk.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public static void SyncFolder(string path)
    {
        using var folder = open(path, OpenFolder);
        if (folder.IsInvalid || fsync(folder) != 0)
            throw new IOException($"cannot sync {path}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern SafeFileHandle open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int fsync(SafeFileHandle descriptor);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int fchown(SafeFileHandle descriptor, uint user, uint group);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint geteuid();

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int statx(
        int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] facts);
}
