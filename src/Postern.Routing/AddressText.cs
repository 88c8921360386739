using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Postern.Mail;

namespace Postern.Routing;

/// <summary>
/// Reads addresses strictly. <see cref="IPAddress"/> alone also takes <c>10.1</c>, hexadecimal and octal octets and
/// scopes, which would give a typing error a meaning (N10).
/// </summary>
internal static class AddressText
{
    private static readonly SearchValues<char> Ipv4Characters = SearchValues.Create("0123456789.");
    private static readonly SearchValues<char> Ipv6Characters = SearchValues.Create("0123456789abcdefABCDEF:.");

    /// <summary>True when the text can only be meant as an IPv4 address: nothing but digits and dots.</summary>
    public static bool LooksLikeIpv4(ReadOnlySpan<char> text) =>
        !text.IsEmpty && char.IsAsciiDigit(text[0]) && !text.ContainsAnyExcept(Ipv4Characters);

    /// <summary>Four decimal octets without leading zeros (RFC 5321 §4.1.3: Snum = 1*3DIGIT, 0 to 255).</summary>
    /// <returns>The address, or null and what is wrong.</returns>
    public static IPAddress? ReadIpv4(ReadOnlySpan<char> text, out RouteProblem problem)
    {
        problem = default;
        if (text.Count('.') != 3 || text[0] == '.' || text[^1] == '.' || text.Contains("..", StringComparison.Ordinal))
        {
            return Wrong(
                $"'{text}' is not an IPv4 address: an IPv4 address has exactly four decimal octets", out problem);
        }
        Span<byte> octets = stackalloc byte[4];
        var count = 0;
        foreach (var range in text.Split('.'))
        {
            var octet = text[range];
            if (octet.Length > 1 && octet[0] == '0')
            {
                return Wrong(
                    $"'{octet}' in '{text}' has a leading zero, which some programs read as octal", out problem);
            }
            if (octet.Length > 3 || !TryReadNumber(octet, 255, out var value))
            {
                return Wrong($"'{octet}' in '{text}' is not a number from 0 to 255", out problem);
            }
            octets[count++] = (byte)value;
        }
        return new IPAddress(octets);
    }

    /// <summary>An IPv6 address without a scope; an IPv4-mapped one is returned as IPv4 (N13).</summary>
    public static IPAddress? ReadIpv6(ReadOnlySpan<char> text)
    {
        if (text.Length > 45 || text.ContainsAnyExcept(Ipv6Characters)) return null;
        return IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6
            ? Normal(address) : null;
    }

    /// <summary>An IPv4-mapped IPv6 address as IPv4, any other as it is (N13).</summary>
    public static IPAddress Normal(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>1*DIGIT up to <paramref name="largest"/>; no sign, no space, nothing beyond ASCII (I8).</summary>
    public static bool TryReadNumber(ReadOnlySpan<char> digits, int largest, out int value)
    {
        value = 0;
        if (digits.IsEmpty) return false;
        foreach (var c in digits)
        {
            if (!char.IsAsciiDigit(c)) return false;
            value = value * 10 + (c - '0');
            if (value > largest) return false;
        }
        return true;
    }

    private static IPAddress? Wrong(Sentence message, out RouteProblem problem)
    {
        problem = new(0, message, $"write it like 192.0.2.10");
        return null;
    }
}
