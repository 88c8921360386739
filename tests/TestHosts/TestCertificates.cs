using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.TestHosts;

/// <summary>An issuer made for a test, and the certificates that it gives to hosts.</summary>
public sealed class TestCertificates : IDisposable
{
    private static readonly DateTimeOffset _begin = new(1999, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset _end = new(2199, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _issuer;
    private int _serial;

    /// <summary>Makes the issuer.</summary>
    public TestCertificates(string name = "Test issuer")
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _issuer = request.CreateSelfSigned(_begin, _end);
    }

    /// <summary>The issuer's certificate, for those who trust it.</summary>
    public X509Certificate2Collection Roots => [_issuer];

    /// <summary>The same as PEM.</summary>
    public string Pem => _issuer.ExportCertificatePem();

    /// <summary>A certificate with its key for names and addresses; valid for two centuries unless told.</summary>
    public X509Certificate2 For(params string[] names) => For(_end, names);

    /// <summary>The same, valid until a given time.</summary>
    public X509Certificate2 For(DateTimeOffset until, params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=cn.example", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address)) alternatives.AddIpAddress(address);
            else alternatives.AddDnsName(name);
        }

        if (names.Length > 0) request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var bare = request.Create(_issuer, _begin, until, [1, (byte)Interlocked.Increment(ref _serial)]);
        return bare.CopyWithPrivateKey(key);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _issuer.Dispose();
        _key.Dispose();
    }
}
