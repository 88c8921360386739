using System.Net;
using Postern.Admin.Monitoring;
using Postern.Reception;
using Postern.Reporting;
using Postern.Spool;

namespace Postern.Running;

/// <summary>
/// What the gateway counts and measures for those who watch it. Owned by the <see cref="Gateway"/>, which disposes it
/// when nothing is left to count. Any thread may read.
/// </summary>
internal sealed class GatewayFigures : IDisposable
{
    private readonly LifetimeCounters lifetime;
    private readonly ProcessLoad load;

    /// <summary>Counts from now on, the lifetime from what the data folder holds.</summary>
    public GatewayFigures(string dataFolder, TimeProvider time, Action<string> tell)
    {
        Rates = new MailRates(Counters, time);
        lifetime = new LifetimeCounters(DataFolder.CountersIn(dataFolder), Counters, time, tell);
        load = new ProcessLoad(time);
    }

    /// <summary>Mail since the start.</summary>
    public MailCounters Counters { get; } = new();

    /// <summary>Connections and messages since the start.</summary>
    public FlowCounters Flow { get; } = new();

    /// <summary>How fast the counters grow.</summary>
    public MailRates Rates { get; }

    /// <summary>What monitors are told.</summary>
    public MonitoringParts For(
        MailSpool spool, MailReception reception, MailLog log, string dataFolder,
        Func<IReadOnlyList<IPNetwork>> metricsFrom) => new()
        {
            MetricsFrom = metricsFrom,
            Lifetime = lifetime,
            Flow = Flow,
            Times = reception.Times,
            Load = load,
            Facts = () => new MonitoringFacts
            {
                LastMid = spool.LastMid.Value,
                LastIcid = spool.LastIcid.Value,
                LastDcid = spool.LastDcid.Value,
                SpoolOctets = DataFolder.OctetsIn(DataFolder.SpoolIn(dataFolder)),
                SpoolSyncs = spool.Syncs,
                LostEvents = log.LostEvents,
            },
        };

    /// <inheritdoc/>
    public void Dispose()
    {
        Rates.Dispose();
        load.Dispose();
        lifetime.Dispose();
    }
}
