using Postern.Commands;
using Postern.Configuration;
using Postern.Routes;
using Postern.Routing;

namespace Postern.Running;

/// <summary>
/// Takes up changes of <c>postern.toml</c> and of the routes file while the gateway runs. A file that is invalid or
/// missing changes nothing and is reported in the log and as an alert. One task; owned by <c>serve</c>.
/// </summary>
internal sealed class ConfigurationWatch : IDisposable
{
    /// <summary>How long whoever has replaced the routes file waits for a configuration that changes, too.</summary>
    private static readonly TimeSpan patience = 4 * FileWatch.Settled;

    /// <summary>Errors of one file that go into the log; <c>postern check</c> prints all.</summary>
    private const int MaxLogged = 20;

    private readonly Gateway gateway;
    private readonly string file;
    private readonly TimeProvider time;
    private readonly FileWatch configurationWatch;

    /// <summary>Files are taken up one at a time: by the task that looks, and by those who say that one is there.
    /// </summary>
    private readonly SemaphoreSlim turn = new(1);
    private FileWatch routesWatch;

    /// <summary>Further files that the last configuration has named, right or wrong.</summary>
    private List<FileWatch> namedWatches;

    /// <summary>Why the routes file as it was last read is not in force; null: it is.</summary>
    private string? routesRefusal;

    /// <summary>A configuration that is right but for its routes file, which is watched for that.</summary>
    private (FileReading Reading, FileWatch Routes)? waiting;

    /// <summary>Watches the files of a gateway. Made before they are read, so that no change falls between.</summary>
    public ConfigurationWatch(
        Gateway gateway, string file, FileWatch configurationWatch, FileWatch routesWatch,
        IReadOnlyList<NamedFile> named, TimeProvider time)
    {
        (this.gateway, this.file, this.time) = (gateway, file, time);
        (this.configurationWatch, this.routesWatch) = (configurationWatch, routesWatch);
        namedWatches = OfNamed(named);
        gateway.RoutesReplaced = TakeRoutesAsync;
        gateway.ConfigurationReplaced = TakeConfigurationAsync;
    }

    /// <summary>A watch of a configuration file.</summary>
    public static FileWatch OfConfiguration(string file, TimeProvider time) =>
        new(file, ConfigurationReader.MaxFileSize, time);

    /// <summary>A watch of a routes file.</summary>
    public static FileWatch OfRoutes(string file, TimeProvider time) => new(file, SmtpRoutesFile.MaxLength, time);

