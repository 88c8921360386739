using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;

namespace Postern.Delivery.Scheduling;

/// <summary>Turns the health of a host into a report. Pure.</summary>
internal static class HostReporting
{
    private const int MaxNames = 20;

    public static HostReport Of(
        HostHealth host, IReadOnlyList<DeliveryConnection> connections, IReadOnlyCollection<DomainQueue> wanting)
    {
        var first = wanting.Take(MaxNames).ToList();
        var clock = host.Clock;
        return new HostReport
        {
            Id = host.Id,
            Host = host.ToString(),
            Address = host.Address?.ToString(),
            Addresses = [.. host.Addresses.Select(a => a.ToString())],
            Port = host.Key.Port,
            State = StateOf(host),
            IsUntried = IsUntried(host, StateOf(host)),
            Since = clock.Since,
            Until = clock.Until,
            ConsecutiveFailures = host.Failures,
            FailedProbes = clock.FailedProbes,
            Allowance = host.Allowance == HostHealth.Unlimited ? null : host.Allowance,
            Connections = connections.Count,
            ActiveRecipients = connections.Sum(c => c.Job?.Rids.Count ?? 0),
            LastReply = AttemptText.Of(host.LastReply),
            LastReplyAt = host.LastReplyAt,
            LastError = host.LastError,
            LastErrorAt = host.LastErrorAt,
            NextProbe = host.Drained || host.Silent || clock.Probing ? null : clock.Until,
            WantedBy = wanting.Count,
            Queues = [.. first.Select(q => q.Name)],
            Routes = [.. first.Select(q => q.Plan.Route?.Key).OfType<string>().Distinct()],
            Scopes = [.. host.RunningScopes.Select(s =>
                new ScopeReport(s.Key, s.Value.Until!.Value, s.Value.FailedProbes))],
        };
    }

    /// <summary>For mail of a way: what it is left out for alone counts, too.</summary>
    public static HostState StateOf(HostHealth host, Access access)
    {
        var state = StateOf(host);
        if (state is HostState.Drained or HostState.Silent or HostState.Probing or HostState.LeftOut) return state;
        var clocks = host.ClocksFor(access).ToList();
        return clocks.Count == 0 ? state : clocks.Exists(c => c.Probing) ? HostState.Probing : HostState.LeftOut;
    }

    /// <summary>For all mail. A name is as good as the best of its addresses.</summary>
    public static HostState StateOf(HostHealth host) =>
        host.Drained ? HostState.Drained
        : host.Addresses.Count > 0 ? BestOf(host.Addresses)
        : host.Silent ? HostState.Silent
        : host.Clock.Probing ? HostState.Probing
        : host.Clock.IsLeftOut ? HostState.LeftOut
        : host.Strikes.Any ? HostState.Suspect
        : host.Allowance != HostHealth.Unlimited ? HostState.Returning
        : HostState.Up;

    /// <summary>It is up since nothing is known of it.</summary>
    public static bool IsUntried(HostHealth host, HostState state) => state == HostState.Up && IsUnknown(host);

    // It has neither replied nor failed yet; of a name: nor has any of its addresses.
    private static bool IsUnknown(HostHealth host) =>
        host is { LastReplyAt: null, LastErrorAt: null } && host.Addresses.All(IsUnknown);

    /// <summary>The state of the best of them.</summary>
    public static HostState BestOf(IEnumerable<HostHealth> hosts) => HostStates.Best(hosts.Select(StateOf));
}
