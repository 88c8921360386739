using Postern.Delivery.Reports;

namespace Postern.Admin.Monitoring;

/// <summary>
/// Keeps the health of hosts for an hour: the worst state of each minute, looked at every ten seconds. A trouble
/// between two looks is not seen. Owned by the program; any thread may read.
/// </summary>
public sealed class HealthSeries : IDisposable
{
    /// <summary>Minutes that are kept.</summary>
    public const int Kept = 60;

    /// <summary>Hosts in trouble that are looked at, at a time.</summary>
    public const int MaxHosts = 1000;

    /// <summary>The time from look to look.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private const int LooksInMinute = 6;

    private readonly Func<Task<IReadOnlyDictionary<string, HostState>>> troubled;
    private readonly ITimer timer;
    private readonly Lock gate = new();
    private readonly Queue<Dictionary<string, HostState>> minutes = new();
    private Dictionary<string, HostState> minute = [];
    private int looks;

    /// <summary>Begins to look.</summary>
    /// <param name="troubled">Hosts that are not just up, and their states.</param>
    /// <param name="time">The clock.</param>
    public HealthSeries(Func<Task<IReadOnlyDictionary<string, HostState>>> troubled, TimeProvider time)
    {
        this.troubled = troubled;
        timer = time.CreateTimer(_ => _ = LookAsync(), null, Interval, Interval);
    }

    /// <summary>
    /// The worst state of a host in each minute, the oldest first; fewer where the gateway runs for less. The last
    /// minute has not ended.
    /// </summary>
    /// <param name="host">Address or name, and port, as in <see cref="HostReport.Host"/>.</param>
    public IReadOnlyList<HostState> LastHour(string host)
    {
        lock (gate) return [.. minutes.Select(kept => kept.GetValueOrDefault(host, HostState.Up))];
    }

    /// <inheritdoc/>
    public void Dispose() => timer.Dispose();

    private async Task LookAsync()
    {
        IReadOnlyDictionary<string, HostState> now;
        try
        {
            now = await troubled().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The gateway stops, and nobody reads it any more.
            return;
        }
        lock (gate)
        {
            if (looks++ % LooksInMinute == 0)
            {
                if (minutes.Count == Kept) minutes.Dequeue();
                minutes.Enqueue(minute = []);
            }
            foreach (var (host, state) in now)
                minute[host] = HostStates.Worse(state, minute.GetValueOrDefault(host, HostState.Up));
        }
    }
}

/// <summary>The health of a host over the last hour.</summary>
/// <param name="Host">As it was understood.</param>
/// <param name="Minutes">The worst state of each minute, the oldest first; the last minute has not ended.</param>
public sealed record HostHour(string Host, IReadOnlyList<HostState> Minutes);
