using Microsoft.AspNetCore.Components;
using Postern.Delivery.Reports;

namespace Postern.Admin.Pages.Parts;

/// <summary>Shows which way mail takes now, and why.</summary>
public partial class WayView
{
    /// <summary>The way.</summary>
    [Parameter, EditorRequired] public AddressReport Report { get; set; } = null!;
}
