using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;

namespace Postern.Mail;

/// <summary>
/// A validated mailbox of an envelope (RFC 5321 §4.1.2, RFC 6531 §3.3). The only way an address gets onto the wire,
/// into the spool or into the log: it never holds a control character. Immutable; may be used by several threads.
/// </summary>
public sealed class Mailbox : IEquatable<Mailbox>
{
    /// <summary>
    /// Octets of a local part. RFC 5321 §4.5.3.1.1 asks for 64; senders made by forwarders and mailing lists are
    /// longer.
    /// </summary>
    public const int MaxLocalPart = 128;

    private Mailbox(string text, string localPart, Domain? domain, IPAddress? literal) =>
        (Text, LocalPart, Domain, Literal) = (text, localPart, domain, literal);

    /// <summary>As it was received, without the angle brackets and without a source route.</summary>
    public string Text { get; }

    /// <summary>The local part as received, quotes included.</summary>
    public string LocalPart { get; }

    /// <summary>
    /// The domain; null for an address literal and for the bare <c>postmaster</c> (RFC 5321 §4.1.1.3).
    /// </summary>
    public Domain? Domain { get; }

    /// <summary>The address of an address literal, IPv4-mapped addresses as IPv4; else null.</summary>
    public IPAddress? Literal { get; }

    /// <summary>True for <c>postmaster</c> in any case without a domain (RFC 5321 §4.1.1.3).</summary>
    public bool IsBarePostmaster => Domain is null && Literal is null;

    /// <summary>True when <see cref="Text"/> has characters beyond ASCII (RFC 6531).</summary>
    public bool NeedsSmtpUtf8 => !Ascii.IsValid(Text);

    /// <summary>
    /// The receiving domain a queue is named by: the A-label form, or <c>[10.1.2.3]</c>, <c>[2001:db8::1]</c>.
    /// </summary>
    public string ReceivingDomain => Domain?.Name ?? (Literal is null ? "" : $"[{Literal}]");

    /// <summary>
    /// Reads a mailbox without angle brackets. A source route before it is accepted and dropped (RFC 5321 §4.1.1.3),
    /// and <c>postmaster</c> may stand without a domain.
    /// </summary>
    /// <returns>
    /// False for what the grammar does not have, and for UTF-8 when <paramref name="smtpUtf8"/> is false.
    /// </returns>
    public static bool TryParse(ReadOnlySpan<byte> text, bool smtpUtf8, [NotNullWhen(true)] out Mailbox? mailbox)
    {
        mailbox = null;
        if (!Ascii.IsValid(text) && !(smtpUtf8 && MailboxGrammar.IsPlainUtf8(text))) return false;
        if (!MailboxGrammar.TrySkipSourceRoute(ref text)) return false;
        if (!MailboxGrammar.TryReadLocalPart(text, out var length) || length > MaxLocalPart) return false;

        var localPart = Encoding.UTF8.GetString(text[..length]);
        if (length == text.Length)
        {
            if (!Ascii.EqualsIgnoreCase(text, "postmaster"u8)) return false;
            mailbox = new Mailbox(localPart, localPart, null, null);
            return true;
        }

        if (text[length] != (byte)'@') return false;
        var after = text[(length + 1)..];
        Domain? domain = null;
        IPAddress? literal = null;
        if (after.StartsWith((byte)'[')
            ? !MailboxGrammar.TryReadLiteral(after, out literal) : !MailboxGrammar.TryReadDomain(after, out domain))
        {
            return false;
        }

        mailbox = new Mailbox(Encoding.UTF8.GetString(text), localPart, domain, literal);
        return true;
    }

    /// <summary>Reads a mailbox from text that Postern wrote itself (spool, commands); UTF-8 allowed.</summary>
    public static Mailbox Parse(string text) =>
        TryParse(Encoding.UTF8.GetBytes(text), smtpUtf8: true, out var mailbox)
            ? mailbox : throw new FormatException($"'{text}' is not a mailbox");

    /// <summary>The bare <c>postmaster</c> completed with a domain; others as they are.</summary>
    public Mailbox WithDomain(Domain domain) =>
        IsBarePostmaster ? new Mailbox($"{LocalPart}@{domain.Name}", LocalPart, domain, null) : this;

    /// <summary>
    /// The same mailbox: equal domains, and local parts equal but for needless quotes (RFC 5321 §4.1.2).
    /// </summary>
    public bool Equals(Mailbox? other) => other is not null
        && string.Equals(Unquoted(LocalPart), Unquoted(other.LocalPart), StringComparison.Ordinal)
        && Equals(Domain, other.Domain) && Equals(Literal, other.Literal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Mailbox);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(Unquoted(LocalPart).GetHashCode(StringComparison.Ordinal), Domain, Literal);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static string Unquoted(string localPart)
    {
        if (!localPart.StartsWith('"')) return localPart;
        var plain = new StringBuilder(localPart.Length);
        for (var i = 1; i < localPart.Length - 1; i++)
        {
            if (localPart[i] == '\\') i++;
            plain.Append(localPart[i]);
        }

        return plain.ToString();
    }
}
