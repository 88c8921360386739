using Postern.Configuration;
using Postern.Reporting;
using Postern.Running;

namespace Postern.Tests.Running;

/// <summary>A gateway with its watch, in this process, on the files of a <see cref="WorkFolder"/>.</summary>
internal sealed class RunningGateway : IAsyncDisposable
{
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource stop = new();
    private readonly LogTap tap;
    private readonly Task watching;
    private readonly ConfigurationWatch watch;

    private RunningGateway(Gateway gateway, ConfigurationWatch watch)
    {
        Gateway = gateway;
        tap = gateway.Log.Subscribe()!;
        this.watch = watch;
        watching = watch.RunAsync(stop.Token);
    }

    public Gateway Gateway { get; }

    public static async Task<RunningGateway> StartAsync(WorkFolder work, TimeProvider? clock = null)
    {
        var time = clock ?? TimeProvider.System;
        var configurationWatch = ConfigurationWatch.OfConfiguration(work.ConfigurationFile, time);
        var read = ConfigurationReader.ReadFile(work.ConfigurationFile);
        Assert.Empty(read.Errors);
        var configuration = read.Configuration!;
        RoutesFileStart.Prepare(configuration);
        var routesWatch = ConfigurationWatch.OfRoutes(configuration.RoutesFile, time);
        var start = await Gateway.StartAsync(configuration, time, new Random(1), default);
        Assert.Empty(start.Errors);
        return new RunningGateway(start.Gateway!, new ConfigurationWatch(
            start.Gateway!, work.ConfigurationFile, configurationWatch, routesWatch, read.Named, time));
    }

    /// <summary>The next line of the mail log that has the text.</summary>
    public async Task<string> LoggedAsync(string text)
    {
        using var limit = new CancellationTokenSource(patience);
        await foreach (var line in tap.Lines.ReadAllAsync(limit.Token))
            if (line.Contains(text, StringComparison.Ordinal)) return line;
        throw new InvalidOperationException("the log ended");
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await watching;
        tap.Dispose();
        await Gateway.DisposeAsync();
        watch.Dispose();
        stop.Dispose();
    }
}
