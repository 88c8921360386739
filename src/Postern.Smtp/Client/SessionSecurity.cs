using System.Security.Cryptography.X509Certificates;

namespace Postern.Smtp.Client;

/// <summary>How a session is secured before it takes mail. Immutable.</summary>
public sealed record SessionSecurity
{
    /// <summary>Neither TLS nor credentials.</summary>
    public static readonly SessionSecurity Nothing = new();

    /// <summary>TLS; default none.</summary>
    public TlsDemand Tls { get; init; }

    /// <summary>
    /// The name by which the host was reached, as A-labels without a dot at the end, or its address: for SNI (RFC 6066
    /// §3), and what the certificate must name under <see cref="TlsDemand.Verify"/>.
    /// </summary>
    public string HostName { get; init; } = "";

    /// <summary>The issuers that are trusted; null: those of the system. Not to be changed while it is used.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>The credentials that the host is given before the first MAIL; null: none.</summary>
    public ClientCredentials? Credentials { get; init; }
}
