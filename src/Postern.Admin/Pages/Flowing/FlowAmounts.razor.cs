using Microsoft.AspNetCore.Components;

namespace Postern.Admin.Pages.Flowing;

/// <summary>Shows how much mail there is at a place of the picture.</summary>
public partial class FlowAmounts
{
    /// <summary>Recipients a minute.</summary>
    [Parameter, EditorRequired] public double PerMinute { get; set; }

    /// <summary>Recipients that wait.</summary>
    [Parameter] public int Waiting { get; set; }

    /// <summary>Where it is told why they wait.</summary>
    [Parameter] public string WaitingAt { get; set; } = "/queue";
}
