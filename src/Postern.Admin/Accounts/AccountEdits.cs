using Postern.Admin.Access;
using Postern.Mail;

namespace Postern.Admin.Accounts;

/// <summary>What became of a change of an account.</summary>
/// <param name="Account">As it is now, or was before it was deleted; null: refused.</param>
/// <param name="Password">A one-time password, which is told nowhere else; null: none was made.</param>
/// <param name="Refusal">Why nothing was changed, in a sentence without its dot; null: it was.</param>
public sealed record AccountOutcome(Account? Account, string? Password, Sentence? Refusal)
{
    /// <summary>The recovery codes of a second factor, which are told nowhere else.</summary>
    public IReadOnlyList<string> RecoveryCodes { get; init; } = [];

    /// <summary>What the audit log says of a change; null: it was refused.</summary>
    public string? Describe() => Account is null ? null
        : $"account {Account.Name}, {Account.Role.Word()}{(Password is null ? "" : ", password •••")}";
}

/// <summary>
/// Changes who may log in, for the API, for pages and for commands. There is always an administrator left. Any thread
/// may call it.
/// </summary>
public sealed class AccountEdits(AccountStore store, TimeProvider time)
{
    /// <summary>More accounts than people look after a gateway.</summary>
    public const int MaxAccounts = 1_000;

    /// <summary>Makes an account with a one-time password.</summary>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public Task<AccountOutcome> NewAsync(string name, AccountRole role) => ChangeAsync((accounts, _) =>
        !Account.IsName(name)
            ? Refused($"'{name}' is no name: 1 to {Account.MaxName} ASCII letters, digits and . _ @ -")
        // In the audit log it is whoever has the token of the file.
        : name == Caller.ByToken ? Refused($"'{name}' is no name for an account")
        : accounts.Any(account => account.Name == name) ? Refused($"there is an account '{name}' already")
        : accounts.Count >= MaxAccounts ? Refused($"there are {MaxAccounts} accounts")
        : WithPassword(new Account(name, role, IsOneTime: true, "")), name);

    /// <summary>Gives an account another role; its sessions end.</summary>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public Task<AccountOutcome> EditAsync(string name, AccountRole role) => ChangeAsync((accounts, account) =>
    {
        if (account is null) return Unknown(name);
        if (role < AccountRole.Administrator && IsLast(accounts, account)) return Last(name);
        var changed = account with { Role = role };
        store.Put(changed);
        return new(changed, null, null);
    }, name);

    /// <summary>
    /// Gives an account a new one-time password; its sessions end. Its second factor stays: who has got at the password
    /// alone shall not be let in by another one.
    /// </summary>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public Task<AccountOutcome> ResetAsync(string name) => ChangeAsync((_, account) =>
        account is null ? Unknown(name) : WithPassword(account), name);

    /// <summary>
    /// Gives the account <c>admin</c> a new one-time password and the role of an administrator; makes it when it is not
    /// there.
    /// </summary>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public Task<AccountOutcome> ResetAdminAsync() => ChangeAsync((_, account) =>
        WithPassword((account ?? new Account(Account.Admin, AccountRole.Administrator, IsOneTime: true, "")) with
        {
            Role = AccountRole.Administrator,
        }), Account.Admin);

    /// <summary>
    /// Gives an account its second factor, once its owner has shown a code of it; its sessions end.
    /// </summary>
    /// <param name="proved">As for <see cref="ChooseAsync"/>.</param>
    /// <param name="secret">What the app of the owner has, see <see cref="Totp.NewSecret"/>.</param>
    /// <param name="code">Of the app, now.</param>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public Task<AccountOutcome> EnrolAsync(Account proved, string secret, string code) => ChangeAsync((_, account) =>
    {
        if (account is null || !account.IsStill(proved) || account.Factor is not null) return Outdated(proved);
        if (!Totp.IsSecret(secret) || SecondFactor.Begin(secret, code, time.GetUtcNow()) is not { } begun)
            return Refused($"the code is not that of the secret now");
        var changed = account with { Factor = begun.Factor };
        store.Put(changed);
        return new(changed, null, null) { RecoveryCodes = begun.Codes };
    }, proved.Name);

    /// <summary>
    /// Takes its second factor from an account, which then logs in with its password alone; one that has none stays as
    /// it is.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="proved">As it was when its owner proved who it is; null: an administrator does it.</param>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public Task<AccountOutcome> ResetTotpAsync(string name, Account? proved = null) => ChangeAsync((_, account) =>
    {
        if (account is null) return Unknown(name);
        if (proved is not null && !account.IsStill(proved)) return Outdated(proved);
        var changed = account with { Factor = null };
        store.Put(changed);
        return new(changed, null, null);
    }, name);

    /// <summary>Gives an account the password that its owner has chosen; its sessions end.</summary>
    /// <param name="proved">
    /// As it was when the owner proved who it is: what somebody else has changed since is not undone.
    /// </param>
    /// <param name="chosen">The password.</param>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public Task<AccountOutcome> ChooseAsync(Account proved, string chosen)
    {
        var hash = PasswordHash.Of(chosen);
        return ChangeAsync((_, account) =>
        {
            if (account is null || !account.IsStill(proved)) return Outdated(proved);
            var changed = account with { IsOneTime = false, Hash = hash };
            store.Put(changed);
            return new(changed, null, null);
        }, proved.Name);
    }

    /// <summary>Deletes an account; its sessions end.</summary>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public Task<AccountOutcome> DeleteAsync(string name) => ChangeAsync((accounts, account) =>
    {
        if (account is null) return Unknown(name);
        if (IsLast(accounts, account)) return Last(name);
        store.Remove(name);
        return new(account, null, null);
    }, name);

    private async Task<AccountOutcome> ChangeAsync(
        Func<IReadOnlyList<Account>, Account?, AccountOutcome> change, string name)
    {
        using var only = await store.LockAsync(time, CancellationToken.None).ConfigureAwait(false);
        var accounts = store.Read();
        return change(accounts, accounts.FirstOrDefault(account => account.Name == name));
    }

    private AccountOutcome WithPassword(Account account)
    {
        var password = AccountStore.NewPassword();
        var changed = account with { IsOneTime = true, Hash = PasswordHash.Of(password) };
        store.Put(changed);
        return new(changed, password, null);
    }

    private static bool IsLast(IReadOnlyList<Account> accounts, Account account) =>
        account.Role == AccountRole.Administrator
        && accounts.Count(other => other.Role == AccountRole.Administrator) == 1;

    private static AccountOutcome Unknown(string name) => Refused($"there is no account '{name}'");

    private static AccountOutcome Outdated(Account proved) =>
        Refused($"the account '{proved.Name}' was changed meanwhile");

    private static AccountOutcome Last(string name) =>
        Refused($"'{name}' is the last administrator; make another one first");

    private static AccountOutcome Refused(Sentence why) => new(null, null, why);
}
