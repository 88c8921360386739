using System.Globalization;
using Microsoft.AspNetCore.Components;
using Postern.Delivery.Reports;

namespace Postern.Admin.Pages.Flowing;

/// <summary>Shows a line of the flow in figures, or what of a route has none.</summary>
public partial class FlowRow
{
    /// <summary>Where the route leads to.</summary>
    [Parameter, EditorRequired] public string Address { get; set; } = "";

    /// <summary>The route.</summary>
    [Parameter, EditorRequired] public string Name { get; set; } = "";

    /// <summary>The line; null: there is none.</summary>
    [Parameter] public FlowLine? Line { get; set; }

    /// <summary>What stands in place of a host where there is no line.</summary>
    [Parameter] public string Hosts { get; set; } = "";

    /// <summary>What stands in place of its health there.</summary>
    [Parameter] public string Health { get; set; } = "";

    /// <summary>Recipients a minute.</summary>
    [Parameter, EditorRequired] public double PerMinute { get; set; }

    /// <summary>Recipients that wait for the route.</summary>
    [Parameter, EditorRequired] public int Waiting { get; set; }

    private static string Text(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "–";
}
