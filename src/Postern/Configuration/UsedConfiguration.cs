using System.Text;
using Postern.Routing;

namespace Postern.Configuration;

/// <summary>
/// The configuration file that a gateway uses with a data folder, noted in there: where the file is lost, the defaults
/// that hold without one look like those of a gateway that never had any.
/// </summary>
internal static class UsedConfiguration
{
    /// <summary>The file that the gateway of a data folder used last, as a full path; null: none.</summary>
    /// <exception cref="IOException">It cannot be told.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not know.</exception>
    public static string? Of(string dataFolder)
    {
        var note = DataFolder.ConfigurationIn(dataFolder);
        return File.Exists(note) ? File.ReadAllText(note).TrimEnd('\n') : null;
    }

    /// <summary>Notes what a gateway uses from now on.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    /// <exception cref="UnauthorizedAccessException">The data folder belongs to another user.</exception>
    public static void Note(PosternConfiguration configuration)
    {
        var note = DataFolder.ConfigurationIn(configuration.DataFolder);
        var used = configuration.HasFile ? Path.GetFullPath(configuration.File) : null;
        if (used == Of(configuration.DataFolder)) return;
        if (used is null) AtomicFile.Delete(note);
        else AtomicFile.Write(note, Encoding.UTF8.GetBytes(used + "\n"));
    }
}
