namespace Postern.Admin.Accounts;

/// <summary>What an account may do; each may what the one before it may.</summary>
public enum AccountRole
{
    /// <summary>Look at figures, queue and log.</summary>
    Viewer,
    /// <summary>Change what becomes of mail: retry, delete, redirect, drain, suspend.</summary>
    Operator,
    /// <summary>Change routes, profiles and accounts.</summary>
    Administrator,
}

/// <summary>The words for roles, in files, in requests and on pages.</summary>
public static class AccountRoles
{
    private static readonly Dictionary<string, AccountRole> words =
        Enum.GetValues<AccountRole>().ToDictionary(Word, StringComparer.Ordinal);

    /// <summary>All words, the least role first.</summary>
    public static IReadOnlyCollection<string> Words => words.Keys;

    /// <summary>The word for a role.</summary>
    public static string Word(this AccountRole role) => role switch
    {
        AccountRole.Viewer => "viewer",
        AccountRole.Operator => "operator",
        _ => "administrator",
    };

    /// <summary>The role that a word means.</summary>
    public static bool TryParse(string word, out AccountRole role) => words.TryGetValue(word, out role);
}

/// <summary>Somebody who may log in. Immutable.</summary>
/// <param name="Name">1 to 64 ASCII letters, digits and <c>. _ @ -</c>.</param>
/// <param name="Role">What it may do.</param>
/// <param name="IsOneTime">The password was made by Postern and is to be replaced by one of its owner.</param>
/// <param name="Hash">Of the password, see <see cref="PasswordHash"/>.</param>
public sealed record Account(string Name, AccountRole Role, bool IsOneTime, string Hash)
{
    /// <summary>What is asked for behind the password; null: nothing.</summary>
    public SecondFactor? Factor { get; init; }

    /// <summary>
    /// It is the account that <paramref name="other"/> was: with the same role, password and second factor, though
    /// codes were used since.
    /// </summary>
    public bool IsStill(Account? other) => other is not null && Factor?.Secret == other.Factor?.Secret
        && this with { Factor = null } == other with { Factor = null };

    /// <summary>The account that is there from the first start on.</summary>
    public const string Admin = "admin";

    /// <summary>The longest name.</summary>
    public const int MaxName = 64;

    /// <summary>It may be the name of an account.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= MaxName
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '@' or '-');
}
