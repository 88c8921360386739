namespace Postern.Smtp.Client;

/// <summary>Credentials for AUTH (RFC 4954). Immutable; holds no secret.</summary>
/// <param name="UserName">The account.</param>
/// <param name="ReadPassword">Reads the password, each time that it is used.</param>
/// <param name="AllowPlaintext">True: they may be used without TLS.</param>
public sealed record ClientCredentials(string UserName, Func<SecretReading> ReadPassword, bool AllowPlaintext);
