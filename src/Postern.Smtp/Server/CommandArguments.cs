using System.Text;

namespace Postern.Smtp.Server;

/// <summary>
/// Takes the arguments of MAIL and RCPT apart (RFC 5321 §4.1.2, §4.1.1.11). Pure; nothing is decoded here.
/// </summary>
internal static class CommandArguments
{
    /// <summary>
    /// Reads <c>FROM:&lt;path&gt;</c> or <c>TO:&lt;path&gt;</c>. Spaces behind the colon are tolerated, as many clients
    /// send them; the brackets are not optional.
    /// </summary>
    /// <returns>False when the keyword or the brackets are missing or text follows the bracket.</returns>
    public static bool TryReadPath(
        ReadOnlySpan<byte> arguments, ReadOnlySpan<byte> keyword,
        out ReadOnlySpan<byte> path, out ReadOnlySpan<byte> parameters)
    {
        path = parameters = default;
        if (arguments.Length < keyword.Length || !Ascii.EqualsIgnoreCase(arguments[..keyword.Length], keyword))
            return false;
        var rest = arguments[keyword.Length..].TrimStart((byte)' ');
        if (!rest.StartsWith((byte)'<')) return false;
        var close = IndexOfClosingBracket(rest);
        if (close < 0) return false;
        path = rest[1..close];
        rest = rest[(close + 1)..];
        if (!rest.IsEmpty && rest[0] != (byte)' ') return false;
        parameters = rest.Trim((byte)' ');
        return true;
    }

    // A quoted string may hold '>' (RFC 5321 §4.1.2).
    private static int IndexOfClosingBracket(ReadOnlySpan<byte> text)
    {
        var quoted = false;
        for (var i = 1; i < text.Length; i++)
        {
            switch (text[i])
            {
                case (byte)'"':
                    quoted = !quoted;
                    break;
                case (byte)'\\' when quoted:
                    i++;
                    break;
                case (byte)'>' when !quoted:
                    return i;
            }
        }

        return -1;
    }

    // Mail-parameters = esmtp-param *(SP esmtp-param); esmtp-param = esmtp-keyword ["=" esmtp-value]
    /// <summary>Takes the next parameter off; false when none is left.</summary>
    public static bool TryReadParameter(
        ref ReadOnlySpan<byte> parameters, out ReadOnlySpan<byte> keyword, out ReadOnlySpan<byte> value,
        out bool hasValue)
    {
        parameters = parameters.TrimStart((byte)' ');
        var end = parameters.IndexOf((byte)' ');
        var parameter = end < 0 ? parameters : parameters[..end];
        parameters = end < 0 ? [] : parameters[end..];
        var equals = parameter.IndexOf((byte)'=');
        hasValue = equals >= 0;
        keyword = hasValue ? parameter[..equals] : parameter;
        value = hasValue ? parameter[(equals + 1)..] : [];
        return !parameter.IsEmpty;
    }

    /// <summary>The keyword in any case.</summary>
    public static bool Is(ReadOnlySpan<byte> keyword, ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(keyword, name);

    /// <summary>
    /// xtext whose decoded form is printable ASCII (RFC 3461 §4, §4.2, §4.4): kept as received, but never able to put a
    /// control character into a report (I3).
    /// </summary>
    public static bool IsPrintableXtext(ReadOnlySpan<byte> text)
    {
        // xtext = *( xchar / hexchar ); xchar = %d33-42 / %d44-60 / %d62-126; hexchar = "+" 2(DIGIT / %x41-46)
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is < 33 or > 126 or (byte)'=') return false;
            if (text[i] != (byte)'+') continue;
            if (i + 2 >= text.Length) return false;
            var decoded = HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2]);
            if (HexDigit(text[i + 1]) < 0 || HexDigit(text[i + 2]) < 0 || decoded is < 32 or > 126) return false;
            i += 2;
        }

        return true;
    }

    private static int HexDigit(byte octet) => octet switch
    {
        >= (byte)'0' and <= (byte)'9' => octet - '0',
        >= (byte)'A' and <= (byte)'F' => octet - 'A' + 10,
        _ => -1,
    };
}
