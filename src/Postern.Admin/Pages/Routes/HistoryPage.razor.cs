using Microsoft.AspNetCore.Components;
using Postern.Admin.Access;
using Postern.Admin.Accounts;

namespace Postern.Admin.Pages.Routes;

/// <summary>The kept versions of the routes file, the newest first.</summary>
public partial class HistoryPage
{
    private IReadOnlyList<RouteVersion> _versions = [];

    [Inject] private AdminParts Parts { get; set; } = null!;

    [Inject] private Viewer Viewer { get; set; } = null!;

    private bool MayEdit => Viewer.May(AccountRole.Administrator);

    /// <inheritdoc/>
    protected override void OnInitialized() => _versions = [.. Parts.Edits.History.Reverse()];

    // What commands and pages have noted is the same in every language.
    private string WordOf(string noted) => noted switch
    {
        RouteVersion.ByHand => T["edited by hand"],
        RouteVersion.Unknown => T["unknown"],
        _ => noted,
    };
}
