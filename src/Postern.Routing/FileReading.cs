using Postern.Mail;

namespace Postern.Routing;

/// <summary>
/// What a file held, or why it could not be read. <see cref="Content"/> null: <see cref="Problem"/> says why, as in
/// <c>smtproutes is missing</c>.
/// </summary>
public sealed record FileReading(ReadOnlyMemory<byte>? Content, Sentence? Problem)
{
    /// <summary>
    /// Reads a file of at most <paramref name="maxLength"/> octets, or what comes out of a pipe or a device; never
    /// throws for a fault of the file.
    /// </summary>
    public static FileReading Of(string path, int maxLength)
    {
        if (path.Length == 0 || path.Contains('\0')) return new(null, $"'{path}' is no name of a file");
        try
        {
            using var file = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (!file.CanSeek) return Of(file, path, maxLength);
            if (file.Length > maxLength) return new(null, $"{path} has more than {maxLength} octets");
            var content = new byte[file.Length];
            var read = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            return new(content.AsMemory(0, read), null);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new(null, $"{path} is missing");
        }
        catch (UnauthorizedAccessException) when (Directory.Exists(path))
        {
            return new(null, $"{path} cannot be read: it is a folder");
        }
        catch (UnauthorizedAccessException)
        {
            return new(null, $"{path} cannot be read: permission denied");
        }
        catch (IOException e)
        {
            return new(null, $"{path} cannot be read: {e.Message.TrimEnd('.')}");
        }
    }

    /// <summary>Reads a stream to its end; <paramref name="name"/> is what a problem calls it.</summary>
    /// <exception cref="IOException">The stream failed.</exception>
    public static FileReading Of(Stream stream, string name, int maxLength)
    {
        var content = new MemoryStream();
        var octets = new byte[1 << 16];
        while (stream.Read(octets) is > 0 and var read)
        {
            if (content.Length + read > maxLength) return new(null, $"{name} has more than {maxLength} octets");
            content.Write(octets, 0, read);
        }
        return new(content.GetBuffer().AsMemory(0, (int)content.Length), null);
    }

    /// <summary>True when a file holds exactly that; a missing one holds nothing. Takes little memory.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static bool IsStill(string path, ReadOnlySpan<byte> content)
    {
        if (!File.Exists(path)) return content.IsEmpty;
        using var file = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (file.Length != content.Length) return false;
        var octets = new byte[1 << 16];
        while (file.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false) is > 0 and var read)
        {
            if (!content.StartsWith(octets.AsSpan(0, read))) return false;
            content = content[read..];
        }
        return content.IsEmpty;
    }
}
