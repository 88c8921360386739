using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;
using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Admin.Pages.Parts;
using Postern.Routing;

namespace Postern.Admin.Pages.Routes;

/// <summary>The form "SMTP Route Settings": a new route, or the one of a key.</summary>
public partial class RouteSettingsPage
{
    /// <summary>So much above the last row is the priority of a further one.</summary>
    private const int PriorityStep = 10;

    private const string Adder = "add-row";

    private int? _removedAt;
    private RouteInput _form = RouteInput.Empty();
    private IReadOnlyList<string> _profiles = [];
    private IReadOnlyList<DraftProblem> _problems = [];
    private SmtpRoute? _before;
    private string? _refusal;
    private bool _hasWeights, _isBusy, _isGone, _isUnchanged;

    /// <summary>The key of the route to edit; null: a new one.</summary>
    [SupplyParameterFromQuery] public string? Key { get; set; }

    [Inject] private AdminParts Parts { get; set; } = null!;

    [Inject] private PageActions Actions { get; set; } = null!;

    [Inject] private Viewer Viewer { get; set; } = null!;

    [Inject] private NavigationManager Address { get; set; } = null!;

    [Inject] private IJSRuntime Script { get; set; } = null!;

    [Inject] private ISnackbar Told { get; set; } = null!;

    [Inject] private IDialogService Dialogs { get; set; } = null!;

    /// <summary>The address of the form of a route.</summary>
    public static string AddressOf(string key) => $"/routes/edit?key={Uri.EscapeDataString(key)}";

    private bool IsNew => Key is null;

    private bool MayEdit => Viewer.May(AccountRole.Administrator);

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        _profiles = [.. Parts.Profiles().Order(StringComparer.Ordinal)];
        if (Key is null) return;
        _before = RouteKey.Read(Key, out _) is { } key ? Parts.Routes().Find(key) : null;
        _isGone = _before is null;
        if (_before is null) return;
        _form = RouteInput.Of(_before);
        _hasWeights = _before.Hosts.Any(host => host.Weight != 1);
    }

    // The focus went with the button of the row: it goes to the row that took its place.
    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_removedAt is not { } place) return;
        _removedAt = null;
        await Script.InvokeVoidAsync("postern.goOn",
            _form.Rows.Count == 1 ? Adder : RemoverAt(Math.Min(place, _form.Rows.Count - 1)));
    }

    private static string RemoverAt(int row) => $"remove-{row}";

    private void Remove(HostInput row)
    {
        _removedAt = _form.Rows.IndexOf(row);
        _form.Rows.Remove(row);
    }

    private IReadOnlyList<DraftProblem> Of(RouteField field, int row = 0) =>
        [.. _problems.Where(problem => problem.Field == field && problem.Row == row)];

    private void AddRow() => _form.Rows.Add(new HostInput
    {
        Priority = int.TryParse(_form.Rows[^1].Priority, out var last) ? $"{last + PriorityStep}" : "0",
    });

    private async Task SubmitAsync()
    {
        if (!MayEdit || _isBusy) return;
        var draft = _form.Draft;
        (_refusal, _isUnchanged) = (null, false);
        var before = _before;
        _problems = draft.Check(Parts.Profiles(), before is null ? Parts.Routes() : null);
        if (_problems.Count > 0) return;
        // The line in the file may be written otherwise than the form shows it, and stays so.
        _isUnchanged = before is not null && draft.IsAsIn(before);
        if (_isUnchanged) return;
        if (before is null)
        {
            await ChangeAsync("newRoute", $"new {draft.Key}", T["The route for {0} is in force.", draft.Key],
                document => document.New(draft.Key, draft.HostsText, draft.OptionTexts));
            return;
        }
        await ChangeAsync("editRoute", $"edit {draft.Key}", T["The route for {0} is in force.", draft.Key],
            document => document.Edit(draft.Key, draft.HostsText, draft.OptionsInPlaceOf(before)));
    }

    private async Task DeleteAsync()
    {
        if (!MayEdit || _isBusy || _before is not { } before) return;
        if (!await Dialogs.IsSureAsync(T["Delete the route for {0}?", before.Key],
            T["Mail for it, also mail that waits, then goes by the next route that matches, or by DNS."],
            T["Delete"])) return;
        await ChangeAsync("deleteRoutes", $"delete {before.Key}", T["The route for {0} is deleted.", before.Key],
            document => document.Delete([before.Key]));
    }

    private async Task ChangeAsync(
        string action, string what, string done, Func<RoutesDocument, RouteError?> edit)
    {
        _isBusy = true;
        try
        {
            var change = await Actions.EditRoutesAsync(action, what, edit, _before);
            if (change.Difference is null)
            {
                _refusal = T.Say(change.Errors);
                return;
            }
            Told.Add(done, Severity.Success);
            Address.NavigateTo("/routes");
        }
        catch (IOException e)
        {
            _refusal = T.DiskFailed(e);
        }
        finally
        {
            _isBusy = false;
        }
    }
}
