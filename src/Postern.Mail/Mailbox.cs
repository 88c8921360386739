using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Postern.Mail;

/// <summary>
/// A validated mailbox of an envelope (RFC 5321 §4.1.2, RFC 6531 §3.3). The only way an address gets onto the wire,
/// into the spool or into the log: it never holds a control character. Immutable; may be used by several threads.
/// </summary>
public sealed class Mailbox : IEquatable<Mailbox>
{
    private Mailbox(string text, string localPart, Domain? domain, IPAddress? literal) =>
        (Text, LocalPart, Domain, Literal) = (text, localPart, domain, literal);

    /// <summary>As it was received, without the angle brackets and without a source route.</summary>
    public string Text { get; }

    /// <summary>The local part as received, quotes included.</summary>
    public string LocalPart { get; }

    /// <summary>The domain; null for an address literal and for the bare <c>postmaster</c> (RFC 5321 §4.1.1.3).</summary>
    public Domain? Domain { get; }

    /// <summary>The address of an address literal, IPv4-mapped addresses as IPv4; else null.</summary>
    public IPAddress? Literal { get; }

    /// <summary>True when <see cref="Text"/> has characters beyond ASCII (RFC 6531).</summary>
    public bool NeedsSmtpUtf8 => !System.Text.Ascii.IsValid(Text);

    /// <summary>The receiving domain a queue is named by: the A-label form, or <c>[10.1.2.3]</c>, <c>[2001:db8::1]</c>.</summary>
    public string ReceivingDomain => Domain?.Name ?? (Literal is null ? "" : $"[{Literal}]");

    /// <summary>Reads a mailbox without angle brackets.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, bool smtpUtf8, [NotNullWhen(true)] out Mailbox? mailbox) =>
        throw new NotImplementedException();

    /// <summary>Reads a mailbox from text that Postern wrote itself (spool, commands); UTF-8 allowed.</summary>
    public static Mailbox Parse(string text) =>
        TryParse(System.Text.Encoding.UTF8.GetBytes(text), smtpUtf8: true, out var mailbox)
            ? mailbox : throw new FormatException($"'{text}' is not a mailbox");

    /// <inheritdoc/>
    public bool Equals(Mailbox? other) => other is not null && string.Equals(Text, other.Text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Mailbox);

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;
}
