using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Postern.Admin.Accounts;

/// <summary>
/// Hashes of passwords: PBKDF2 with HMAC-SHA-256 (RFC 8018 §5.2), written as
/// <c>pbkdf2-sha256:ITERATIONS:SALT:KEY</c>, the last two in base64. Pure but for the salt.
/// </summary>
public static class PasswordHash
{
    /// <summary>How often the function is applied; a guess costs as much as a login.</summary>
    public const int Iterations = 600_000;

    /// <summary>More would let a line of the file hold a login up for minutes.</summary>
    private const int MaxIterations = 10_000_000;

    private const string Scheme = "pbkdf2-sha256";
    private const int SaltOctets = 16;
    private const int KeyOctets = 32;

    /// <summary>
    /// A hash that no password has, so that a login to an account that does not exist takes as long as to one that
    /// does.
    /// </summary>
    internal static string OfNobody { get; } = Write(new byte[SaltOctets], new byte[KeyOctets]);

    /// <summary>The hash of a password, with a salt of its own.</summary>
    public static string Of(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltOctets);
        return Write(salt, Derive(password, salt, Iterations, KeyOctets));
    }

    /// <summary>It has the form of a hash.</summary>
    public static bool IsHash(string hash) => TryRead(hash, out _, out _, out _);

    /// <summary>The password has this hash; takes the same time for every password.</summary>
    /// <exception cref="FormatException">It is no hash.</exception>
    public static bool Matches(string hash, string password) =>
        TryRead(hash, out var iterations, out var salt, out var key)
        ? CryptographicOperations.FixedTimeEquals(key, Derive(password, salt, iterations, key.Length))
        : throw new FormatException("it is no hash of a password");

    private static byte[] Derive(string password, byte[] salt, int iterations, int octets) => Rfc2898DeriveBytes.Pbkdf2(
        Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA256, octets);

    private static string Write(byte[] salt, byte[] key) =>
        $"{Scheme}:{Iterations}:{Convert.ToBase64String(salt)}:{Convert.ToBase64String(key)}";

    private static bool TryRead(string hash, out int iterations, out byte[] salt, out byte[] key)
    {
        (iterations, salt, key) = (0, new byte[SaltOctets], new byte[KeyOctets]);
        return hash.Split(':') is [Scheme, var count, var saltText, var keyText]
            && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out iterations)
            && iterations is >= Iterations and <= MaxIterations
            && Convert.TryFromBase64String(saltText, salt, out var saltLength) && saltLength == SaltOctets
            && Convert.TryFromBase64String(keyText, key, out var keyLength) && keyLength == KeyOctets;
    }
}
