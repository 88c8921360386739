using System.Runtime.InteropServices;

namespace Postern.Routing;

/// <summary>
/// Replaces files so that a reader, and a power cut, find the old content or the new, never a mixture.
/// </summary>
public static class AtomicFile
{
    private const int ReadOnlyDirectory = 0x10000; // O_RDONLY | O_DIRECTORY of Linux

    /// <summary>
    /// Writes a file: into a new one beside it, synced, renamed over it, and the folder synced. The mode of an existing
    /// file is kept; a new one gets what the umask leaves. Throws <see cref="IOException"/> when the disk fails.
    /// </summary>
    public static void Write(string path, ReadOnlySpan<byte> content) => Write(path, content, null);

    /// <summary>As <see cref="Write(string, ReadOnlySpan{byte})"/>, for what only its owner may read (0600).</summary>
    public static void WriteSecret(string path, ReadOnlySpan<byte> content) =>
        Write(path, content, UnixFileMode.UserRead | UnixFileMode.UserWrite);

    private static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode? mode)
    {
        var asGiven = path;
        path = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder)) throw Failure("there is no such folder", null);
        if (Directory.Exists(path)) throw Failure("it is a folder", null);
        var temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.tmp");
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            // From its first moment, so that nobody opens it before its mode is set.
            if (!OperatingSystem.IsWindows() && mode is not null) options.UnixCreateMode = mode;
            using (var file = new FileStream(temporary, options))
            {
                file.Write(content);
                if (!OperatingSystem.IsWindows() && mode is null && File.Exists(path))
                {
                    File.SetUnixFileMode(file.SafeFileHandle, File.GetUnixFileMode(path));
                }
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e)
        {
            File.Delete(temporary);
            // The temporary file is no name that the reader of the message knows.
            if (e is IOException) throw Failure(e.Message.Replace(temporary, path, StringComparison.Ordinal), e);
            if (e is UnauthorizedAccessException)
                throw new UnauthorizedAccessException($"{asGiven} cannot be written: permission denied", e);
            throw;
        }
        SyncFolder(folder);

        IOException Failure(string reason, Exception? inner) =>
            new($"{asGiven} cannot be written: {reason}", inner);
    }

    // A rename is on disk only when its folder is; .NET itself opens no folders.
    private static void SyncFolder(string folder)
    {
        var descriptor = open(folder, ReadOnlyDirectory);
        var failed = descriptor < 0 || fsync(descriptor) != 0;
        var error = Marshal.GetLastPInvokeErrorMessage();
        if (descriptor >= 0) _ = close(descriptor);
        if (failed) throw new IOException($"cannot sync {folder}: {error}");
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int fsync(int descriptor);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int close(int descriptor);
}
