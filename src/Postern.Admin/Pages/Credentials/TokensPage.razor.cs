using System.Globalization;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Admin.Auditing;
using Postern.Admin.Pages.Parts;

namespace Postern.Admin.Pages.Credentials;

/// <summary>The tokens of programs: made, listed, taken back.</summary>
public partial class TokensPage
{
    private IReadOnlyList<IssuedToken> _tokens = [];
    private NewToken? _made;
    private AccountRole _role = AccountRole.Viewer;
    private string _name = "", _days = $"{TokenStore.DefaultDays}";
    private string? _refusal, _nameProblem, _daysProblem;
    private bool _isBusy;

    [Inject] private AdminParts Parts { get; set; } = null!;

    [Inject] private PageActions Actions { get; set; } = null!;

    [Inject] private Viewer Viewer { get; set; } = null!;

    [Inject] private IDialogService Dialogs { get; set; } = null!;

    private bool MayEdit => Viewer.May(AccountRole.Administrator);

    /// <inheritdoc/>
    protected override Task OnInitializedAsync() => LookAsync();

    private bool IsOver(IssuedToken token) => token.Expires <= Parts.Time.GetUtcNow();

    private Task LookAsync()
    {
        if (!MayEdit) return Task.CompletedTask;
        try
        {
            _tokens = Parts.Tokens.Read();
        }
        catch (IOException e)
        {
            _refusal = e.Message;
        }
        return Task.CompletedTask;
    }

    private async Task MakeAsync()
    {
        if (_isBusy) return;
        var (name, role) = (_name.Trim(), _role);
        (_nameProblem, _daysProblem) = (null, null);
        if (!Account.IsName(name))
            _nameProblem = T["'{0}' is no name: 1 to {1} ASCII letters, digits and . _ @ -", name, Account.MaxName];
        var isNumber = int.TryParse(_days.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var days)
            && days is >= 1 and <= TokenStore.MaxDays;
        if (!isNumber) _daysProblem = T["1 to {0} days", TokenStore.MaxDays];
        if (_nameProblem is not null || _daysProblem is not null) return;
        var said = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["name"] = name,
            ["role"] = role.Word(),
            ["days"] = days.ToString(CultureInfo.InvariantCulture),
        };
        await TryAsync("newToken", said, async note =>
        {
            _made = await Parts.Tokens.IssueAsync(name, role, days);
            note.After = _made?.Token.Describe();
            if (_made is null) Refuse(note, T["There are {0} tokens; revoke some first.", TokenStore.MaxTokens]);
            else _name = "";
        });
    }

    private async Task RevokeAsync(IssuedToken token)
    {
        if (!await Dialogs.IsSureAsync(T["Revoke the token {0} of {1}?", token.Id, token.Name],
            T["From then on it opens nothing."], T["Revoke"])) return;
        await TryAsync("revokeToken", MailActions.Saying("id", token.Id), async note =>
        {
            note.Before = (await Parts.Tokens.RevokeAsync(token.Id))?.Describe();
            if (note.Before is null) Refuse(note, T["There is no token '{0}'.", token.Id]);
        });
    }

    private void Refuse(AuditNote note, string why) => (_refusal, note.Result, note.Detail) =
        (why, AuditResult.Refused, why);

    private async Task TryAsync(string action, IReadOnlyDictionary<string, string> said, Func<AuditNote, Task> act)
    {
        (_isBusy, _refusal, _made) = (true, null, null);
        try
        {
            await Actions.ActAsync(action, said, AccountRole.Administrator, async note =>
            {
                await act(note);
                return true;
            });
        }
        catch (IOException e)
        {
            _refusal = T.DiskFailed(e);
        }
        finally
        {
            _isBusy = false;
        }
        await LookAsync();
    }
}
