namespace Postern.Spool;

/// <summary>The folder of the spool: who may look into it, and what to do when it cannot be opened.</summary>
internal static class SpoolFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes the folder when it is missing; it is mail, so nobody but its owner may read it.</summary>
    /// <exception cref="IOException">It cannot be made, or belongs to somebody else.</exception>
    public static void Prepare(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder, OwnerOnly);
            if (Path.GetDirectoryName(folder) is { Length: > 0 } parent)
                FolderSync.Sync(parent);
        }
        if (File.GetUnixFileMode(folder) != OwnerOnly)
            File.SetUnixFileMode(folder, OwnerOnly);
    }

    /// <summary>The error says that somebody has the store open.</summary>
    public static bool IsLocked(string error) => error.Contains("While lock file", StringComparison.Ordinal)
        || error.Contains("lock hold by", StringComparison.Ordinal);

    /// <summary>What an operator does about an error, as the end of a sentence.</summary>
    public static string Remedy(string error) =>
        error.Contains("Corruption", StringComparison.Ordinal)
            || (error.Contains("No such file", StringComparison.Ordinal)
                && error.Contains("/store/", StringComparison.Ordinal))
            ? ". Its files are damaged: 'postern spool repair', while no gateway runs, makes the store anew from all "
              + "of it that can be read and keeps the files as they are; a backup would lose what came after it"
        : error.Contains("Input/output error", StringComparison.Ordinal)
            ? ". The disk fails: see the log of the kernel. On a copy of the folder on a sound disk 'postern spool "
              + "repair' makes the store anew from all of it that can be read"
        : IsLocked(error)
            ? ". Another process uses it: stop that one first"
        : error.Contains("No space", StringComparison.Ordinal)
            ? ". The disk is full: make room, nothing was lost"
        : error.Contains("denied", StringComparison.OrdinalIgnoreCase)
            ? ". Give the folder and all in it to the user that runs the gateway"
        : "";
}
