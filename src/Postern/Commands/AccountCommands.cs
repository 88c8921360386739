using Postern.Admin.Accounts;
using Postern.Admin.Auditing;
using Postern.Configuration;

namespace Postern.Commands;

/// <summary>
/// Works on the accounts file, with or without a running gateway, which reads it at each login and ends the sessions of
/// an account that was changed.
/// </summary>
internal sealed class AccountCommands(Terminal terminal, TimeProvider time)
{
    /// <summary><c>postern admin account new NAME</c>.</summary>
    public Task<int> NewAsync(ConfigurationFile file, string name, string role, bool json) =>
        ChangeAsync(file, $"new {name}", json, edits => edits.NewAsync(name, RoleOf(role)));

    /// <summary><c>postern admin account edit NAME</c>.</summary>
    public Task<int> EditAsync(ConfigurationFile file, string name, string role, bool json) =>
        ChangeAsync(file, $"edit {name}", json, edits => edits.EditAsync(name, RoleOf(role)));

    /// <summary><c>postern admin account reset NAME</c>.</summary>
    public Task<int> ResetAsync(ConfigurationFile file, string name, bool json) =>
        ChangeAsync(file, $"reset {name}", json, edits => edits.ResetAsync(name));

    /// <summary><c>postern admin account resettotp NAME</c>.</summary>
    public Task<int> ResetTotpAsync(ConfigurationFile file, string name, bool json) =>
        ChangeAsync(file, $"resettotp {name}", json, edits => edits.ResetTotpAsync(name));

    /// <summary><c>postern admin account delete NAME</c>.</summary>
    public Task<int> DeleteAsync(ConfigurationFile file, string name, bool json) =>
        ChangeAsync(file, $"delete {name}", json, edits => edits.DeleteAsync(name));

    /// <summary><c>postern admin account list</c>.</summary>
    public int List(ConfigurationFile file, bool json)
    {
        if (Open(file) is not { } configuration) return ExitCode.Failed;
        var accounts = StoreOf(configuration).Read();
        if (json)
        {
            JsonForm.WriteLine(terminal.Out, accounts.Select(a => new
            {
                a.Name,
                role = a.Role.Word(),
                oneTime = a.IsOneTime,
                hasTotp = a.Factor is not null,
            }));
            return ExitCode.Done;
        }
        if (accounts.Count == 0) terminal.Out.WriteLine("There are no accounts.");
        foreach (var account in accounts)
        {
            terminal.Out.WriteLine($"{account.Name}  {account.Role.Word()}"
                + (account.IsOneTime ? "  one-time password" : "")
                + (account.Factor is null ? "" : "  two-step login"));
        }
        return ExitCode.Done;
    }

    private async Task<int> ChangeAsync(
        ConfigurationFile file, string what, bool json, Func<AccountEdits, Task<AccountOutcome>> change)
    {
        if (Open(file) is not { } configuration) return ExitCode.Failed;
        DataFolder.Make(configuration.DataFolder);
        var outcome = await change(new AccountEdits(StoreOf(configuration), time));
        var note = outcome.Describe() is { } changed ? new AuditNote { After = changed }
            : new AuditNote { Result = AuditResult.Refused, Detail = outcome.Refusal };
        await new CommandAudit(terminal, time).WriteAsync(configuration, $"admin account {what}", note);
        if (outcome.Account is not { } account) return terminal.Fail(outcome.Refusal!);
        if (json)
            JsonForm.WriteLine(terminal.Out, new { account.Name, role = account.Role.Word(), outcome.Password });
        else if (outcome.Password is { } password)
            terminal.Out.WriteLine($"account {account.Name}, one-time password {password} (shown this once)");
        else
            terminal.Out.WriteLine($"{what.Split(' ')[0]}: account {account.Name}, {account.Role.Word()}");
        return ExitCode.Done;
    }

    private static AccountRole RoleOf(string word) =>
        AccountRoles.TryParse(word, out var role) ? role : throw new ArgumentException("it is no role", nameof(word));

    private static AccountStore StoreOf(PosternConfiguration configuration) =>
        new(DataFolder.AccountsIn(configuration.DataFolder));

    private PosternConfiguration? Open(ConfigurationFile file)
    {
        var read = file.Read();
        foreach (var error in read.Errors) terminal.Error.WriteLine(error);
        return read.Configuration;
    }
}
