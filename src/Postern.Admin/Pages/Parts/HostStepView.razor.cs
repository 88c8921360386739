using Microsoft.AspNetCore.Components;
using Postern.Delivery.Reports;

namespace Postern.Admin.Pages.Parts;

/// <summary>Shows a host at its place in the order of a message, and why it stands there.</summary>
public partial class HostStepView
{
    /// <summary>The host.</summary>
    [Parameter, EditorRequired] public HostStep Step { get; set; } = null!;
}
