using Postern.Commands;
using Postern.Configuration;
using Postern.Routing;

namespace Postern.Running;

/// <summary>The routes file at a start.</summary>
internal static class RoutesFileStart
{
    /// <summary>Reads the table; at the very first start an empty file is made.</summary>
    /// <returns>The table, or every error, each one line.</returns>
    public static (SmtpRouteTable? Table, IReadOnlyList<string> Errors) Read(PosternConfiguration configuration)
    {
        var file = configuration.RoutesFile;
        if (!File.Exists(file))
        {
            // A gateway that held mail yesterday had routes: without them its mail would go other ways than was wanted.
            if (!DataFolder.IsNew(configuration.DataFolder))
            {
                return (null, [$"{file} is missing, but there is a spool in {configuration.DataFolder}: put the file "
                    + "back, or 'postern smtproutes history' and 'rollback' do; nothing was served"]);
            }
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            AtomicFile.Write(file, []);
        }
        var load = RoutesReading.Of(configuration);
        return (load.Table, [.. RoutesReading.Errors(file, load).Select(e => e.ToString())]);
    }
}
