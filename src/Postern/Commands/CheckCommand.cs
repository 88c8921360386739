using System.Text.Json;
using Postern.Configuration;
using Postern.Routing;

namespace Postern.Commands;

/// <summary><c>postern check</c>: reads what <c>serve</c> would read and changes nothing.</summary>
internal sealed class CheckCommand(Terminal terminal, TimeProvider time)
{
    /// <summary>Prints every error, or what was found when there is none.</summary>
    public int Run(ConfigurationFile file, bool json)
    {
        var read = file.ReadUnlessLost();
        List<ConfigurationError> errors = [.. read.Errors];
        var routes = 0;
        if (read.Routes is { } place)
        {
            RoutesLoad load;
            using (new Progress(terminal, time).Begin($"reading {place.File}")) load = RoutesReading.Of(place);
            routes = load.Table?.Count ?? 0;
            // Before the very first start there is no routes file yet, and no fault in that.
            if (File.Exists(place.File) || !DataFolder.IsNew(place.DataFolder))
                errors.AddRange(RoutesReading.Errors(place.File, load.Errors));
        }
        if (json) PrintJson(file, errors, read.Configuration, routes);
        else Print(file, errors, read.Configuration, routes);
        return errors.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private void Print(
        ConfigurationFile file, List<ConfigurationError> errors, PosternConfiguration? configuration, int routes)
    {
        foreach (var error in errors) terminal.Out.WriteLine(error);
        if (errors.Count > 0)
            terminal.Fail(errors.Count == 1 ? "1 error" : $"{errors.Count} errors");
        else
            terminal.Out.WriteLine($"ok: {(file.IsUsed ? file.Name : $"no {file.Name}, the defaults hold")}; "
                + $"{configuration!.Listeners.Count} listener(s); {routes} route(s) in {configuration.RoutesFile}");
    }

    private void PrintJson(
        ConfigurationFile file, List<ConfigurationError> errors, PosternConfiguration? configuration, int routes) =>
        terminal.Out.WriteLine(JsonSerializer.Serialize(new
        {
            ok = errors.Count == 0,
            configuration = file.IsUsed ? file.Name : null,
            routesFile = configuration?.RoutesFile,
            listeners = configuration?.Listeners.Count,
            routes = errors.Count == 0 ? routes : (int?)null,
            errors,
        }, JsonForm.Options));
}
