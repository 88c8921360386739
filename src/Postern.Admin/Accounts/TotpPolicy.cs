namespace Postern.Admin.Accounts;

/// <summary>Who has to have a second factor (<c>[admin] totp</c>).</summary>
public enum TotpPolicy
{
    /// <summary>Whoever wants one.</summary>
    Optional,
    /// <summary>Administrators.</summary>
    Administrators,
    /// <summary>All accounts.</summary>
    Everybody,
}

/// <summary>What a policy asks for.</summary>
internal static class TotpPolicies
{
    /// <summary>The account has none and has to.</summary>
    public static bool Lacks(this TotpPolicy policy, Account account) => account.Factor is null
        && (policy == TotpPolicy.Everybody
            || (policy == TotpPolicy.Administrators && account.Role == AccountRole.Administrator));
}
