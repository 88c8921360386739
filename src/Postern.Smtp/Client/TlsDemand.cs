namespace Postern.Smtp.Client;

/// <summary>What a session asks of TLS (contract §2, <c>tls</c> of a destination).</summary>
public enum TlsDemand
{
    /// <summary>No TLS.</summary>
    None,
    /// <summary>TLS where it is offered; in clear where STARTTLS is refused before its 220.</summary>
    Preferred,
    /// <summary>TLS, with any certificate.</summary>
    Required,
    /// <summary>TLS, with a certificate that names the host and whose issuer is trusted.</summary>
    Verify,
    /// <summary>TLS by TLSA records. Without DNSSEC data it cannot be met.</summary>
    Dane,
}
