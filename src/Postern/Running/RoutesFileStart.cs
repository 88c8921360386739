using Postern.Commands;
using Postern.Configuration;
using Postern.Routing;

namespace Postern.Running;

/// <summary>The routes file at a start.</summary>
internal static class RoutesFileStart
{
    /// <summary>Makes the data folder, and an empty routes file at the very first start.</summary>
    public static void Prepare(PosternConfiguration configuration)
    {
        DataFolder.Make(configuration.DataFolder);
        if (File.Exists(configuration.RoutesFile) || !DataFolder.IsNew(configuration.DataFolder)) return;
        FileOwner.MakeFolder(Path.GetDirectoryName(configuration.RoutesFile)!);
        AtomicFile.WriteTo(configuration.RoutesFile, []);
    }

    /// <summary>Reads the table.</summary>
    /// <returns>The table, or every error, each one line.</returns>
    public static (SmtpRouteTable? Table, IReadOnlyList<string> Errors) Read(PosternConfiguration configuration)
    {
        var file = configuration.RoutesFile;
        // A gateway that held mail yesterday had routes: without them its mail would go other ways than was wanted.
        if (!File.Exists(file))
        {
            return (null, [$"{file} is missing, but there is a spool in {configuration.DataFolder}: put the file back, "
                + "or let 'postern smtproutes rollback' put back a version that 'postern smtproutes history' lists"]);
        }
        var load = RoutesReading.Of(configuration);
        return (load.Table, [.. RoutesReading.Errors(file, load.Errors).Select(e => e.ToString())]);
    }
}
