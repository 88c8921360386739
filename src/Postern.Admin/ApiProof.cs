using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Postern.Admin;

/// <summary>
/// How the gateway proves to a client that it knows the token, before the client sends it: the HMAC (RFC 2104, SHA-256)
/// of a nonce of the client and the address that the client has connected to. A stranger who took over the address
/// cannot make one, and cannot have one made by a gateway that listens elsewhere. Pure but for the nonce.
/// </summary>
public static class ApiProof
{
    private const int NonceOctets = 32;

    /// <summary>A nonce that was never used before: 32 random octets in hexadecimal digits.</summary>
    public static string NewNonce() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NonceOctets));

    /// <summary>It has the form of a nonce.</summary>
    public static bool IsNonce(string text) => text.Length == 2 * NonceOctets && text.All(char.IsAsciiHexDigit);

    /// <summary>The proof, in hexadecimal digits.</summary>
    /// <param name="token">What both sides know.</param>
    /// <param name="nonce">Of the client.</param>
    /// <param name="address">Where the client is connected to.</param>
    public static string Of(string token, string nonce, IPEndPoint address)
    {
        var ip = address.Address.IsIPv4MappedToIPv6 ? address.Address.MapToIPv4() : address.Address;
        var proved = $"postern-api {nonce} {new IPEndPoint(ip, address.Port)}";
        return Convert.ToHexStringLower(
            HMACSHA256.HashData(Encoding.ASCII.GetBytes(token), Encoding.ASCII.GetBytes(proved)));
    }

    /// <summary>The proof is that of a gateway that knows the token.</summary>
    public static bool Holds(string proof, string token, string nonce, IPEndPoint address) =>
        ApiToken.IsSame(Of(token, nonce, address), proof);
}
