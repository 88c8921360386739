namespace Postern.Routing;

/// <summary>
/// What a file held, or why it could not be read. <see cref="Content"/> null: <see cref="Problem"/> says why, as in
/// <c>smtproutes is missing</c>.
/// </summary>
public sealed record FileReading(ReadOnlyMemory<byte>? Content, string? Problem)
{
    /// <summary>
    /// Reads a file of at most <paramref name="maxLength"/> octets; never throws for a fault of the file.
    /// </summary>
    public static FileReading Of(string path, int maxLength)
    {
        try
        {
            using var file = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (file.Length > maxLength) return new(null, $"{path} has more than {maxLength} octets");
            var content = new byte[file.Length];
            var read = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            return new(content.AsMemory(0, read), null);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new(null, $"{path} is missing");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(null, $"{path} cannot be read: {e.Message}");
        }
    }
}
