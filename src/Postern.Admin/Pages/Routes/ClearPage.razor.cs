using Microsoft.AspNetCore.Components;
using MudBlazor;
using Postern.Admin.Access;
using Postern.Admin.Accounts;
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

    [Inject] private PageActions Actions { get; set; } = null!;

    [Inject] private Viewer Viewer { get; set; } = null!;

    [Inject] private NavigationManager Address { get; set; } = null!;

    [Inject] private ISnackbar Told { get; set; } = null!;

    private bool MayEdit => Viewer.May(AccountRole.Administrator);

    private string Title => Version is null ? T["Clear All Routes"] : T["Put version {0} back", Version];

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        if (!MayEdit)
        {
            _refusal = T["This is for the role {0}.", AccountRole.Administrator.Word()];
            return;
        }
        var plan = await Task.Run(() => Parts.Edits.Plan(Edit));
        if (plan.After is not { } after)
        {
            _refusal = string.Join("; ", plan.Errors);
            return;
        }
        _elsewhere = await RoutesPreview.CountElsewhereAsync(Parts.Delivery, after);
        _plan = plan;
    }

    private RouteError? Edit(RoutesDocument document)
    {
        if (Version is not { } version)
        {
            document.Clear();
            return null;
        }
        if (Parts.Edits.ContentOf(version) is not { } content)
            return new RouteError(0, 0, $"there is no version {version}", "the history lists all that are kept");
        if (RoutesDocument.Read(content, out var error) is not { } kept) return error;
        document.Replace(kept);
        return null;
    }

    private async Task ApplyAsync()
    {
        if (_plan is not { } plan || !MayEdit) return;
        _isBusy = true;
        try
        {
            var change = Version is null ? await Actions.WriteRoutesAsync("clearRoutes", "clear", plan)
                : await Actions.WriteRoutesAsync("rollbackRoutes", $"rollback {Version}", plan);
            if (change.Difference is null)
            {
                _refusal = string.Join("; ", change.Errors);
                return;
            }
            Told.Add(T["{0} routes are in force.", change.After!.Count], Severity.Success);
            Address.NavigateTo("/routes");
        }
        catch (IOException e)
        {
            _refusal = T["The disk failed, and nothing was changed: {0}", e.Message];
        }
        finally
        {
            _isBusy = false;
        }
    }
}
