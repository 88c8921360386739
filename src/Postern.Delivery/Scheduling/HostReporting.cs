using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;

namespace Postern.Delivery.Scheduling;

/// <summary>Turns the health of a host into a report. Pure.</summary>
internal static class HostReporting
{
    private const int MaxNames = 20;

    public static HostReport Of(HostHealth host, int connections, IReadOnlyCollection<DomainQueue> wanting)
    {
        var first = wanting.Take(MaxNames).ToList();
        var clock = host.Clock;
        return new HostReport
        {
            Id = host.Id,
            Host = host.ToString(),
            Address = host.Address?.ToString(),
            Port = host.Key.Port,
            State = StateOf(host),
            Since = clock.Since,
            Until = clock.Until,
            ConsecutiveFailures = host.Failures,
            FailedProbes = clock.FailedProbes,
            Allowance = host.Allowance == HostHealth.Unlimited ? null : host.Allowance,
            Connections = connections,
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

    public static HostState StateOf(HostHealth host) =>
        host.Drained ? HostState.Drained
        : host.Silent ? HostState.Silent
        : host.Clock.Probing ? HostState.Probing
        : host.Clock.IsLeftOut ? HostState.LeftOut
        : host.Strikes.Any ? HostState.Suspect
        : host.Allowance != HostHealth.Unlimited ? HostState.Returning
        : HostState.Up;
}
