using Microsoft.AspNetCore.Components;
using Postern.Delivery.Reports;

namespace Postern.Admin.Pages.Parts;

/// <summary>Shows what keeps the mail of a receiving domain.</summary>
public partial class StateChip
{
    /// <summary>The health of the best host that its mail can go to; null: not known.</summary>
    [Parameter, EditorRequired] public HostState? State { get; set; }

    /// <summary>It is up since nothing is known of it.</summary>
    [Parameter] public bool IsUntried { get; set; }

    /// <summary>Delivery to it is suspended.</summary>
    [Parameter] public bool IsSuspended { get; set; }
}
