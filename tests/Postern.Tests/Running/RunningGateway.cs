using System.Net.Http.Headers;
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

    private RunningGateway(Gateway gateway, ConfigurationWatch watch, string token)
    {
        Gateway = gateway;
        // A stream is closed when it is left, and not read on in the hope that it ends.
        Http = new HttpClient(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero })
        {
            BaseAddress = gateway.AdminAddress,
        };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        tap = gateway.Log.Subscribe()!;
        this.watch = watch;
        watching = watch.RunAsync(stop.Token);
    }

    public Gateway Gateway { get; }

    /// <summary>Asks the API with the token that the commands use.</summary>
    public HttpClient Http { get; }

    /// <summary>Starts; without a file on free ports all the same.</summary>
    public static async Task<RunningGateway> StartAsync(
        WorkFolder work, TimeProvider? clock = null, bool hasFile = true)
    {
        var time = clock ?? TimeProvider.System;
        var configurationWatch = ConfigurationWatch.OfConfiguration(work.ConfigurationFile, time);
        var read = hasFile ? ConfigurationReader.ReadFile(work.ConfigurationFile)
            : ConfigurationReader.Read(WorkFolder.FreePorts, work.ConfigurationFile, work.PathOf("."));
        Assert.Empty(read.Errors);
        var configuration = read.Configuration!;
        RoutesFileStart.Prepare(configuration);
        var routesWatch = ConfigurationWatch.OfRoutes(configuration.RoutesFile, time);
        var start = await Gateway.StartAsync(configuration, time, new Random(1), default);
        Assert.Empty(start.Errors);
        var token = await File.ReadAllTextAsync(work.PathOf("data/api-token"));
        return new RunningGateway(start.Gateway!, new ConfigurationWatch(
            start.Gateway!, work.ConfigurationFile, configurationWatch, routesWatch, read.Named, time), token.Trim());
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
        Http.Dispose();
        await stop.CancelAsync();
        await watching;
        tap.Dispose();
        await Gateway.DisposeAsync();
        watch.Dispose();
        stop.Dispose();
    }
}
