using System.Text;
using Postern.Mail;

namespace Postern.Smtp.Server;

/// <summary>
/// The arguments of MAIL (RFC 5321 §4.1.1.2) with SIZE (RFC 1870 §4), BODY (RFC 6152 §2), SMTPUTF8 (RFC 6531 §3.4),
/// RET and ENVID (RFC 3461 §4.3, §4.4). Pure.
/// </summary>
internal struct MailCommand
{
    /// <summary>Characters of ENVID (RFC 3461 §4.4).</summary>
    private const int MaxEnvelopeId = 100;

    private bool _hasSize;
    private long _size;
    private bool _hasBody;
    private bool _eightBit;
    private bool _smtpUtf8;
    private DsnReturn _return;
    private string? _envelopeId;

    /// <summary>Checks the arguments; null, the envelope and the size that was given when they are right.</summary>
    public static ServerReply? Check(
        ReadOnlySpan<byte> arguments, SmtpServerOptions options, out Envelope? envelope, out long size)
    {
        (envelope, size) = (null, 0);
        if (!CommandArguments.TryReadPath(arguments, "FROM:"u8, out var path, out var parameters))
        {
            return Replies.BadMailSyntax;
        }

        // SMTPUTF8 stands behind the address whose reading it changes, so that parameters are read first.
        var command = default(MailCommand);
        while (CommandArguments.TryReadParameter(ref parameters, out var keyword, out var value, out var hasValue))
        {
            if (command.CheckParameter(keyword, value, hasValue, options.MaxMessageSize) is { } refusal) return refusal;
        }

        Mailbox? reversePath = null;
        if (!path.IsEmpty)
        {
            if (!command._smtpUtf8 && !Ascii.IsValid(path)) return Replies.NeedsSmtpUtf8;
            if (!Mailbox.TryParse(path, command._smtpUtf8, out reversePath) || reversePath.IsBarePostmaster)
            {
                return Replies.BadSender;
            }
        }

        size = command._size;
        envelope = new Envelope
        {
            ReversePath = reversePath,
            EightBitMime = command._eightBit,
            SmtpUtf8 = command._smtpUtf8,
            Return = command._return,
            EnvelopeId = command._envelopeId,
        };
        return null;
    }

    private ServerReply? CheckParameter(
        ReadOnlySpan<byte> keyword, ReadOnlySpan<byte> value, bool hasValue, long maxMessageSize)
    {
        if (CommandArguments.Is(keyword, "SIZE"u8))
        {
            if (_hasSize) return Replies.DuplicateParameter;
            _hasSize = true;
            return CheckSize(value, maxMessageSize, out _size);
        }

        if (CommandArguments.Is(keyword, "BODY"u8))
        {
            if (_hasBody) return Replies.DuplicateParameter;
            _hasBody = true;
            _eightBit = CommandArguments.Is(value, "8BITMIME"u8);
            return _eightBit || CommandArguments.Is(value, "7BIT"u8) ? null : Replies.BadParameterValue;
        }

        if (CommandArguments.Is(keyword, "SMTPUTF8"u8))
        {
            if (_smtpUtf8) return Replies.DuplicateParameter;
            _smtpUtf8 = true;
            return hasValue ? Replies.BadParameterValue : null;
        }

        if (CommandArguments.Is(keyword, "RET"u8))
        {
            if (_return != DsnReturn.Unspecified) return Replies.DuplicateParameter;
            _return = CommandArguments.Is(value, "FULL"u8) ? DsnReturn.Full
                : CommandArguments.Is(value, "HDRS"u8) ? DsnReturn.Headers : DsnReturn.Unspecified;
            return _return == DsnReturn.Unspecified ? Replies.BadParameterValue : null;
        }

        if (CommandArguments.Is(keyword, "ENVID"u8))
        {
            if (_envelopeId is not null) return Replies.DuplicateParameter;
            if (value.Length is 0 or > MaxEnvelopeId || !CommandArguments.IsPrintableXtext(value))
            {
                return Replies.BadParameterValue;
            }

            _envelopeId = Encoding.ASCII.GetString(value);
            return null;
        }

        return Replies.UnknownParameter;
    }

    // RFC 1870 §4: size-value = 1*20DIGIT. What 20 digits say may be more than a long holds.
    private static ServerReply? CheckSize(ReadOnlySpan<byte> value, long maxMessageSize, out long size)
    {
        size = 0;
        if (value.Length is 0 or > 20 || value.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return Replies.BadParameterValue;
        }

        UInt128 given = 0;
        foreach (var digit in value) given = given * 10 + (UInt128)(digit - '0');
        if (given > (UInt128)maxMessageSize) return Replies.TooBig;
        size = (long)given;
        return null;
    }
}
