using Postern.Configuration;
using Postern.Delivery;
using Postern.Delivery.Reports;
using Postern.Routing;

namespace Postern.Commands;

/// <summary>
/// Which way an address takes by the files alone, where no gateway runs: in the form of the gateway's own answer, and
/// what only a gateway knows is null. Pure.
/// </summary>
internal static class FileExplanation
{
    /// <summary>The way of a recipient.</summary>
    public static AddressReport Of(SmtpRouteTable table, TestTarget target, PosternConfiguration configuration)
    {
        var matches = target.Domain is not null ? table.FindAll(target.Domain) : table.FindAll(target.Literal!);
        var domain = target.Domain?.Name ?? $"[{target.Literal}]";
        var best = matches is [var first, ..] ? first : null;
        var tls = configuration.Delivery.ControlOf(domain).Tls;
        return new AddressReport
        {
            Address = target.Given,
            ReceivingDomain = domain,
            Outcome = KindOf(best),
            Route = best is null ? null : ReportOf(best),
            Beats = [.. matches.Skip(1).Select(ReportOf)],
            // The order of a first message: by priority, then as written; equals take turns.
            Hosts = best is null ? []
                : [.. best.Hosts.OrderBy(h => h.Priority).Select(h => StepOf(h, tls, best.AuthProfile))],
        };
    }

    /// <summary>hosts, dns or discard; null: no route.</summary>
    public static string KindOf(SmtpRoute? route) => route?.Kind switch
    {
        null or RouteKind.UseDns => "dns",
        RouteKind.Discard => "discard",
        _ => "hosts",
    };

    private static RouteReport ReportOf(SmtpRoute route) => new(route.Key, KindOf(route), route.Line);

    private static HostStep StepOf(DestinationHost host, TlsPolicy tls, string? profile) => new()
    {
        Entry = host.Text,
        Host = host.Text,
        Address = host.Address?.ToString(),
        Port = host.Port,
        Priority = host.Priority,
        Weight = host.Weight,
        Tls = tls.ToString().ToLowerInvariant(),
        TlsName = tls == TlsPolicy.Verify ? host.Name?.Name ?? host.Address!.ToString() : null,
        Auth = profile,
    };
}
