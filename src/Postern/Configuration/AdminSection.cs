using System.Net;
using System.Text;
using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Routing;

namespace Postern.Configuration;

/// <summary>Reads <c>[admin]</c> and the certificate that it names.</summary>
internal static class AdminSection
{
    /// <summary>A certificate with its chain is a few kB.</summary>
    public const int MaxPemSize = 1_000_000;

    private const string Certificate = "tls_cert", Key = "tls_key";

    private static readonly (string, TotpPolicy)[] policies =
    [
        ("optional", TotpPolicy.Optional), ("administrators", TotpPolicy.Administrators),
        ("everybody", TotpPolicy.Everybody),
    ];

    /// <summary>How the admin page is reached.</summary>
    public static AdminSettings Read(Section section, string folder)
    {
        var fallback = new AdminSettings();
        var settings = fallback with
        {
            Address = section.Parsed("address", fallback.Address, TryEndPoint,
                "an address with a port", "127.0.0.1:8025"),
            MetricsFrom = section.List("metrics_from", fallback.MetricsFrom, Addresses.TryParseNetwork,
                "a network", "127.0.0.0/8", Addresses.NetworkRemedy),
            Totp = section.Word("totp", fallback.Totp, policies),
            Tls = ReadTls(section, folder),
        };
        section.Done();
        return settings;
    }

    private static AdminTls? ReadTls(Section section, string folder)
    {
        var certificate = section.Text(Certificate, null, "secrets/admin.pem");
        var key = section.Text(Key, null, "secrets/admin.key");
        if (certificate is null && key is null) return null;
        if (certificate is null || key is null)
        {
            section.Wrong(certificate is null ? Key : Certificate,
                $"{Certificate} and {Key} belong together, and one of the two is missing", "Write both, or neither.");
            return null;
        }
        return ReadPair(section,
            ConfigurationReader.Rooted(folder, certificate), ConfigurationReader.Rooted(folder, key));
    }

    private static AdminTls? ReadPair(Section section, string certificateFile, string keyFile)
    {
        // Also when they are wrong, so that they are read again when they change.
        foreach (var file in (string[])[certificateFile, keyFile])
            section.Errors.Named.Add(new(file, FileStamp.Of(file)));
        var certificates = PemIn(section, Certificate, certificateFile);
        var key = PemIn(section, Key, keyFile);
        if (certificates is null || key is null || IsOpen(section, keyFile)) return null;
        var read = AdminCertificate.Read(certificateFile, certificates, key, out var isKeyWrong);
        if (read is not null) return new AdminTls(certificateFile, keyFile, read);
        if (isKeyWrong)
            section.Wrong(Key, $"{keyFile} holds no key of the certificate in {certificateFile}",
                "Name the file with the key that the certificate was made for, in PEM and without a password.");
        else
            section.Wrong(Certificate, $"{certificateFile} holds no certificate",
                "Name a file in PEM: the certificate of the server, then those of its issuers.");
        return null;
    }

    private static string? PemIn(Section section, string key, string file)
    {
        var reading = FileReading.Of(file, MaxPemSize);
        if (reading.Content is { } content) return Encoding.Latin1.GetString(content.Span);
        section.Wrong(key, reading.Problem!, "Name a file that the user of the gateway can read.");
        return null;
    }

    // A group may read it, as that of those who renew certificates (hardening §4.6).
    private static bool IsOpen(Section section, string file)
    {
        const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if (OperatingSystem.IsWindows()) return false;
        using var handle = File.OpenHandle(file);
        if ((File.GetUnixFileMode(handle) & Others) == 0) return false;
        section.Wrong(Key, $"{file} can be read or written by everybody", $"'chmod o-rw {file}'.");
        return true;
    }

    private static bool TryEndPoint(string text, out IPEndPoint endPoint) =>
        Addresses.TryParseEndPoint(text, null, out endPoint);
}
