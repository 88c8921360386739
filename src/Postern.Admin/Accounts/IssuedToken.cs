namespace Postern.Admin.Accounts;

/// <summary>A token of the API for a program: what it may do, and until when. Immutable; holds no secret.</summary>
/// <param name="Id">Eight hexadecimal digits, part of the token; what it is revoked by.</param>
/// <param name="Name">What it is for: the form of a name of an account.</param>
/// <param name="Role">What it may do.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Expires">From then on it opens nothing.</param>
public sealed record IssuedToken(
    string Id, string Name, AccountRole Role, DateTimeOffset Created, DateTimeOffset Expires)
{
    /// <summary>What the audit log says of it.</summary>
    public string Describe() => $"token {Id} of {Name}, {Role.Word()}, until {Expires:u}";
}

/// <summary>A token that was just made.</summary>
/// <param name="Token">What is known of it from now on.</param>
/// <param name="Secret">The token itself, which is told this once and stored nowhere.</param>
public sealed record NewToken(IssuedToken Token, string Secret);
