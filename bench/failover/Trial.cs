using System.Diagnostics;
using Peers;

namespace Failover;

/// <summary>One gateway, fresh, through one case: well, in trouble, well again.</summary>
internal sealed class Trial(Gateway gateway, Trouble trouble, Options options) : IAsyncDisposable
{
    /// <summary>The name that leads to both hosts.</summary>
    public const string Destination = "destination.example";

    private const int Good = 0;
    private const int Bad = 1;
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Tally _tally = new(options.Window);
    private readonly List<DestinationHost> _hosts = [];

    /// <summary>The good host and the bad one.</summary>
    public static IReadOnlyList<string> Addresses { get; } = ["127.0.0.20", "127.0.0.10"];

    private DestinationHost BadHost => _hosts[Bad];

    public async Task<Figures> RunAsync(CancellationToken cancel)
    {
        _hosts.Add(new DestinationHost(Addresses[Good], 0, _tally.Delivered));
        var port = _hosts[Good].Port;
        _hosts.Add(new DestinationHost(Addresses[Bad], port, _tally.Delivered));
        await gateway.StartAsync(new NextHop(Destination, port, Addresses), trace: null, cancel);
        using var load = new Load(gateway.Port, _tally, options);
        load.Start();
        await load.WhileAsync(DelayAsync(options.Warmup, cancel));

        var begin = See();
        await load.WhileAsync(DelayAsync(options.Healthy / 2, cancel));
        var refused = Namespaces.Refused();
        var failed = See();
        BadHost.Fail(trouble);
        await load.WhileAsync(DelayAsync(options.Bad, cancel));
        var recovered = See();
        var recovery = TimeProvider.System.GetUtcNow();
        BadHost.Recover();
        var leftOut = await LeftOutAsync($"{Addresses[Bad]}:{port}", recovery, cancel);
        await load.WhileAsync(Task.WhenAny(BadHost.UsedAgain, DelayAsync(options.Patience, cancel)));
        cancel.ThrowIfCancellationRequested();
        var again = See();
        var isUsedAgain = BadHost.UsedAgain.IsCompleted;
        if (isUsedAgain)
        {
            await load.WhileAsync(DelayAsync(options.Healthy / 2, cancel));
        }

        var end = See();
        await load.StopAsync();
        await EmptyAsync(cancel);
        await gateway.StopAsync();
        await CloseAsync();
        return new Figures
        {
            Gateway = gateway.Name,
            Trouble = trouble,
            Healthy = Look.Rate((begin, failed), (again, end)),
            Troubled = Look.Rate((failed, recovered)),
            Shares = [Look.Share(begin, failed), Look.Share(failed, recovered), Look.Share(again, end)],
            Fruitless = BadHost.Fruitless + Namespaces.Refused() - refused,
            UsedAgain = isUsedAgain ? (await BadHost.UsedAgain).TotalSeconds : null,
            LeftOut = leftOut?.TotalSeconds,
            Lost = _tally.Missing(),
            Doubled = _tally.Doubled() + _tally.Unasked(),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _tally.Dispose();
    }

    private async Task CloseAsync()
    {
        foreach (var host in _hosts)
        {
            await host.DisposeAsync();
        }
    }

    private Look See() => new(
        _clock.Elapsed.TotalSeconds, _hosts[Good].Messages, _hosts[Bad].Messages);

    private async Task<TimeSpan?> LeftOutAsync(string host, DateTimeOffset from, CancellationToken cancel) =>
        gateway is PosternGateway postern ? await LeftOutTime.ReadAsync(postern, host, from, cancel) : null;

    // What the gateway holds when the load ends has the bench's patience to arrive.
    private async Task EmptyAsync(CancellationToken cancel)
    {
        var begin = _clock.Elapsed;
        while (_tally.Missing() > 0 && _clock.Elapsed - begin < options.Patience)
        {
            await DelayAsync(LookInterval, cancel);
        }
    }

    private static Task DelayAsync(TimeSpan time, CancellationToken cancel) =>
        Task.Delay(time, TimeProvider.System, cancel);
}
