using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace Postern.Admin.Accounts;

/// <summary>
/// Time-based one-time passwords (RFC 6238) as authenticator apps make them: HMAC-SHA-1, six digits, a step of 30
/// seconds from 1970 on. Pure but for the secret.
/// </summary>
public static class Totp
{
    /// <summary>Digits of a code.</summary>
    public const int Digits = 6;

    /// <summary>How many letters a secret has in <see cref="Base32"/>: 160 bits (RFC 4226 §4, R6).</summary>
    public const int SecretLetters = 32;

    private const int SecretOctets = 20, StepSeconds = 30;

    /// <summary>A secret that was never used before, in Base32.</summary>
    public static string NewSecret() => Base32.Write(RandomNumberGenerator.GetBytes(SecretOctets));

    /// <summary>It has the form of a secret.</summary>
    public static bool IsSecret(string text) => text.Length == SecretLetters && Base32.Read(text) is not null;

    /// <summary>The number of the step that a moment is in.</summary>
    public static long StepOf(DateTimeOffset at) => at.ToUnixTimeSeconds() / StepSeconds;

    /// <summary>The code of a step (RFC 4226 §5.3).</summary>
    /// <param name="secret">Shared with the app.</param>
    /// <param name="step">The step.</param>
    /// <param name="digits">Of the code, 6 to 8.</param>
    [SuppressMessage("Security", "CA5350", Justification = "RFC 6238 §1.2: the function of all authenticator apps. "
        + "What is known to be weak in SHA-1 are collisions, and an HMAC does not rest on them.")]
    public static string CodeOf(ReadOnlySpan<byte> secret, long step, int digits = Digits)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        HMACSHA1.HashData(secret, counter, hash);
        var cut = BinaryPrimitives.ReadInt32BigEndian(hash[(hash[^1] & 0x0F)..]) & 0x7FFF_FFFF;
        var modulus = 1;
        for (var i = 0; i < digits; i++) modulus *= 10;
        return (cut % modulus).ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0');
    }

    /// <summary>What an app reads, as a link or a picture of squares: whose codes these are, and the secret.</summary>
    public static Uri AddressOf(string gateway, string account, string secret) => new(
        $"otpauth://totp/{Uri.EscapeDataString($"{gateway}:{account}")}?secret={secret}"
            + $"&issuer={Uri.EscapeDataString(gateway)}");
}
