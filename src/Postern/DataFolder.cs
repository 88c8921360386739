namespace Postern;

/// <summary>The folder of spool, logs and secrets.</summary>
internal static class DataFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The folder of the spool in a data folder.</summary>
    public static string SpoolIn(string folder) => Path.Combine(folder, "spool");

    /// <summary>The folder of the logs in a data folder.</summary>
    public static string LogsIn(string folder) => Path.Combine(folder, "logs");

    /// <summary>True before the very first start: there is no spool yet.</summary>
    public static bool IsNew(string folder)
    {
        var spool = SpoolIn(folder);
        return !Directory.Exists(spool) || !Directory.EnumerateFileSystemEntries(spool).Any();
    }

    /// <summary>Makes the folder for its owner alone (0700); an existing one is left as it is.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static void Make(string folder)
    {
        if (Directory.Exists(folder)) return;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, OwnerOnly);
    }
}
