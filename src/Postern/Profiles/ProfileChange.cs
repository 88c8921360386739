namespace Postern.Profiles;

/// <summary>
/// What an edit gives a profile; what is null stays. No record, so that nothing ever writes the password out.
/// </summary>
internal sealed class ProfileChange
{
    /// <summary>The account.</summary>
    public string? UserName { get; init; }
    /// <summary>The password, for a file of its own.</summary>
    public string? Password { get; init; }
    /// <summary>The environment variable with the password.</summary>
    public string? Variable { get; init; }
    /// <summary>True: the password may be sent without TLS.</summary>
    public bool? AllowPlaintext { get; init; }

    /// <summary>What is given, with the password masked.</summary>
    public string Described => string.Join(", ", ((string?[])
    [
        UserName is null ? null : $"username {UserName}",
        Password is null ? null : "password •••",
        Variable is null ? null : $"password_env {Variable}",
        AllowPlaintext is null ? null : $"allow_plaintext {(AllowPlaintext == true ? "true" : "false")}",
    ]).OfType<string>());
}
