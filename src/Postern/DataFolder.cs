using Postern.Routing;

namespace Postern;

/// <summary>The folder of spool, logs and secrets.</summary>
internal static class DataFolder
{
    /// <summary>The mode of folders that hold what nobody else may read.</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The folder of the spool in a data folder.</summary>
    public static string SpoolIn(string folder) => Path.Combine(folder, "spool");

    /// <summary>The folder of the logs in a data folder.</summary>
    public static string LogsIn(string folder) => Path.Combine(folder, "logs");

    /// <summary>The token of the API in a data folder.</summary>
    public static string TokenIn(string folder) => Path.Combine(folder, "api-token");

    /// <summary>The address of the API of the gateway that runs on a data folder; there while it runs.</summary>
    public static string ApiAddressIn(string folder) => Path.Combine(folder, "api-address");

    /// <summary>The name of the configuration file that is used with a data folder.</summary>
    public static string ConfigurationIn(string folder) => Path.Combine(folder, "configuration");

    /// <summary>The hosts that are taken out by hand, in a data folder.</summary>
    public static string DrainedIn(string folder) => Path.Combine(folder, "drained");

    /// <summary>What is suspended by hand, in a data folder.</summary>
    public static string SuspendedIn(string folder) => Path.Combine(folder, "suspended");

    /// <summary>The accounts in a data folder.</summary>
    public static string AccountsIn(string folder) => Path.Combine(folder, "accounts");

    /// <summary>The tokens of programs in a data folder.</summary>
    public static string TokensIn(string folder) => Path.Combine(folder, "tokens");

    /// <summary>What was counted over all starts, in a data folder.</summary>
    public static string CountersIn(string folder) => Path.Combine(folder, "counters");

    /// <summary>True before the very first start: there is no spool yet.</summary>
    public static bool IsNew(string folder)
    {
        var spool = SpoolIn(folder);
        return !Directory.Exists(spool) || !Directory.EnumerateFileSystemEntries(spool).Any();
    }

    /// <summary>Octets that are free for its user on the disk of the folder; null: the system does not say.</summary>
    public static long? FreeOctets(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Octets that the files of a folder have, those below it not counted; 0 when it cannot be read.</summary>
    public static long OctetsIn(string folder)
    {
        try
        {
            return new DirectoryInfo(folder).EnumerateFiles().Sum(LengthOf);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>Makes the folder for its owner alone (0700); an existing one is left as it is.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static void Make(string folder) => FileOwner.MakeFolder(folder, OwnerOnly);

    // The store deletes files while they are counted.
    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }
}
