using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using MudBlazor;
using Postern.Routing;

namespace Postern.Admin.Pages.Routes;

/// <summary>Takes a routes file in place of the table, or adds it, after showing what that changes.</summary>
public partial class ImportPage
{
    /// <summary>Octets of a file that a browser may send: a million routes.</summary>
    private const long MaxFile = 100_000_000;

    private const int MostShown = 100;

    private IReadOnlyList<RouteError> _errors = [];
    private RoutesDocument? _source;
    private RoutesChange? _plan;
    private string _name = "";
    private string? _refusal;
    private int _elsewhere;
    private bool _isMerge, _isBusy, _isReady;

    [Inject] private AdminParts Parts { get; set; } = null!;

    [Inject] private PageActions Actions { get; set; } = null!;

    [Inject] private NavigationManager Address { get; set; } = null!;

    [Inject] private ISnackbar Told { get; set; } = null!;

    /// <inheritdoc/>
    protected override void OnAfterRender(bool firstRender)
    {
        if (!firstRender) return;
        // A file that is chosen before the field listens would be lost.
        _isReady = true;
        StateHasChanged();
    }

    private async Task ReadAsync(InputFileChangeEventArgs chosen)
    {
        (_source, _plan, _refusal, _errors, _isBusy) = (null, null, null, [], true);
        try
        {
            using var content = new MemoryStream();
            await using var stream = chosen.File.OpenReadStream(MaxFile);
            await stream.CopyToAsync(content);
            _name = Path.GetFileName(chosen.File.Name);
            _source = RoutesDocument.Read(content.ToArray(), out var error);
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
        var plan = await Task.Run(() => Parts.Edits.Plan(document => Put(document, source, isMerge)));
        _errors = plan.Errors;
        if (plan.After is not { } after) return;
        _elsewhere = await RoutesPreview.CountElsewhereAsync(Parts.Delivery, after);
        _plan = plan;
    }

    private async Task ApplyAsync()
    {
        if (_plan is not { } plan) return;
        _isBusy = true;
        try
        {
            var what = $"import {_name}{(_isMerge ? " --merge" : "")}";
            var change = await Actions.WriteRoutesAsync("importRoutes", what, plan);
            if (change.Difference is null)
            {
                _refusal = string.Join("; ", change.Errors);
                await PlanAsync();
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

    private static RouteError? Put(RoutesDocument document, RoutesDocument source, bool isMerge)
    {
        if (isMerge) document.Merge(source);
        else document.Replace(source);
        return null;
    }
}
