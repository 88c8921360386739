using Microsoft.AspNetCore.Components;
using MudBlazor;
using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Admin.Pages.Parts;

namespace Postern.Admin.Pages.Credentials;

/// <summary>Who may log in, and what an administrator does about it.</summary>
public partial class AccountsPage
{
    private IReadOnlyList<Account> _accounts = [];
    private (string Name, string Password)? _made;
    private string? _refusal;

    [Inject] private AdminParts Parts { get; set; } = null!;

    [Inject] private PageActions Actions { get; set; } = null!;

    [Inject] private Sessions Sessions { get; set; } = null!;

    [Inject] private Viewer Viewer { get; set; } = null!;

    [Inject] private IDialogService Dialogs { get; set; } = null!;

    [Inject] private ISnackbar Told { get; set; } = null!;

    private bool MayEdit => Viewer.May(AccountRole.Administrator);

    /// <inheritdoc/>
    protected override Task OnInitializedAsync() => LookAsync();

    private Task LookAsync()
    {
        if (!MayEdit) return Task.CompletedTask;
        try
        {
            _accounts = Parts.Accounts.Read();
        }
        catch (IOException e)
        {
            _refusal = e.Message;
        }
        return Task.CompletedTask;
    }

    private async Task EndSessionsAsync(Account account)
    {
        if (!await Dialogs.IsSureAsync(T["Log {0} out?", account.Name],
            T["Wherever the account is logged in."], T["Log out"]))
            return;
        await TryAsync(async () =>
        {
            await Actions.ActAsync("endSessions", MailActions.Saying("name", account.Name), AccountRole.Administrator,
                note =>
                {
                    Sessions.EndAll(account.Name, note);
                    return Task.FromResult(true);
                });
            Told.Add(T["{0} is logged out.", account.Name], Severity.Success);
        });
    }

    private async Task ResetAsync(Account account)
    {
        if (!await Dialogs.IsSureAsync(T["Reset the password of {0}?", account.Name],
            T["The account gets a one-time password, and is logged out."], T["Reset password"])) return;
        await ChangeAsync("resetAccount", account, edits => edits.ResetAsync(account.Name));
    }

    private async Task ResetTotpAsync(Account account)
    {
        if (!await Dialogs.IsSureAsync(T["Take the app away from {0}?", account.Name],
            T["The account logs in with its password alone, and is logged out."], T["Take the app away"])) return;
        await ChangeAsync("resetTotp", account, edits => edits.ResetTotpAsync(account.Name));
    }

    private async Task DeleteAsync(Account account)
    {
        if (!await Dialogs.IsSureAsync(
            T["Delete the account {0}?", account.Name], T["It is logged out at once."], T["Delete"])) return;
        await ChangeAsync("deleteAccount", account, edits => edits.DeleteAsync(account.Name));
    }

    private Task ChangeAsync(string action, Account account, Func<AccountEdits, Task<AccountOutcome>> change) =>
        TryAsync(async () =>
        {
            var outcome = await Actions.ChangeAccountAsync(action, MailActions.Saying("name", account.Name), change);
            _refusal = T.Say(outcome.Refusal);
            _made = outcome.Password is { } password ? (account.Name, password) : null;
        });

    private async Task TryAsync(Func<Task> act)
    {
        (_refusal, _made) = (null, null);
        try
        {
            await act();
        }
        catch (IOException e)
        {
            _refusal = T.DiskFailed(e);
        }
        await LookAsync();
    }
}
