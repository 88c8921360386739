using Microsoft.AspNetCore.Components;
using Postern.Delivery.Reports;

namespace Postern.Admin.Pages.Parts;

/// <summary>Shows the health of a host in few letters.</summary>
public partial class StateSign
{
    /// <summary>The health; null: nothing is shown.</summary>
    [Parameter, EditorRequired] public HostState? State { get; set; }

    /// <summary>It is up since nothing is known of it.</summary>
    [Parameter] public bool IsUntried { get; set; }
}
