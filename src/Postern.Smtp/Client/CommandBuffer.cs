using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Postern.Mail;

namespace Postern.Smtp.Client;

/// <summary>
/// Commands of a client, written one behind the other into a buffer that is sent at once. No octet below 0x20 and no
/// 0x7F can get into a command (hardening I1): <see cref="IsClean"/> turns false and nothing of it may be sent.
/// Owned by a session; for one thread at a time.
/// </summary>
internal sealed class CommandBuffer
{
    private static readonly SearchValues<byte> Controls = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(octet => (byte)octet), 0x7f]);

    private readonly ArrayBufferWriter<byte> _octets = new(512);
    private int _commandStart;

    /// <summary>What was written since <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Octets => _octets.WrittenMemory;

    /// <summary>False: a command would have held a control character.</summary>
    public bool IsClean { get; private set; } = true;

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        _octets.ResetWrittenCount();
        _commandStart = 0;
        IsClean = true;
    }

    /// <summary>A command that is only its verb, CRLF included.</summary>
    public void Verb(ReadOnlySpan<byte> command)
    {
        _octets.Write(command);
        _commandStart = _octets.WrittenCount;
    }

    /// <summary>EHLO or HELO.</summary>
    public void Hello(ReadOnlySpan<byte> verb, string hostName)
    {
        _octets.Write(verb);
        Text(hostName);
        EndCommand();
    }

    /// <summary>
    /// MAIL (RFC 5321 §4.1.1.2) with the parameters of those extensions that the host offers, and no others (RFC 5321
    /// §4.1.1.11): SIZE (RFC 1870 §4), BODY (RFC 6152 §2), SMTPUTF8 (RFC 6531 §3.4), RET and ENVID (RFC 3461 §4.3).
    /// </summary>
    public void Mail(OutgoingTransaction transaction, SmtpExtensions offered)
    {
        var envelope = transaction.Envelope;
        _octets.Write("MAIL FROM:<"u8);
        if (envelope.ReversePath is { } reversePath) Text(reversePath.Text);
        _octets.Write(">"u8);
        if (offered.Size)
        {
            _octets.Write(" SIZE="u8);
            Utf8Formatter.TryFormat(transaction.Size, _octets.GetSpan(20), out var written);
            _octets.Advance(written);
        }

        if (offered.EightBitMime && (transaction.HasEightBit || envelope.EightBitMime))
        {
            _octets.Write(" BODY=8BITMIME"u8);
        }

        if (offered.SmtpUtf8 && envelope.SmtpUtf8) _octets.Write(" SMTPUTF8"u8);
        if (offered.Dsn)
        {
            if (envelope.Return == DsnReturn.Full) _octets.Write(" RET=FULL"u8);
            if (envelope.Return == DsnReturn.Headers) _octets.Write(" RET=HDRS"u8);
            if (envelope.EnvelopeId is { } id) Parameter(" ENVID="u8, id);
        }

        EndCommand();
    }

    /// <summary>
    /// RCPT (RFC 5321 §4.1.1.3), with NOTIFY and ORCPT (RFC 3461 §4.1, §4.2) where the host offers DSN.
    /// </summary>
    public void Rcpt(EnvelopeRecipient recipient, SmtpExtensions offered)
    {
        _octets.Write("RCPT TO:<"u8);
        Text(recipient.ForwardPath.Text);
        _octets.Write(">"u8);
        if (offered.Dsn)
        {
            if (recipient.Notify != DsnNotify.Unspecified) Notify(recipient.Notify);
            if (recipient.OriginalRecipient is { } original) Parameter(" ORCPT="u8, original);
        }

        EndCommand();
    }

    private void Notify(DsnNotify notify)
    {
        _octets.Write(" NOTIFY="u8);
        if ((notify & DsnNotify.Never) != 0)
        {
            _octets.Write("NEVER"u8);
            return;
        }

        var separated = false;
        Event(DsnNotify.Success, "SUCCESS"u8);
        Event(DsnNotify.Failure, "FAILURE"u8);
        Event(DsnNotify.Delay, "DELAY"u8);

        void Event(DsnNotify flag, ReadOnlySpan<byte> word)
        {
            if ((notify & flag) == 0) return;
            if (separated) _octets.Write(","u8);
            _octets.Write(word);
            separated = true;
        }
    }

    private void Parameter(ReadOnlySpan<byte> name, string value)
    {
        // A space would begin another parameter.
        if (value.Contains(' ', StringComparison.Ordinal)) IsClean = false;
        _octets.Write(name);
        Text(value);
    }

    private void Text(string text) => Encoding.UTF8.GetBytes(text, _octets);

    private void EndCommand()
    {
        if (_octets.WrittenSpan[_commandStart..].ContainsAny(Controls)) IsClean = false;
        _octets.Write("\r\n"u8);
        _commandStart = _octets.WrittenCount;
    }
}
