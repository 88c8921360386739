using Microsoft.AspNetCore.Components;

namespace Postern.Admin.Pages.Parts;

/// <summary>Shows the first of many addresses.</summary>
public partial class Addresses
{
    // A longer one may be cut.
    private const int Fits = 30;

    /// <summary>All of them.</summary>
    [Parameter, EditorRequired] public IReadOnlyList<string> All { get; set; } = [];

    /// <summary>How many are shown.</summary>
    [Parameter] public int Most { get; set; } = 3;
}
