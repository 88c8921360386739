namespace Postern.Admin.Accounts;

/// <summary>A file of lines that only its owner may read, since what is in it lets somebody in.</summary>
internal static class OwnerFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// All lines, as <paramref name="parse"/> reads each and its index; none when the file is not there.
    /// </summary>
    /// <exception cref="IOException">It cannot be read, or others can read it.</exception>
    public static List<T> Read<T>(string file, Func<string, int, T> parse)
    {
        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & ~OwnerOnly) != 0)
                throw new IOException($"{file} can be read by others: 'chmod 600 {file}'");
            return [.. File.ReadLines(file).Select(parse)];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{file} cannot be read: it has to belong to the user that runs the gateway", e);
        }
    }
}
