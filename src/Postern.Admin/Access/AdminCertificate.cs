using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Admin.Access;

/// <summary>
/// The certificate by which the admin host proves itself over TLS, with its key and the rest of its chain. Immutable,
/// and left to the collector: connections that began with it may still hold it when another one is in force.
/// </summary>
public sealed class AdminCertificate
{
    private readonly X509Certificate2 leaf;

    private AdminCertificate(string file, X509Certificate2 leaf, X509Certificate2Collection chain)
    {
        (File, this.leaf) = (file, leaf);
        // Offline: what is missing in the chain is not looked for elsewhere.
        Context = SslStreamCertificateContext.Create(leaf, chain, offline: true);
    }

    /// <summary>TLS 1.2 and later (RFC 9325 §3.1.1).</summary>
    public static SslProtocols Protocols => SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Where it comes from.</summary>
    public string File { get; }

    /// <summary>When it ends.</summary>
    public DateTimeOffset Ends => leaf.NotAfter;

    /// <summary>What the server shows.</summary>
    internal SslStreamCertificateContext Context { get; }

    /// <summary>Reads PEM (RFC 7468).</summary>
    /// <param name="file">Where the certificate comes from.</param>
    /// <param name="certificates">The certificate of the server, then those of its issuers, as far as needed.</param>
    /// <param name="key">Its key, without a password.</param>
    /// <param name="isKeyWrong">
    /// Without an answer: true when no key in <paramref name="key"/> belongs to the certificate, false when there is no
    /// certificate.
    /// </param>
    /// <returns>Null: something is wrong.</returns>
    public static AdminCertificate? Read(string file, string certificates, string key, out bool isKeyWrong)
    {
        isKeyWrong = false;
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(certificates);
            if (chain.Count == 0) return null;
            isKeyWrong = true;
            return new AdminCertificate(file, X509Certificate2.CreateFromPem(certificates, key), chain);
        }
        // A key that belongs to another certificate is told as an argument that is wrong.
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>
    /// A client that knows the file need not ask who has issued the certificate, for which name and until when: the
    /// other side has proved to have its key.
    /// </summary>
    public bool IsShownBy(X509Certificate? peer) =>
        peer is not null && peer.GetRawCertData().AsSpan().SequenceEqual(leaf.RawDataMemory.Span);

    /// <summary>It is what <paramref name="other"/> is, whatever its file is called.</summary>
    public bool IsSame(AdminCertificate? other) => IsShownBy(other?.leaf);
}
