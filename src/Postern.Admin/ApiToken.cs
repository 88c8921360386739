using System.Security.Cryptography;
using System.Text;
using Postern.Routing;

namespace Postern.Admin;

/// <summary>
/// The token of the API in a file that only its owner can read: 32 random octets in hexadecimal digits. Whoever can
/// read the file may do everything.
/// </summary>
public static class ApiToken
{
    private const int Octets = 32;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The token of the file; the file is made when it is missing.</summary>
    /// <exception cref="IOException">It cannot be read or made, others can read it, or it holds no token.</exception>
    public static string ReadOrMake(string file)
    {
        if (!File.Exists(file))
        {
            AtomicFile.WriteSecret(file,
                Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Octets))));
        }
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & ~OwnerOnly) != 0)
            throw new IOException($"{file} can be read by others: 'chmod 600 {file}', or delete it to get a new one");
        return In(File.ReadAllText(file))
            ?? throw new IOException($"{file} holds no token: delete it to get a new one");
    }

    /// <summary>The token in the text of its file; null: there is none.</summary>
    public static string? In(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = text.Trim();
        return text.Length == 2 * Octets && text.All(char.IsAsciiHexDigit) ? text : null;
    }

    /// <summary>Compares without telling by its time how much is right.</summary>
    internal static bool IsSame(string token, string given) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(given));
}
