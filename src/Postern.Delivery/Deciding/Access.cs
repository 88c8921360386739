using System.Net;

namespace Postern.Delivery.Deciding;

/// <summary>
/// How a connection is made: connections with the same access to the same host are alike and may be reused.
/// </summary>
/// <param name="Tls">The TLS policy of the destination control.</param>
/// <param name="Profile">The profile of outgoing SMTP authentication; null: none.</param>
/// <param name="Source">The source address; null: the system chooses.</param>
public sealed record Access(TlsPolicy Tls, string? Profile, IPAddress? Source)
{
    private readonly string? _verifiedName;

    /// <summary>
    /// The name that the certificate must have; null where none is asked for. What was verified for one name says
    /// nothing of another at the same address.
    /// </summary>
    public string? VerifiedName
    {
        get => _verifiedName;
        init
        {
            _verifiedName = value;
            TlsScope = value is null ? $"tls={Tls}" : $"tls={Tls} {value}";
        }
    }

    /// <summary>The scope of a failure of the TLS policy: it leaves the host out for this policy only.</summary>
    public string TlsScope { get; private init; } = $"tls={Tls}";

    /// <summary>The scope of a failure of credentials: it leaves the host out for this profile only.</summary>
    public string ProfileScope { get; } = $"auth={Profile}";

    /// <summary>The same toward a host that was reached by a name.</summary>
    public Access Toward(string name) => Tls == TlsPolicy.Verify ? this with { VerifiedName = name } : this;
}
