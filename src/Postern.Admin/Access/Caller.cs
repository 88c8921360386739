using System.Net;
using System.Security.Claims;
using Postern.Admin.Accounts;

namespace Postern.Admin.Access;

/// <summary>
/// Who a request comes from, as a <see cref="ClaimsPrincipal"/>: a name, one role, how it was proved, and the session
/// where there is one. Pure.
/// </summary>
public static class Caller
{
    /// <summary>Proved by the token of the file.</summary>
    public const string ByToken = "token";

    /// <summary>Proved by the cookie of a session.</summary>
    public const string BySession = "session";

    /// <summary>Proved by name and password in the request itself (RFC 7617).</summary>
    public const string ByPassword = "password";

    /// <summary>Whoever can read the token file; may do everything.</summary>
    public static ClaimsPrincipal OfToken() => Of(ByToken, AccountRole.Administrator, ByToken, id: null);

    /// <summary>A program with a token of its own. No account has a name with a space in it.</summary>
    public static ClaimsPrincipal OfToken(IssuedToken issued)
    {
        var user = Of($"{ByToken} {issued.Name}", issued.Role, ByToken, id: null);
        user.Identities.First().AddClaim(new Claim(ClaimTypes.SerialNumber, issued.Id));
        return user;
    }

    /// <summary>An account that has sent its password with the request.</summary>
    public static ClaimsPrincipal OfAccount(Account account) =>
        Of(account.Name, account.Role, ByPassword, id: null);

    /// <summary>Somebody who has logged in.</summary>
    internal static ClaimsPrincipal OfSession(Session session, IPAddress? from)
    {
        var user = Of(session.Account.Name, session.Account.Role, BySession, session.Id);
        // What is done on a page comes over a connection, and no request says any more where from.
        user.Identities.First().AddClaim(new Claim(ClaimTypes.System, $"{from}"));
        return user;
    }

    /// <summary>What they may do; null: they have not proved who they are.</summary>
    public static AccountRole? RoleOf(ClaimsPrincipal user) =>
        Enum.TryParse<AccountRole>(user.FindFirstValue(ClaimTypes.Role), out var role) ? role : null;

    /// <summary>They have this role, or one that may more.</summary>
    public static bool May(this ClaimsPrincipal user, AccountRole least) => RoleOf(user) is { } role && role >= least;

    /// <summary>The name of the account; <see cref="ByToken"/> for the token of the file; "": nobody.</summary>
    public static string NameOf(ClaimsPrincipal user) => user.Identity?.Name ?? "";

    /// <summary>The address of somebody with a session; "": not known.</summary>
    public static string AddressOf(ClaimsPrincipal user) => user.FindFirstValue(ClaimTypes.System) ?? "";

    /// <summary>They have proved themselves by the token of the file; no name alone says so.</summary>
    public static bool IsTokenOfFile(ClaimsPrincipal user) =>
        user.Identity is { AuthenticationType: ByToken, Name: ByToken };

    /// <summary>The id of a program's token, which is no secret; null: there is none.</summary>
    public static string? TokenOf(ClaimsPrincipal user) => user.FindFirstValue(ClaimTypes.SerialNumber);

    /// <summary>Tells a caller from all others, and from itself with another role.</summary>
    public static string KeyOf(ClaimsPrincipal user) =>
        $"{user.Identity?.AuthenticationType} {NameOf(user)} {TokenOf(user)} {RoleOf(user)}";

    /// <summary>The id of the session, which is no secret; null: there is none.</summary>
    public static string? SessionOf(ClaimsPrincipal user) => user.FindFirstValue(ClaimTypes.NameIdentifier);

    private static ClaimsPrincipal Of(string name, AccountRole role, string proved, string? id)
    {
        List<Claim> claims = [new(ClaimTypes.Name, name), new(ClaimTypes.Role, role.ToString())];
        // Antiforgery tokens are bound to it: one that was made for another session is refused.
        if (id is not null) claims.Add(new(ClaimTypes.NameIdentifier, id));
        return new ClaimsPrincipal(new ClaimsIdentity(claims, proved));
    }
}
