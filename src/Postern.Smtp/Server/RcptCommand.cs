using System.Buffers;
using System.Globalization;
using System.Text;
using Postern.Mail;

namespace Postern.Smtp.Server;

/// <summary>
/// The arguments of RCPT (RFC 5321 §4.1.1.3) with NOTIFY and ORCPT (RFC 3461 §4.1, §4.2). Pure.
/// </summary>
internal static class RcptCommand
{
    /// <summary>Characters of ORCPT (RFC 3461 §4.2).</summary>
    private const int MaxOriginalRecipient = 500;

    private static readonly SearchValues<byte> UpperHexDigits = SearchValues.Create("0123456789ABCDEF"u8);

    /// <summary>Checks the arguments; null and the recipient when they are right.</summary>
    public static ServerReply? Check(ReadOnlySpan<byte> arguments, bool smtpUtf8, out RecipientRequest recipient)
    {
        recipient = default;
        if (!CommandArguments.TryReadPath(arguments, "TO:"u8, out var path, out var parameters))
        {
            return Replies.BadRcptSyntax;
        }

        if (!smtpUtf8 && !Ascii.IsValid(path)) return Replies.NeedsSmtpUtf8;
        if (!Mailbox.TryParse(path, smtpUtf8, out var mailbox)) return Replies.BadRecipient;

        var notify = DsnNotify.Unspecified;
        string? originalRecipient = null;
        while (CommandArguments.TryReadParameter(ref parameters, out var keyword, out var value, out _))
        {
            if (CommandArguments.Is(keyword, "NOTIFY"u8))
            {
                if (notify != DsnNotify.Unspecified) return Replies.DuplicateParameter;
                if (!TryReadNotify(value, out notify)) return Replies.BadParameterValue;
            }
            else if (CommandArguments.Is(keyword, "ORCPT"u8))
            {
                if (originalRecipient is not null) return Replies.DuplicateParameter;
                if (!IsOriginalRecipient(value, smtpUtf8)) return Replies.BadParameterValue;
                originalRecipient = Encoding.UTF8.GetString(value);
            }
            else
            {
                return Replies.UnknownParameter;
            }
        }

        recipient = new RecipientRequest(mailbox, notify, originalRecipient);
        return null;
    }

    // notify-esmtp-value = "NEVER" / 1#notify-list-element; NEVER stands alone.
    private static bool TryReadNotify(ReadOnlySpan<byte> value, out DsnNotify notify)
    {
        notify = DsnNotify.Unspecified;
        while (true)
        {
            var comma = value.IndexOf((byte)',');
            var element = comma < 0 ? value : value[..comma];
            if (CommandArguments.Is(element, "NEVER"u8)) notify |= DsnNotify.Never;
            else if (CommandArguments.Is(element, "SUCCESS"u8)) notify |= DsnNotify.Success;
            else if (CommandArguments.Is(element, "FAILURE"u8)) notify |= DsnNotify.Failure;
            else if (CommandArguments.Is(element, "DELAY"u8)) notify |= DsnNotify.Delay;
            else return false;
            if (comma < 0) return (notify & DsnNotify.Never) == 0 || notify == DsnNotify.Never;
            value = value[(comma + 1)..];
        }
    }

    // original-recipient-address = addr-type ";" xtext; addr-type = atom. RFC 6533 §3 adds UTF-8 for addr-type utf-8.
    private static bool IsOriginalRecipient(ReadOnlySpan<byte> value, bool smtpUtf8)
    {
        if (value.Length > MaxOriginalRecipient) return false;
        var semicolon = value.IndexOf((byte)';');
        if (semicolon <= 0 || semicolon == value.Length - 1) return false;
        foreach (var octet in value[..semicolon])
        {
            if (!char.IsAsciiLetterOrDigit((char)octet) && octet != (byte)'-') return false;
        }

        var address = value[(semicolon + 1)..];
        if (!CommandArguments.Is(value[..semicolon], "utf-8"u8)) return CommandArguments.IsPrintableXtext(address);
        return IsUtf8Address(address, smtpUtf8);
    }

    // RFC 6533 §3: utf-8-addr-xtext and utf-8-addr-unitext. EmbeddedUnicodeChar = %x5C.78 "{" HEXPOINT "}" is made of
    // characters that are allowed anyway; only a point that is a control character must not come through (I3).
    private static bool IsUtf8Address(ReadOnlySpan<byte> address, bool smtpUtf8)
    {
        if (!Ascii.IsValid(address) && !(smtpUtf8 && MailboxGrammar.IsPlainUtf8(address))) return false;
        foreach (var octet in address)
        {
            if (octet is < 33 or 127 or (byte)'=' or (byte)'+') return false;
        }

        while (address.IndexOf("\\x{"u8) is var at and >= 0)
        {
            address = address[(at + 3)..];
            var close = address.IndexOf((byte)'}');
            // HEXPOINT has 2 to 6 digits, upper-case; below 0x20 and 0x7F are no characters of an address.
            if (close is < 2 or > 6 || address[..close].ContainsAnyExcept(UpperHexDigits)) return false;
            var point = int.Parse(address[..close], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (point < 0x20 || point is >= 0x7F and < 0xA0) return false;
        }

        return true;
    }
}
