namespace Postern.Routes;

/// <summary>Replaces a file whole: a reader, a crash or a full disk sees the old content or the new, never a part.</summary>
internal static class AtomicFile
{
    /// <summary>Writes the content beside the file, syncs it and puts it in the file's place, with the file's mode.</summary>
    /// <exception cref="IOException">Nothing was changed.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        // A link stays a link: what it points to is replaced.
        var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        var folder = Path.GetDirectoryName(Path.GetFullPath(target))!;
        var aside = Path.Combine(folder, $".{Path.GetFileName(target)}.{Environment.ProcessId}.new");
        try
        {
            using (var file = new FileStream(aside, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                if (!OperatingSystem.IsWindows() && File.Exists(target))
                    File.SetUnixFileMode(file.SafeFileHandle, File.GetUnixFileMode(target));
                file.Write(content);
                file.Flush(flushToDisk: true);
            }
            // After a power cut the name leads to the old or to the new content, both of them whole: the folder needs no sync.
            File.Move(aside, target, overwrite: true);
        }
        catch
        {
            File.Delete(aside);
            throw;
        }
    }
}
