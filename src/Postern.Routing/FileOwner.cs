using Microsoft.Win32.SafeHandles;

namespace Postern.Routing;

/// <summary>
/// Whose a new file is. What root makes in the folder of somebody else belongs to the owner of that folder: a gateway
/// runs as a user of its own, and a command that root types must not leave files there which it can neither read nor
/// write. For everybody else files are their own. Any thread may call it.
/// </summary>
public static class FileOwner
{
    /// <summary>Makes a folder with those above it that are missing; one that is there stays as it is.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="mode">Its mode; null: what the umask leaves.</param>
    /// <param name="asOwnerOf">A file or folder whose owner it gets; null: the folder that it is in.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static void MakeFolder(string path, UnixFileMode? mode = null, string? asOwnerOf = null)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Directory.Exists(path)) return;
        var above = Path.GetDirectoryName(path)!;
        MakeFolder(above);
        if (mode is null || OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, mode.Value);
        if (LinuxFile.IsRoot && LinuxFile.FactsOf(asOwnerOf ?? above) is { } owner)
            _ = LinuxFile.GiveFolder(path, owner);
    }

    /// <summary>Opens a file, or makes it.</summary>
    /// <param name="path">The file, in a folder that is there.</param>
    /// <param name="options">How; the mode of the opening is not looked at.</param>
    /// <exception cref="IOException">It cannot be opened; somebody else may have it open.</exception>
    public static FileStream OpenOrMake(string path, FileStreamOptions options)
    {
        options.Mode = FileMode.OpenOrCreate;
        if (!LinuxFile.IsRoot || File.Exists(path)) return new FileStream(path, options);
        try
        {
            // Only what this process itself has made is given away, never what a link leads to.
            options.Mode = FileMode.CreateNew;
            var made = new FileStream(path, options);
            GiveNew(made.SafeFileHandle, Path.GetDirectoryName(Path.GetFullPath(path))!);
            return made;
        }
        catch (IOException) when (File.Exists(path))
        {
            // Somebody else has made it meanwhile.
            options.Mode = FileMode.OpenOrCreate;
            return new FileStream(path, options);
        }
    }

    /// <summary>
    /// Gives a new file to an owner. That the system does not let root, as in some containers, is no fault: then the
    /// gateway runs as the same root.
    /// </summary>
    internal static void GiveNew(SafeFileHandle made, string asOwnerOf)
    {
        if (LinuxFile.IsRoot && LinuxFile.FactsOf(asOwnerOf) is { } owner) _ = LinuxFile.Give(made, owner);
    }
}
