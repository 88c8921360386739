namespace Postern.Routing;

/// <summary>
/// Replaces files so that a reader, and a power cut, find the old content or the new, never a mixture. A write that
/// fails is not in force: what stood there before stands there again, durably. Only where that fails as well the new
/// content may be in force, and an <see cref="UncertainWriteException"/> says so.
/// </summary>
public static class AtomicFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// Writes a file: into a new one beside it, synced, renamed over it, and the folder synced. Mode and owner of an
    /// existing file are kept; a new one gets what the umask leaves, and its owner as <see cref="FileOwner"/> says.
    /// Throws <see cref="IOException"/> when the disk fails; then the file is as it was, unless it is an
    /// <see cref="UncertainWriteException"/>.
    /// </summary>
    public static void Write(string path, ReadOnlySpan<byte> content) => Write(path, content, null, null);

    /// <summary>As <see cref="Write(string, ReadOnlySpan{byte})"/>, for what only its owner may read (0600).</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">All of it.</param>
    /// <param name="asOwnerOf">
    /// A file or folder whose owner is to read it, when root writes; null: as for any other file.
    /// </param>
    public static void WriteSecret(string path, ReadOnlySpan<byte> content, string? asOwnerOf = null) =>
        Write(path, content, OwnerOnly, asOwnerOf);

    /// <summary>
    /// Writes to the place that a person has named: a link stays one and what it leads to is replaced; a device or a
    /// pipe is written into. Throws <see cref="IOException"/> when that fails.
    /// </summary>
    public static void WriteTo(string place, ReadOnlySpan<byte> content)
    {
        Check(place);
        var facts = LinuxFile.FactsOf(place);
        var isOpenFile = IsOpenFile(Path.GetFullPath(place));
        if (facts is not { } there || (!there.IsSpecial && !isOpenFile))
        {
            Write(TargetOf(place), content);
            return;
        }
        try
        {
            using var stream = new FileStream(
                place, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (there.IsRegular) stream.Seek(0, SeekOrigin.End);
            stream.Write(content);
        }
        catch (IOException e)
        {
            throw Failure(place, e.Message, e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw Denied(place, e);
        }
    }

    /// <summary>Puts what was written to an open file on the disk.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public static void Sync(FileStream file) => LinuxFile.Sync(file);

    /// <summary>Takes a file away, and syncs its folder.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public static void Delete(string path)
    {
        path = Path.GetFullPath(path);
        File.Delete(path);
        LinuxFile.SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Takes back what was written before something failed without which it must not be in force.</summary>
    /// <param name="failure">What failed.</param>
    /// <param name="undo">Puts back what stood there before.</param>
    /// <exception cref="UncertainWriteException">That failed as well; its message begins with the failure.</exception>
    public static void TakeBack(Exception failure, Action undo)
    {
        try
        {
            undo();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UncertainWriteException(failure, e);
        }
    }

    /// <summary>The file that a path leads to behind all links, also where it does not exist yet.</summary>
    public static string TargetOf(string path)
    {
        path = Path.GetFullPath(path);
        return new FileInfo(path).LinkTarget is null ? path
            : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;
    }

    private static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode? mode, string? asOwnerOf)
    {
        Check(path);
        var asGiven = path;
        path = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(path);
        if (folder is null || Directory.Exists(path)) throw Failure(asGiven, "it is a folder", null);
        if (!Directory.Exists(folder)) throw Failure(asGiven, "there is no such folder", null);
        // Open before its name is given to another one: what is put back when the folder cannot be synced.
        using var before = File.Exists(path) ? OpenBefore(path, asGiven) : null;
        var next = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.tmp");
        try
        {
            using (var file = Create(next, path, asGiven, mode, asOwnerOf))
            {
                file.Write(content);
                Sync(file);
            }
            File.Move(next, path, overwrite: true);
        }
        catch (Exception e)
        {
            File.Delete(next);
            // The temporary file is no name that the reader of the message knows.
            if (e is IOException) throw Failure(asGiven, e.Message.Replace(next, path, StringComparison.Ordinal), e);
            if (e is UnauthorizedAccessException) throw Denied(asGiven, e);
            throw;
        }
        try
        {
            // A rename is on disk only when its folder is.
            LinuxFile.SyncFolder(folder);
        }
        catch (IOException e)
        {
            // The new content is seen already, and whoever is told of a failure does not reckon with it.
            var failure = Failure(asGiven, e.Message, e);
            TakeBack(failure, () => PutBack(before, next, path, mode));
            throw failure;
        }
    }

    private static FileStream OpenBefore(string path, string asGiven)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (UnauthorizedAccessException e)
        {
            throw Denied(asGiven, e);
        }
    }

    // A new file, with the mode and the owner that it is to have in the place of the one at the path.
    private static FileStream Create(
        string file, string path, string asGiven, UnixFileMode? mode, string? asOwnerOf)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        // From its first moment, so that nobody opens it before its mode is set.
        if (!OperatingSystem.IsWindows() && mode is not null) options.UnixCreateMode = mode;
        var stream = new FileStream(file, options);
        try
        {
            if (asOwnerOf is null && LinuxFile.FactsOf(path) is { } there) KeepOwner(stream, there, asGiven);
            else FileOwner.GiveNew(stream.SafeFileHandle, asOwnerOf ?? Path.GetDirectoryName(path)!);
            // A change of the owner may take bits of the mode away, so that this comes behind it.
            if (!OperatingSystem.IsWindows() && mode is null && File.Exists(path))
                File.SetUnixFileMode(stream.SafeFileHandle, File.GetUnixFileMode(path));
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    // As durable as a write. Mode and owner are those of the file that is there, which has them from the one before.
    private static void PutBack(FileStream? before, string next, string path, UnixFileMode? mode)
    {
        if (before is null)
        {
            Delete(path);
            return;
        }
        try
        {
            using (var file = Create(next, path, path, mode, asOwnerOf: null))
            {
                before.CopyTo(file);
                Sync(file);
            }
            File.Move(next, path, overwrite: true);
        }
        catch
        {
            File.Delete(next);
            throw;
        }
        LinuxFile.SyncFolder(Path.GetDirectoryName(path)!);
    }

    // A gateway that runs as the owner would not be able to read what root puts in the place of its file.
    private static void KeepOwner(FileStream file, FileFacts owner, string path)
    {
        if (!LinuxFile.IsRoot || LinuxFile.Give(file.SafeFileHandle, owner)) return;
        throw new IOException($"it cannot stay with the user {owner.User}, whose {path} is");
    }

    // What a path such as /dev/stdout leads to is open already, and a name put in its place would leave it as it is.
    private static bool IsOpenFile(string path) => path is "/dev/stdout" or "/dev/stderr"
        || path.StartsWith("/dev/fd/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal);

    private static void Check(string path)
    {
        if (path.Length == 0 || path.Contains('\0')) throw new IOException($"'{path}' is no name of a file");
    }

    private static IOException Failure(string path, string reason, Exception? inner) =>
        new($"{path} cannot be written: {reason}", inner);

    private static UnauthorizedAccessException Denied(string path, Exception inner) =>
        new($"{path} cannot be written: permission denied", inner);
}
