using Microsoft.Win32.SafeHandles;

namespace Postern.Routing;

/// <summary>By what a change of a file is seen: whether it is there, its length, and when it was written to.</summary>
public readonly record struct FileStamp(bool Exists, long Length, DateTime Modified)
{
    /// <summary>That of a file now. Taken from an open file, so that a link is followed.</summary>
    public static FileStamp Of(string path)
    {
        if (!File.Exists(path)) return default;
        try
        {
            using SafeFileHandle file = File.OpenHandle(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return new(true, RandomAccess.GetLength(file), File.GetLastWriteTimeUtc(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It exists and cannot be opened: a state of its own, which is read, and reported, once.
            return new(true, -1, default);
        }
    }
}
