using MudBlazor;
using Postern.Admin.Accounts;

namespace Postern.Admin.Pages.Shell;

/// <summary>An entry of the menu. Immutable.</summary>
/// <param name="Path">Of the page.</param>
/// <param name="Title">In English, as it is looked up.</param>
/// <param name="Icon">An SVG.</param>
/// <param name="Least">Who has it in the menu.</param>
internal sealed record Entry(string Path, string Title, string Icon, AccountRole Least = AccountRole.Viewer);

/// <summary>The pages in the order of the menu.</summary>
internal static class Navigation
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Entry> All { get; } =
    [
        new("/routes", "SMTP Routes", Icons.Material.Filled.AltRoute),
        new("/smtpauth", "SMTP Authentication", Icons.Material.Filled.Key),
        new("/delivery", "Delivery Status", Icons.Material.Filled.LocalShipping),
        new("/flow", "Mail Flow", Icons.Material.Filled.Mediation),
        new("/queue", "Queue", Icons.Material.Filled.Inbox),
        new("/log", "Mail Log", Icons.Material.Filled.Subject),
        new("/status", "System Status", Icons.Material.Filled.MonitorHeart),
        new("/accounts", "Accounts", Icons.Material.Filled.Group, AccountRole.Administrator),
        new("/tokens", "API Tokens", Icons.Material.Filled.VpnKey, AccountRole.Administrator),
        new("/audit", "Audit Log", Icons.Material.Filled.FactCheck, AccountRole.Administrator),
    ];
}
