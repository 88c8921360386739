using Microsoft.AspNetCore.Components;
using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Admin.Pages.Parts;
using Postern.Routing;

namespace Postern.Admin.Pages.Routes;

/// <summary>Asks before the whole table is cleared, or another version is put in its place.</summary>
public partial class ClearPage
{
    private RoutesChange? _plan;
    private string? _refusal;
    private int _elsewhere;
    private bool _isBusy;

    /// <summary>The version to put back; null: all routes are cleared.</summary>
    [Parameter] public int? Version { get; set; }

    [Inject] private AdminParts Parts { get; set; } = null!;

    [Inject] private PlanActions Actions { get; set; } = null!;

    [Inject] private Viewer Viewer { get; set; } = null!;

    private bool MayEdit => Viewer.May(AccountRole.Administrator);

    private string Title => Version is null ? T["Clear All Routes"] : T["Put version {0} back", Version];

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        if (MayEdit) _refusal = await PlanAsync();
        else _refusal = T["This is for the role {0}.", AccountRole.Administrator.Word()];
    }

    // What would change; returns why nothing can be.
    private async Task<string?> PlanAsync()
    {
        _plan = null;
        var plan = await Task.Run(() => Parts.Edits.Plan(Edit));
        if (plan.After is not { } after) return T.Say(plan.Errors);
        _elsewhere = await RoutesPreview.CountElsewhereAsync(Parts.Delivery, after);
        _plan = plan;
        return null;
    }

    private RouteError? Edit(RoutesDocument document)
    {
        if (Version is not { } version)
        {
            document.Clear();
            return null;
        }
        if (Parts.Edits.ContentOf(version) is not { } content)
            return new RouteError(0, 0, $"there is no version {version}", $"the history lists all that are kept");
        if (RoutesDocument.Read(content, out var error) is not { } kept) return error;
        document.Replace(kept);
        return null;
    }

    private async Task ApplyAsync()
    {
        if (_plan is not { } plan || !MayEdit) return;
        _isBusy = true;
        _refusal = Version is null ? await Actions.MakeAsync("clearRoutes", "clear", plan)
            : await Actions.MakeAsync("rollbackRoutes", $"rollback {Version}", plan);
        // The table may be another one by now: what would change is shown anew.
        if (_refusal is not null) _refusal = await PlanAsync() ?? _refusal;
        _isBusy = false;
    }
}
