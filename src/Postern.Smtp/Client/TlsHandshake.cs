using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Smtp.Client;

/// <summary>What is asked of one handshake, and what is wrong with the certificate that came.</summary>
internal sealed class TlsHandshake(SessionSecurity security, TimeProvider time)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1"; // RFC 5280 §4.2.1.12
    private const int MaxNamesTold = 5;

    /// <summary>The longest that a handshake may take (hardening T13).</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>Why the certificate was refused; null: it was not.</summary>
    public string? Complaint { get; private set; }

    /// <summary>The options of the stream.</summary>
    [SuppressMessage("Security", "CA5398", Justification = "A floor, not a choice: older protocols are broken.")]
    public SslClientAuthenticationOptions Options()
    {
        var policy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,
            // A delivery does not wait for a web server that a certificate names.
            DisableCertificateDownloads = true,
            VerificationTime = time.GetUtcNow().UtcDateTime,
        };
        policy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        if (security.TrustedRoots is { } roots)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(roots);
        }

        return new SslClientAuthenticationOptions
        {
            TargetHost = security.HostName,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            AllowRenegotiation = false,
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = (_, certificate, chain, _) => Accepts(certificate, chain),
        };
    }

    /// <summary>What broke a handshake, in the words of the innermost cause.</summary>
    public string Describe(Exception error)
    {
        if (Complaint is not null) return $"TLS verification failed: {Complaint}";
        var cause = error;
        while (cause.InnerException is { } inner) cause = inner;
        return $"TLS handshake failed: {NetworkErrors.Describe(cause)}";
    }

    /// <summary>The name of a protocol as the log tells it.</summary>
    public static string NameOf(SslProtocols protocol) => protocol switch
    {
        SslProtocols.Tls12 => "TLSv1.2",
        SslProtocols.Tls13 => "TLSv1.3",
        _ => protocol.ToString(),
    };

    // Under preferred and required any certificate will do (RFC 7435 §4): without it the mail would go in clear, or to
    // whoever stands between, all the same.
    private bool Accepts(X509Certificate? certificate, X509Chain? chain)
    {
        if (security.Tls != TlsDemand.Verify) return true;
        Complaint = certificate is X509Certificate2 given && chain is not null
            ? Judge(given, chain) : "the host showed no certificate";
        return Complaint is null;
    }

    private string? Judge(X509Certificate2 certificate, X509Chain chain)
    {
        var complaints = new List<string>();
        var now = time.GetUtcNow().UtcDateTime;
        var (from, until) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        if (until < now) complaints.Add(string.Create(CultureInfo.InvariantCulture,
            $"the certificate expired on {until:yyyy-MM-dd}"));
        else if (from > now) complaints.Add(string.Create(CultureInfo.InvariantCulture,
            $"the certificate is not valid before {from:yyyy-MM-dd}"));
        // Names in the subject's CN are no names of the host any more (RFC 9525 §2, hardening T11).
        if (!certificate.MatchesHostname(security.HostName, allowWildcards: true, allowCommonName: false))
            complaints.Add($"the certificate is for {NamesIn(certificate)}, not for {security.HostName}");
        // The age of the certificate itself is told already; what is left is about the way to its issuer.
        var isOutOfDate = until < now || from > now;
        var trust = chain.ChainStatus
            .Where(status => !isOutOfDate || status.Status != X509ChainStatusFlags.NotTimeValid)
            .Select(status => status.StatusInformation.Trim()).FirstOrDefault();
        if (trust is not null) complaints.Add($"its issuer {certificate.Issuer} is not trusted ({trust})");
        return complaints.Count == 0 ? null : string.Join("; ", complaints);
    }

    private static string NamesIn(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(names => names.EnumerateDnsNames().Concat(
                names.EnumerateIPAddresses().Select(address => address.ToString()))).Take(MaxNamesTold).ToList();
        return names.Count == 0 ? "no host" : string.Join(", ", names);
    }
}
