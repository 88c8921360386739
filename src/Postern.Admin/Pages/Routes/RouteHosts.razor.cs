using Microsoft.AspNetCore.Components;
using Postern.Delivery.Deciding;
using Postern.Delivery.Reports;
using Postern.Routing;

namespace Postern.Admin.Pages.Routes;

/// <summary>Shows where a route leads.</summary>
public partial class RouteHosts
{
    /// <summary>The route.</summary>
    [Parameter, EditorRequired] public SmtpRoute Route { get; set; } = null!;

    /// <summary>What is known of hosts.</summary>
    [Parameter, EditorRequired] public IReadOnlyDictionary<HostKey, HostReport> Health { get; set; } = null!;

    /// <summary>What the health of a host is kept under.</summary>
    public static HostKey KeyOf(DestinationHost host) => new(host.Name?.Name ?? $"{host.Address}", host.Port);
}
