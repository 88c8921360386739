using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Postern.Mail.Dsn;

/// <summary>
/// The encoding of DSN parameters (RFC 3461 §4), and that of addresses beyond ASCII (RFC 6533 §3). Pure.
/// </summary>
internal static class Xtext
{
    /// <summary>
    /// <c>xtext = *( xchar / "+" 2HEXDIG )</c>. False when it is not that, or when what it stands for is not printable
    /// ASCII, which alone may be put into a report.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<char> xtext, [NotNullWhen(true)] out string? decoded)
    {
        decoded = null;
        var text = new StringBuilder(xtext.Length);
        while (!xtext.IsEmpty)
        {
            var character = xtext[0];
            xtext = xtext[1..];
            if (character == '+')
            {
                if (xtext.Length < 2 || !IsUpperHex(xtext[0]) || !IsUpperHex(xtext[1])) return false;
                character = (char)int.Parse(xtext[..2], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                xtext = xtext[2..];
            }
            if (character is < ' ' or > '~') return false;
            text.Append(character);
        }
        // A value that is empty or has space around it would not be read back as it was.
        if (text.Length == 0 || text[0] == ' ' || text[^1] == ' ') return false;
        decoded = text.ToString();
        return true;
    }

    /// <summary><c>utf-8-addr-xtext</c>: what is not a plain character becomes <c>\x{HEX}</c>.</summary>
    public static string EncodeUtf8Address(string address)
    {
        var text = new StringBuilder(address.Length * 2);
        foreach (var rune in address.EnumerateRunes())
        {
            if (rune.Value is > ' ' and <= '~' and not ('+' or '=' or '\\')) text.Append((char)rune.Value);
            else text.Append(CultureInfo.InvariantCulture, $"\\x{{{rune.Value:X2}}}");
        }
        return text.ToString();
    }

    /// <summary>True for text without spaces and controls, beyond ASCII only when that is allowed.</summary>
    public static bool IsPrintable(string text, bool international) => text.Length > 0
        && text.EnumerateRunes().All(rune => rune.Value > ' ' && rune.Value != 0x7F
            && (rune.IsAscii || (international && rune != Rune.ReplacementChar && !PeerText.IsHidden(rune))));

    private static bool IsUpperHex(char character) => character is (>= '0' and <= '9') or (>= 'A' and <= 'F');
}
