using Microsoft.AspNetCore.Components;

namespace Postern.Admin.Pages.Shell;

/// <summary>All pages, and what the document tells them.</summary>
public partial class PageRouter
{
    /// <summary>light or dark, as it was chosen; null: as the system has it.</summary>
    [Parameter] public string? Theme { get; set; }

    /// <summary>The name of the gateway in SMTP.</summary>
    [Parameter] public string HostName { get; set; } = "";
}
