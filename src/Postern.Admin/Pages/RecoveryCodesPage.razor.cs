using Microsoft.AspNetCore.Components;

namespace Postern.Admin.Pages;

/// <summary>Shows recovery codes, this once.</summary>
public partial class RecoveryCodesPage
{
    /// <summary>The codes.</summary>
    [Parameter] public IReadOnlyList<string> Codes { get; set; } = [];
}
