using System.Net;
using Postern.Reporting;

namespace Postern.Admin.Monitoring;

/// <summary>What <c>/xml/status</c> and <c>/metrics</c> tell beside the API. Members must not block.</summary>
public sealed record MonitoringParts
{
    /// <summary>Clients that may read <c>/metrics</c> without a token.</summary>
    public required Func<IReadOnlyList<IPNetwork>> MetricsFrom { get; init; }
    /// <summary>Counters over all starts.</summary>
    public required LifetimeCounters Lifetime { get; init; }
    /// <summary>Connections and messages.</summary>
    public required FlowCounters Flow { get; init; }
    /// <summary>How long clients waited.</summary>
    public required ReceptionTimes Times { get; init; }
    /// <summary>Use of the processors.</summary>
    public required ProcessLoad Load { get; init; }
    /// <summary>What the program alone knows.</summary>
    public required Func<MonitoringFacts> Facts { get; init; }
}

/// <summary>What the program knows at a moment, for monitors. Immutable.</summary>
public sealed record MonitoringFacts
{
    /// <summary>The last MID that was given.</summary>
    public long LastMid { get; init; }
    /// <summary>The last ICID.</summary>
    public long LastIcid { get; init; }
    /// <summary>The last DCID.</summary>
    public long LastDcid { get; init; }
    /// <summary>Octets that the spool has on disk.</summary>
    public long SpoolOctets { get; init; }
    /// <summary>Syncs of the spool since the start.</summary>
    public long SpoolSyncs { get; init; }
    /// <summary>Events that the mail log lost since the start.</summary>
    public long LostEvents { get; init; }
}
