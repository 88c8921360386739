using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Postern.Configuration;

/// <summary>
/// Addresses, addresses with ports and networks as they are written in <c>postern.toml</c>. Stricter than the
/// framework, which takes "1" for 0.0.0.1 and "010.0.0.1" for octal (hardening I8).
/// </summary>
internal static class Addresses
{
    /// <summary>Four decimal octets without leading zeros, or an IPv6 address without brackets and zone.</summary>
    public static bool TryParse(string text, out IPAddress address)
    {
        address = IPAddress.None;
        if (text.Contains(':', StringComparison.Ordinal))
        {
            if (text.AsSpan().IndexOfAny('%', '[', '/') >= 0) return false;
            if (!IPAddress.TryParse(text, out var v6) || v6.AddressFamily != AddressFamily.InterNetworkV6) return false;
            address = v6.IsIPv4MappedToIPv6 ? v6.MapToIPv4() : v6;
            return true;
        }
        var octets = text.Split('.');
        if (octets.Length != 4 || !octets.All(IsOctet)) return false;
        address = IPAddress.Parse(text);
        return true;
    }

    /// <summary><c>127.0.0.1:2525</c> or <c>[::1]:2525</c>; without a port only when one is given as default.</summary>
    public static bool TryParseEndPoint(string text, int? defaultPort, out IPEndPoint endPoint)
    {
        endPoint = new IPEndPoint(IPAddress.None, 0);
        var (host, port) = (text, "");
        if (text.StartsWith('['))
        {
            var close = text.IndexOf(']', StringComparison.Ordinal);
            if (close < 0 || !text.AsSpan(1, close - 1).Contains(':')) return false;
            (host, port) = (text[1..close], text[(close + 1)..]);
        }
        else if (text.AsSpan().Count(':') <= 1)
        {
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon >= 0) (host, port) = (text[..colon], text[colon..]);
        }
        else if (defaultPort is null)
        {
            // Without brackets nobody can tell an IPv6 address from its port.
            return false;
        }
        if (!TryParse(host, out var address) || !TryPort(port, defaultPort, out var number)) return false;
        endPoint = new IPEndPoint(address, number);
        return true;
    }

    /// <summary>An address, or an address and a prefix length whose further bits are zero.</summary>
    public static bool TryParseNetwork(string text, out IPNetwork network)
    {
        network = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!TryParse(slash < 0 ? text : text[..slash], out var address)) return false;
        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var length = bits;
        if (slash >= 0 && (!TryNumber(text.AsSpan(slash + 1), 3, out length) || length > bits)) return false;
        if (!HostBitsAreZero(address, length)) return false;
        network = new IPNetwork(address, length);
        return true;
    }

    /// <summary>The network that an address with host bits set lies in, for the remedy; null: none.</summary>
    public static string? NetworkMeant(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !TryParse(text[..slash], out var address)) return null;
        var octets = address.GetAddressBytes();
        if (!TryNumber(text.AsSpan(slash + 1), 3, out var length) || length > octets.Length * 8) return null;
        for (var bit = length; bit < octets.Length * 8; bit++) octets[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return string.Create(CultureInfo.InvariantCulture, $"{new IPAddress(octets)}/{length}");
    }

    /// <summary>What to write instead of a text that is no network; null: who knows.</summary>
    public static string? NetworkRemedy(string text) => NetworkMeant(text) is { } network && network != text
        ? $"Bits beyond the prefix must be zero: write \"{network}\"." : null;

    private static bool HostBitsAreZero(IPAddress address, int length)
    {
        var octets = address.GetAddressBytes();
        for (var bit = length; bit < octets.Length * 8; bit++)
            if ((octets[bit / 8] & (0x80 >> (bit % 8))) != 0) return false;
        return true;
    }

    private static bool TryPort(string text, int? defaultPort, out int port)
    {
        port = defaultPort ?? 0;
        if (text.Length == 0) return defaultPort is not null;
        return text[0] == ':' && TryNumber(text.AsSpan(1), 5, out port) && port <= 65_535;
    }

    private static bool IsOctet(string text) =>
        TryNumber(text, 3, out var value) && value <= 255 && (text.Length == 1 || text[0] != '0');

    private static bool TryNumber(ReadOnlySpan<char> text, int maxDigits, out int value)
    {
        value = 0;
        if (text.Length == 0 || text.Length > maxDigits || text.ContainsAnyExceptInRange('0', '9')) return false;
        value = int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
        return true;
    }
}