    /// <summary>Looks at both files until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(FileWatch.Period, time);
        try
        {
            // A file that was written by hand and then lost can be put back from the first start on.
            if (FileReading.Of(gateway.Configuration.RoutesFile, SmtpRoutesFile.MaxLength).Content is { } content)
                await RememberAsync(content, cancellationToken);
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await LookAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The gateway stops; both files are read again at the next start.
            return;
        }
    }

    /// <summary>
    /// Takes up the routes file now, since it was replaced whole and need not settle. Returns when it is in force, or
    /// was found to be wrong.
    /// </summary>
    /// <returns>Why it is not in force; null: it is.</returns>
    public async Task<string?> TakeRoutesAsync(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (routesWatch.Look(isComplete: true) is { } routes) await TakeRoutesAsync(routes, cancellationToken);
            // A route may name a profile that was made a moment before, in a configuration that has yet to settle.
            if (routesRefusal is not null) await SettleConfigurationAsync(cancellationToken);
            return routesRefusal;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>The same for the configuration file.</summary>
    public async Task TakeConfigurationAsync(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (configurationWatch.Look(isComplete: true) is { } reading) await TakeConfigurationAsync(reading);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (configurationWatch.Look() is { } reading) await TakeConfigurationAsync(reading);
            // What is named is read with the file that names it.
            if (namedWatches.FindAll(watch => watch.Look() is not null).Count > 0)
                await TakeConfigurationAsync(FileReading.Of(file, ConfigurationReader.MaxFileSize));
            if (waiting?.Routes.Look() is not null) await TakeConfigurationAsync(waiting.Value.Reading);
            if (routesWatch.Look() is { } routes) await TakeRoutesAsync(routes, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Mail goes on with what is in force, whatever a file has done to the one that reads it.
            Refuse(file, [new ConfigurationError(file, 1, 1,
                $"it could not be read ({e.GetType().Name}: {e.Message})", "Put back what was there before.")]);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task SettleConfigurationAsync(CancellationToken cancellationToken)
    {
        for (var start = time.GetTimestamp(); time.GetElapsedTime(start) < patience;)
        {
            if (configurationWatch.Look() is { } reading) await TakeConfigurationAsync(reading);
            if (!configurationWatch.IsSettling) return;
            await Task.Delay(FileWatch.Period, time, cancellationToken);
        }
    }

    private async Task TakeConfigurationAsync(FileReading reading)
    {
        waiting = null;
        if (reading.Content is { Length: 0 })
        {
            // An editor that ran out of disk leaves it so; taken as it stands it would be a gateway of defaults.
            Refuse(file, [new ConfigurationError(file, 1, 1, "the file is empty", "Write what is to be in force.")]);
            return;
        }
        var read = ConfigurationReader.Read(reading, file);
        namedWatches = OfNamed(read.Named);
        if (read.Configuration is not { } next)
        {
            Refuse(file, read.Errors);
            return;
        }
        var before = gateway.Configuration.RoutesFile;
        var moved = next.RoutesFile != before;
        var watch = moved ? OfRoutes(next.RoutesFile, time) : routesWatch;
        var load = RoutesReading.Of(next);
        // A routes file that is wrong by itself leaves its table in force, and is no reason to refuse this file.
        var table = load.Table ?? (moved || !Fits(gateway.Routes, next) ? null : gateway.Routes);
        if (table is null)
        {
            waiting = (reading, OfRoutes(next.RoutesFile, time));
            Refuse(file, [.. RoutesReading.Errors(next.RoutesFile, load.Errors)]);
            return;
        }
        (routesWatch, waiting) = (watch, null);
        routesRefusal = Refusal(load);
        await gateway.UseAsync(next, table);
        gateway.Refused.Remove(file);
        gateway.Refused.Remove(before);
        if (!load.IsValid)
            gateway.Refused.Add(next.RoutesFile, [.. RoutesReading.Errors(next.RoutesFile, load.Errors)]);
        gateway.Notice("Info", $"{file} was read and is in force");
    }

    private List<FileWatch> OfNamed(IReadOnlyList<NamedFile> named) =>
        [.. named.Select(one => new FileWatch(one.Path, ConfigurationReader.MaxFileSize, time, one.Known))];

    /// <summary>True when every profile that a route in force names is still there.</summary>
    private static bool Fits(SmtpRouteTable routes, PosternConfiguration next) =>
        routes.Routes.All(r => r.AuthProfile is null || next.AuthProfiles.ContainsKey(r.AuthProfile));

    private async Task TakeRoutesAsync(FileReading reading, CancellationToken cancellationToken)
    {
        var routesFile = gateway.Configuration.RoutesFile;
        var load = reading.Content is { } content
            ? SmtpRoutesFile.Parse(content.Span, RoutesReading.Profiles(gateway.Configuration))
            : RoutesLoad.Failed(reading.Problem!, $"Put the file back");
        routesRefusal = Refusal(load);
        if (!load.IsValid)
        {
            Refuse(routesFile, [.. RoutesReading.Errors(routesFile, load.Errors)]);
            return;
        }
        var difference = gateway.Routes.Compare(load.Table);
        gateway.UseRoutes(load.Table);
        gateway.Refused.Remove(routesFile);
        gateway.Notice("Info", $"{routesFile} was read and is in force: {RoutesPrinting.Routes(load.Table.Count)}, "
            + RoutesPrinting.Summary(difference));
        await RememberAsync(reading.Content!.Value, cancellationToken);
    }

    private static string? Refusal(RoutesLoad load) => load.Errors switch
    {
        [] => null,
        [var only] => only.ToString(),
        [var first, ..] => $"{first}, and {load.Errors.Count - 1} more",
    };

    private async Task RememberAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        try
        {
            await new RoutesEditor(gateway.Configuration, time, _ => { }).NoticeAsync(content, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            gateway.Notice("Warning", $"The history of the routes could not be written: {e.Message}");
        }
    }

    private void Refuse(string what, IReadOnlyList<ConfigurationError> errors)
    {
        gateway.Notice("Warning", $"{what} was not taken up: {errors.Count} error(s); nothing changes");
        gateway.Refused.Add(what, errors);
        foreach (var error in errors.Take(MaxLogged)) gateway.Notice("Warning", error.ToString());
    }
}
