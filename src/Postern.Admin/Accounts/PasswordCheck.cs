using System.Net;
using System.Security.Cryptography;
using System.Text;
using Postern.Admin.Auditing;

namespace Postern.Admin.Accounts;

/// <summary>What became of a login.</summary>
/// <param name="Account">Who it is; null: nobody.</param>
/// <param name="Wait">Logins from there, or to that account, are not looked at for so long; zero: they are.</param>
public sealed record LoginResult(Account? Account, TimeSpan Wait);

/// <summary>
/// Tells whether a password is that of an account, within <see cref="LoginLimits"/>. An account that does not exist
/// and a wrong password cannot be told apart, neither by the answer nor by its time. Any thread may call it; one login
/// is looked at at a time, so that guesses do not take the processors from mail.
/// </summary>
/// <param name="store">The accounts.</param>
/// <param name="time">The clock.</param>
/// <param name="tell">Told of each failed login, in one sentence.</param>
public sealed class PasswordCheck(AccountStore store, TimeProvider time, Action<string> tell) : IDisposable
{
    /// <summary>Logins that wait for their turn; further ones are told to come again.</summary>
    public const int MaxWaiting = 20;

    /// <summary>Where logins are written down; one that a MAC has proved again is not. Null: nowhere.</summary>
    public AuditLog? Audit { get; init; }

    /// <summary>When each account has last logged in, at a page or with the request of a monitor.</summary>
    public LastUses LastLogins { get; } = new(time);

    /// <summary>The action of a login.</summary>
    public const string LogIn = "login";

    private static readonly TimeSpan busyWait = TimeSpan.FromSeconds(1);

    private readonly LoginLimits _limits = new(time);
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>
    /// The last right password of each account, as a MAC by a key of this process: a monitor that asks every few
    /// seconds need not cost a derivation each time. It holds as long as the hash in the file is the same.
    /// </summary>
    private readonly Dictionary<string, byte[]> _proved = new(StringComparer.Ordinal);

    /// <summary>The steps of codes that could not be written down, by the secret: they are used all the same.
    /// </summary>
    private readonly Dictionary<string, long> _usedSteps = new(StringComparer.Ordinal);

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private int _waiting;

    /// <summary>
    /// Looks at a password that comes with each request of a monitor: one that was right before is no new entry in the
    /// audit log. A monitor has no codes, so that an account with a second factor is not let in.
    /// </summary>
    /// <exception cref="IOException">The accounts cannot be read.</exception>
    public Task<LoginResult> CheckAsync(
        string name, string password, IPAddress from, CancellationToken cancellationToken) =>
        CheckAsync(name, password, "", from, null, cancellationToken);

    /// <summary>Looks at a login.</summary>
    /// <param name="name">As it was given.</param>
    /// <param name="password">As it was given.</param>
    /// <param name="code">
    /// For an account with a second factor, as it was given; null: the session that asks has shown one.
    /// </param>
    /// <param name="from">The address of the client.</param>
    /// <param name="action">What is done with it, as its entry in the audit log says; null: a request.</param>
    /// <param name="cancellationToken">Gives up the wait for its turn.</param>
    /// <exception cref="IOException">The accounts cannot be read.</exception>
    public async Task<LoginResult> CheckAsync(
        string name, string password, string? code, IPAddress from, string? action,
        CancellationToken cancellationToken)
    {
        try
        {
            if (Interlocked.Increment(ref _waiting) > MaxWaiting) return new LoginResult(null, busyWait);
            await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                var (result, isNew) = await LookAsync(name, password, code, from).ConfigureAwait(false);
                if (result.Account is { } account) LastLogins.Note(account.Name);
                if ((isNew || (action is not null && result.Account is not null)) && Audit is not null)
                    await Audit.WriteAsync(EntryOf(name, from, action, result)).ConfigureAwait(false);
                return result;
            }
            finally
            {
                _turn.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    // People type a password where the name belongs: what is no account is not repeated.
    private AuditEntry EntryOf(string name, IPAddress from, string? action, LoginResult result) => new()
    {
        Who = result.Account?.Name ?? store.Find(name)?.Name ?? "",
        From = from.ToString(),
        Action = action ?? LogIn,
        Result = result.Account is null ? AuditResult.Refused : AuditResult.Done,
        Detail = result.Account is null ? "The name, the password or the code is wrong." : null,
    };

    private async Task<(LoginResult Result, bool IsNew)> LookAsync(
        string name, string password, string? code, IPAddress from)
    {
        var account = store.Find(name);
        if (_limits.WaitOf(from, name, account?.Hash) is var wait && wait > TimeSpan.Zero)
            return (new(null, wait), false);
        // What a code is worth is found out whether or not the password is right, so that the time tells nothing.
        var factor = code is null ? null : account?.Factor;
        var left = factor is null ? null : Present(factor).Take(code!, time.GetUtcNow());
        var (isRight, isNew) = IsRight(account, password, mayRemember: factor is null);
        if (isRight && factor is not null) isRight = left is not null && await KeepAsync(account!, left);
        if (isRight)
        {
            _limits.Succeeded(from, name, account!.Hash);
            return (new(account, TimeSpan.Zero), isNew);
        }
        _limits.Failed(from, name, account?.Hash);
        tell($"A login from {from} failed{(account is null ? "" : $" for the account {account.Name}")}");
        return (new(null, _limits.WaitOf(from, name, account?.Hash)), true);
    }

    // A right password that is answered faster than a wrong one would tell which of password and code was wrong.
    private (bool IsRight, bool IsNew) IsRight(Account? account, string password, bool mayRemember)
    {
        var proof = HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{account?.Hash} {password}"));
        if (mayRemember && account is not null && _proved.TryGetValue(account.Name, out var proved)
            && CryptographicOperations.FixedTimeEquals(proved, proof)) return (true, false);
        if (!PasswordHash.Matches(account?.Hash ?? PasswordHash.OfNobody, password) || account is null)
            return (false, true);
        if (mayRemember) _proved[account.Name] = proof;
        return (true, true);
    }

    private SecondFactor Present(SecondFactor factor) =>
        factor with { LastStep = Math.Max(factor.LastStep, _usedSteps.GetValueOrDefault(factor.Secret)) };

    /// <summary>Writes down that a code was used.</summary>
    /// <returns>False: the account is another one by now, or the code would be good again.</returns>
    private async Task<bool> KeepAsync(Account account, SecondFactor left)
    {
        _usedSteps[left.Secret] = left.LastStep;
        try
        {
            using var only = await store.LockAsync(time, CancellationToken.None).ConfigureAwait(false);
            if (store.Find(account.Name) is not { } present || !present.IsStill(account)) return false;
            store.Put(present with { Factor = left });
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // On a full disk an operator has to be able to log in. That a step is used is remembered here; a recovery
            // code that cannot be struck out is not taken.
            tell($"A code that was used could not be written down: {e.Message}");
            return left.Recovery.Count == account.Factor!.Recovery.Count;
        }
    }
}
