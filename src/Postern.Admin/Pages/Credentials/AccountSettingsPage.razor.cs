using Microsoft.AspNetCore.Components;
using MudBlazor;
using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Admin.Pages.Parts;

namespace Postern.Admin.Pages.Credentials;

/// <summary>Makes an account, or gives one another role.</summary>
public partial class AccountSettingsPage
{
    private string _name = "";
    private AccountRole _role = AccountRole.Viewer;
    private (string Name, string Password)? _made;
    private string? _refusal;
    private bool _isBusy;

    /// <summary>The account to change; null: a new one.</summary>
    [SupplyParameterFromQuery] public string? Name { get; set; }

    [Inject] private AdminParts Parts { get; set; } = null!;

    [Inject] private PageActions Actions { get; set; } = null!;

    [Inject] private Viewer Viewer { get; set; } = null!;

    [Inject] private NavigationManager Address { get; set; } = null!;

    [Inject] private ISnackbar Told { get; set; } = null!;

    private bool IsNew => Name is null;

    private bool MayEdit => Viewer.May(AccountRole.Administrator);

    /// <summary>The address of the form of an account.</summary>
    public static string AddressOf(string name) => $"/accounts/edit?name={Uri.EscapeDataString(name)}";

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        if (Name is null || !MayEdit) return;
        _name = Name;
        try
        {
            if (Parts.Accounts.Find(Name) is { } account) _role = account.Role;
            else _refusal = T["There is no account '{0}'.", Name];
        }
        catch (IOException e)
        {
            _refusal = e.Message;
        }
    }

    private async Task SubmitAsync()
    {
        if (_isBusy) return;
        (_isBusy, _refusal) = (true, null);
        try
        {
            var (name, role) = (_name.Trim(), _role);
            var said = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["name"] = name,
                ["role"] = role.Word(),
            };
            var outcome = await Actions.ChangeAccountAsync(IsNew ? "newAccount" : "editAccount", said,
                edits => IsNew ? edits.NewAsync(name, role) : edits.EditAsync(name, role));
            _refusal = T.Say(outcome.Refusal);
            if (outcome.Password is { } password) _made = (name, password);
            else if (_refusal is null)
            {
                Told.Add(T["{0} is {1} now.", name, role.Word()], Severity.Success);
                Address.NavigateTo("/accounts");
            }
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
