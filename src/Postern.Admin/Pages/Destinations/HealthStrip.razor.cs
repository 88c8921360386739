using Microsoft.AspNetCore.Components;
using Postern.Delivery.Reports;

namespace Postern.Admin.Pages.Destinations;

/// <summary>Shows the health of a host over the last hour.</summary>
public partial class HealthStrip
{
    /// <summary>The worst state of each minute, the oldest first.</summary>
    [Parameter, EditorRequired] public IReadOnlyList<HostState> Minutes { get; set; } = [];

    private string Words => T["Last hour, minutes with trouble: {0} of {1}",
        Minutes.Count(state => state != HostState.Up), Minutes.Count];
}
