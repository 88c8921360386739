using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Admin.Pages.Parts;
using Postern.Routing;

namespace Postern.Admin.Pages.Routes;

/// <summary>Takes a routes file in place of the table, or adds it, after showing what that changes.</summary>
public partial class ImportPage
{
    private const int MostShown = 100;

    private IReadOnlyList<RouteError> _errors = [];
    private RoutesDocument? _source;
    private RoutesChange? _plan;
    private string _name = "";
    private string? _refusal;
    private int _elsewhere;
    private bool _isMerge, _isBusy, _isReady;

    [Inject] private AdminParts Parts { get; set; } = null!;

    [Inject] private PlanActions Actions { get; set; } = null!;

    [Inject] private LargeBodies Bodies { get; set; } = null!;

    [Inject] private Viewer Viewer { get; set; } = null!;

    private bool MayEdit => Viewer.May(AccountRole.Administrator);

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        if (!MayEdit) _refusal = T["This is for the role {0}.", AccountRole.Administrator.Word()];
    }

    /// <inheritdoc/>
    protected override void OnAfterRender(bool firstRender)
    {
        if (!firstRender || !MayEdit) return;
        // A file that is chosen before the field listens would be lost.
        _isReady = true;
        StateHasChanged();
    }

    private async Task ReadAsync(InputFileChangeEventArgs chosen)
    {
        if (!MayEdit) return;
        (_source, _plan, _refusal, _errors) = (null, null, null, []);
        if (chosen.File.Size > LargeBodies.MaxLength)
        {
            _refusal = T["The file has {0}; {1} are the most.", Octets.Text(chosen.File.Size),
                Octets.Text(LargeBodies.MaxLength)];
            return;
        }
        _isBusy = true;
        using var turn = Bodies.TryTake();
        try
        {
            if (turn is null)
            {
                _refusal = T["Other large files are being read. Try again in a few seconds."];
                return;
            }
            await using var stream = chosen.File.OpenReadStream(LargeBodies.MaxLength);
            using var content = new MemoryStream((int)Math.Min(chosen.File.Size, LargeBodies.MaxLength));
            await stream.CopyToAsync(content);
            _name = Path.GetFileName(chosen.File.Name);
            _source = RoutesDocument.Read(content.GetBuffer().AsMemory(0, (int)content.Length), out var error);
            if (error is not null) _errors = [error];
            await PlanAsync();
        }
        catch (IOException e)
        {
            _refusal = T["The file could not be read: {0}", e.Message];
        }
        finally
        {
            _isBusy = false;
        }
    }

    private Task MergeAsync(ChangeEventArgs change)
    {
        _isMerge = change.Value is true;
        return PlanAsync();
    }

    private async Task PlanAsync()
    {
        (_plan, _errors) = (null, _source is null ? _errors : []);
        if (_source is not { } source) return;
        var isMerge = _isMerge;
        // A large file takes a second, in which this page and others go on.
        var plan = await Task.Run(() => Parts.Edits.Plan(document => document.Import(source, isMerge)));
        _errors = plan.Errors;
        if (plan.After is not { } after) return;
        _elsewhere = await RoutesPreview.CountElsewhereAsync(Parts.Delivery, after);
        _plan = plan;
    }

    private async Task ApplyAsync()
    {
        if (_plan is not { } plan) return;
        _isBusy = true;
        _refusal = await Actions.MakeAsync("importRoutes", $"import {_name}{(_isMerge ? " --merge" : "")}", plan);
        // The table may be another one by now: what would change is shown anew.
        if (_refusal is not null) await PlanAsync();
        _isBusy = false;
    }
}
