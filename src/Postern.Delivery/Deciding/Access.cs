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
    /// <summary>The scope of a failure of the TLS policy: it leaves the host out for this policy only.</summary>
    public string TlsScope { get; } = $"tls={Tls}";

    /// <summary>The scope of a failure of credentials: it leaves the host out for this profile only.</summary>
    public string ProfileScope { get; } = $"auth={Profile}";
}
