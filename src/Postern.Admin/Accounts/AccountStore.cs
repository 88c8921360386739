using System.Security.Cryptography;
using System.Text;
using Postern.Routing;

namespace Postern.Admin.Accounts;

/// <summary>
/// The accounts in a file that only its owner can read, a line each: <c>NAME ROLE one-time|chosen HASH</c>, and the
/// second factor where there is one. It is read at every question, so that what another process has written holds at
/// once. Any thread may call it; changes come from one process at a time.
/// </summary>
/// <param name="file">Where it is; need not be there.</param>
public sealed class AccountStore(string file)
{
    private const string OneTime = "one-time", Chosen = "chosen";

    /// <summary>No letter and digit that can be taken for another.</summary>
    private const string Letters = "abcdefghjkmnpqrstuvwxyz23456789";

    private const int Groups = 5, GroupLength = 5;

    /// <summary>All accounts; none when the file is not there.</summary>
    /// <exception cref="IOException">It cannot be read, others can read it, or a line is no account.</exception>
    public IReadOnlyList<Account> Read() => OwnerFile.Read(file, AccountIn);

    /// <summary>The account of a name; null: there is none.</summary>
    /// <exception cref="IOException">As for <see cref="Read"/>.</exception>
    public Account? Find(string name) => Read().FirstOrDefault(account => account.Name == name);

    /// <summary>Makes the account <c>admin</c> when no file was ever made.</summary>
    /// <returns>Its one-time password, which is told nowhere else; null: there is a file.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    public string? MakeFirst() => File.Exists(file) ? null : Reset();

    /// <summary>
    /// Gives the account <c>admin</c> a new one-time password; makes it when it is not there. Not for a file that
    /// another process may change: <see cref="AccountEdits.ResetAdminAsync"/>.
    /// </summary>
    /// <returns>The password, which is told nowhere else.</returns>
    /// <exception cref="IOException">The file cannot be read or written, or a line is no account.</exception>
    internal string Reset()
    {
        var password = NewPassword();
        Put(new Account(Account.Admin, AccountRole.Administrator, IsOneTime: true, PasswordHash.Of(password)));
        return password;
    }

    /// <summary>
    /// Keeps other processes from changing accounts: whoever decides by what <see cref="Read"/> says holds it until the
    /// change is written.
    /// </summary>
    /// <exception cref="IOException">Another process holds it for longer than ten seconds.</exception>
    public Task<IDisposable> LockAsync(TimeProvider time, CancellationToken cancellationToken) =>
        FileLock.TakeAsync(file + ".lock", time, cancellationToken);

    /// <summary>Takes an account out; nothing happens when it is not there. On disk when it returns.</summary>
    /// <exception cref="IOException">The file cannot be read or written, or a line is no account.</exception>
    public void Remove(string name) => Write(Read().Where(account => account.Name != name));

    /// <summary>Adds an account, or replaces the one of its name. On disk when it returns.</summary>
    /// <exception cref="IOException">The file cannot be read or written, or a line is no account.</exception>
    public void Put(Account account)
    {
        if (!Account.IsName(account.Name)) throw new ArgumentException("it is no name", nameof(account));
        Write(Read().Where(other => other.Name != account.Name).Append(account));
    }

    private static bool TryFactor(string[] words, out SecondFactor? factor)
    {
        factor = words is [var word] ? SecondFactor.Read(word) : null;
        return words.Length == 0 || factor is not null;
    }

    private void Write(IEnumerable<Account> accounts) => AtomicFile.WriteSecret(file, Encoding.ASCII.GetBytes(
        string.Concat(accounts.OrderBy(one => one.Name, StringComparer.Ordinal)
            .Select(one => $"{one.Name} {one.Role.Word()} {(one.IsOneTime ? OneTime : Chosen)} {one.Hash}"
                + $"{(one.Factor is { } factor ? $" {factor.Write()}" : "")}\n"))));

    // 31 letters, 25 times: 123 bits, so that no guess and no search in a stolen hash finds it.
    internal static string NewPassword() => NewWord(Groups, GroupLength);

    /// <summary>Groups of random letters, none of which can be taken for another.</summary>
    internal static string NewWord(int groups, int length) => string.Join('-', Enumerable.Range(0, groups)
        .Select(_ => RandomNumberGenerator.GetString(Letters, length)));

    private Account AccountIn(string line, int index) =>
        line.Split(' ') is [var name, var role, var kind, var hash, .. var more] && more.Length <= 1
        && Account.IsName(name) && AccountRoles.TryParse(role, out var may) && kind is OneTime or Chosen
        && PasswordHash.IsHash(hash) && TryFactor(more, out var factor)
            ? new Account(name, may, kind == OneTime, hash) { Factor = factor }
            : throw new IOException($"{file}:{index + 1}: this is no account; take the line out, or delete the file "
                + "and let 'postern admin reset' make a new one");
}
