using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Postern.Mail;

/// <summary>The grammar of paths, on octets (RFC 5321 §4.1.2 and §4.1.3, extended by RFC 6531 §3.3). Pure.</summary>
public static class MailboxGrammar
{
    // RFC 5322 §3.2.3 atext, the dot of Dot-string, and octets of UTF-8 (RFC 6531 §3.3).
    private static readonly SearchValues<byte> DotStringOctets = SearchValues.Create(
        [.. "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~."u8, .. HighOctets()]);

    private static readonly SearchValues<byte> AddressOctets = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    private static byte[] HighOctets() => [.. Enumerable.Range(0x80, 0x80).Select(i => (byte)i)];

    /// <summary>
    /// True for valid UTF-8 without the controls and line ends beyond ASCII, so that I1 holds for them too.
    /// </summary>
    public static bool IsPlainUtf8(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(text, out var rune, out var consumed) != OperationStatus.Done) return false;
            if (!rune.IsAscii && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                return false;
            }

            text = text[consumed..];
        }

        return true;
    }

    // A-d-l = At-domain *( "," At-domain ); Path = "<" [ A-d-l ":" ] Mailbox ">"
    internal static bool TrySkipSourceRoute(ref ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith((byte)'@')) return true;
        var colon = text.IndexOf((byte)':');
        if (colon < 0) return false;
        var route = text[..colon];
        text = text[(colon + 1)..];
        while (true)
        {
            var comma = route.IndexOf((byte)',');
            var hop = comma < 0 ? route : route[..comma];
            if (!hop.StartsWith((byte)'@') || !TryReadDomain(hop[1..], out _)) return false;
            // The bare postmaster has no route, and a second route is none.
            if (comma < 0) return text.Contains((byte)'@') && text[0] != (byte)'@';
            route = route[(comma + 1)..];
        }
    }

    // Local-part = Dot-string / Quoted-string
    internal static bool TryReadLocalPart(ReadOnlySpan<byte> text, out int length)
    {
        if (text.StartsWith((byte)'"')) return TryReadQuotedString(text, out length);
        length = text.IndexOfAnyExcept(DotStringOctets);
        if (length < 0) length = text.Length;
        var atoms = text[..length];
        return length > 0 && atoms[0] != (byte)'.' && atoms[^1] != (byte)'.' && atoms.IndexOf(".."u8) < 0;
    }

    // Quoted-string = DQUOTE *QcontentSMTP DQUOTE; qtextSMTP = %d32-33 / %d35-91 / %d93-126;
    // quoted-pairSMTP = %d92 %d32-126
    private static bool TryReadQuotedString(ReadOnlySpan<byte> text, out int length)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == (byte)'"')
            {
                length = i + 1;
                return true;
            }

            if (text[i] == (byte)'\\' && (++i == text.Length || text[i] > 126)) break;
            if (text[i] is < 32 or 127) break;
        }

        length = 0;
        return false;
    }

    /// <summary>
    /// Reads a domain in A-labels or U-labels as it stands in a path or after EHLO: without a trailing dot.
    /// </summary>
    public static bool TryReadDomain(ReadOnlySpan<byte> text, [NotNullWhen(true)] out Domain? domain)
    {
        domain = null;
        // A character of a U-label has at most three octets a UTF-16 unit.
        if (text.IsEmpty || text.Length > 3 * Domain.MaxLength || text[^1] == (byte)'.') return false;
        Span<char> characters = stackalloc char[3 * Domain.MaxLength];
        return Encoding.UTF8.TryGetChars(text, characters, out var count)
            && Domain.TryParse(characters[..count], out domain);
    }

    // address-literal = "[" ( IPv4-address-literal / IPv6-address-literal ) "]"; no other kind is registered.
    /// <summary>Reads an address literal with its brackets; IPv4-mapped addresses become IPv4 (N13).</summary>
    public static bool TryReadLiteral(ReadOnlySpan<byte> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (text.Length < 3 || text[0] != (byte)'[' || text[^1] != (byte)']') return false;
        text = text[1..^1];
        if (text.Length > 5 && Ascii.EqualsIgnoreCase(text[..5], "IPv6:"u8))
        {
            text = text[5..];
            // The library would also take a scope id, a prefix or brackets.
            if (text.Length > 45 || text.ContainsAnyExcept(AddressOctets) || !text.Contains((byte)':')) return false;
            if (!IPAddress.TryParse(Encoding.ASCII.GetString(text), out var v6)
                || v6.AddressFamily != AddressFamily.InterNetworkV6) return false;
            address = v6.IsIPv4MappedToIPv6 ? v6.MapToIPv4() : v6;
            return true;
        }

        return TryReadIPv4(text, out address);
    }

    // IPv4-address-literal = Snum 3("." Snum). A leading zero, which some read as octal, is refused (N10).
    private static bool TryReadIPv4(ReadOnlySpan<byte> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        Span<byte> octets = stackalloc byte[4];
        for (var i = 0; i < 4; i++)
        {
            var end = text.IndexOf((byte)'.');
            if (end < 0 != (i == 3)) return false;
            var part = end < 0 ? text : text[..end];
            if (part.Length is 0 or > 3 || part.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return false;
            if (part.Length > 1 && part[0] == (byte)'0') return false;
            var value = 0;
            foreach (var digit in part) value = value * 10 + (digit - '0');
            if (value > 255) return false;
            octets[i] = (byte)value;
            text = end < 0 ? [] : text[(end + 1)..];
        }

        address = new IPAddress(octets);
        return true;
    }
}
