using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Postern.Mail.Dsn;

/// <summary>
/// A report to the sender on recipients that failed for good, wait, or were passed on: a whole message with its
/// envelope (RFC 3464, RFC 6522; for a sender with an address beyond ASCII RFC 6533). Immutable.
/// </summary>
public sealed class DeliveryReport
{
    private DeliveryReport(Envelope envelope, EnvelopeRecipient recipient, byte[] content) =>
        (Envelope, Recipient, Content) = (envelope, recipient, content);

    /// <summary>
    /// The null reverse-path, without RET and ENVID (RFC 3461 §6.1); 8BITMIME and SMTPUTF8 as the content needs them.
    /// </summary>
    public Envelope Envelope { get; }

    /// <summary>
    /// RID 0: the sender of the message, with NOTIFY=NEVER, so that no report is made of a report.
    /// </summary>
    public EnvelopeRecipient Recipient { get; }

    /// <summary>The message: CRLF ends every line and stands nowhere else, no line has more than 998 octets.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>The content has octets above 127.</summary>
    public bool HasEightBit => Envelope.EightBitMime;

    /// <summary>
    /// Whether this fate of a recipient is reported: never to the null reverse-path (RFC 5321 §4.5.4). Where NOTIFY is
    /// given, when it names the fate; where it is not, failures and delays are (RFC 3461 §4.1).
    /// </summary>
    public static bool IsWanted(Envelope original, EnvelopeRecipient recipient, DsnAction action)
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(recipient);
        if (original.ReversePath is null) return false;
        return action switch
        {
            DsnAction.Relayed => recipient.Notify.HasFlag(DsnNotify.Success),
            _ when recipient.Notify == DsnNotify.Unspecified => true,
            DsnAction.Failed => recipient.Notify.HasFlag(DsnNotify.Failure),
            _ => recipient.Notify.HasFlag(DsnNotify.Delay),
        };
    }

    /// <summary>Composes the report. The same request gives the same octets.</summary>
    /// <exception cref="ArgumentException">
    /// The reverse-path is null, there is no recipient, or delayed mail without <see cref="ReportRequest.RetryUntil"/>.
    /// </exception>
    public static DeliveryReport Compose(ReportRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var sender = request.Original.ReversePath
            ?? throw new ArgumentException("no report goes to the null reverse-path", nameof(request));
        if (request.Recipients.Count == 0) throw new ArgumentException("no recipient to report on", nameof(request));
        if (request is { Action: DsnAction.Delayed, RetryUntil: null })
            throw new ArgumentException("delayed, and nothing says until when it is tried", nameof(request));

        var international = sender.NeedsSmtpUtf8;
        var text = NotificationPart.Compose(request, international);
        var status = StatusPart.Compose(request, international);
        var returned = ReturnedPart.Of(request);
        var boundary = BoundaryFor(text, status, returned);

        var body = new ArrayBufferWriter<byte>();
        foreach (var part in new[] { text, status, returned })
        {
            if (part is null) continue;
            Ascii(body, $"\r\n--{boundary}\r\nContent-Type: {part.Type}\r\n");
            Ascii(body, $"Content-Transfer-Encoding: {part.Encoding}\r\n\r\n");
            body.Write(part.Octets.Span);
        }
        Ascii(body, $"\r\n--{boundary}--\r\n");

        var eightBit = international || body.WrittenSpan.ContainsAnyExceptInRange((byte)0, (byte)127);
        var content = new ArrayBufferWriter<byte>(body.WrittenCount + 1024);
        var subject = NotificationPart.SubjectOf(request, international);
        content.Write(Encoding.UTF8.GetBytes(Header(request, sender, subject, boundary, eightBit)));
        content.Write(body.WrittenSpan);
        return new DeliveryReport(
            new Envelope { EightBitMime = eightBit, SmtpUtf8 = international },
            new EnvelopeRecipient(new Rid(0), sender) { Notify = DsnNotify.Never },
            content.WrittenSpan.ToArray());
    }

    /// <summary>A date in the form of RFC 5322 §3.3.</summary>
    internal static string DateOf(DateTimeOffset at) =>
        at.ToString("ddd, dd MMM yyyy HH:mm:ss ", CultureInfo.InvariantCulture) + ZoneOf(at);

    /// <summary>The offset in the form of RFC 5322 §3.3.</summary>
    internal static string ZoneOf(DateTimeOffset at) =>
        at.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal);

    private static string Header(
        ReportRequest request, Mailbox sender, string subject, string boundary, bool eightBit) =>
        $"Date: {DateOf(request.Date)}\r\n" +
        $"From: Mail Delivery System <MAILER-DAEMON@{request.HostName}>\r\n" +
        $"To: {sender.Text}\r\n" +
        $"Subject: {subject}\r\n" +
        $"Message-ID: {request.MessageId}\r\n" +
        "Auto-Submitted: auto-replied\r\n" +
        "MIME-Version: 1.0\r\n" +
        "Content-Type: multipart/report; report-type=delivery-status;\r\n" +
        $" boundary=\"{boundary}\"\r\n" +
        (eightBit ? "Content-Transfer-Encoding: 8bit\r\n" : "");

    // What is returned may hold any boundary that somebody foresaw, so it depends on all octets, and is checked.
    private static string BoundaryFor(params IEnumerable<ReportPart?> parts)
    {
        var whole = new ArrayBufferWriter<byte>();
        foreach (var part in parts)
            if (part is not null) whole.Write(part.Octets.Span);
        var boundary = "=_" + Convert.ToHexString(SHA256.HashData(whole.WrittenSpan).AsSpan(0, 12));
        while (whole.WrittenSpan.IndexOf(Encoding.ASCII.GetBytes(boundary)) >= 0) boundary += "_";
        return boundary;
    }

    private static void Ascii(ArrayBufferWriter<byte> output, string text) =>
        output.Write(Encoding.ASCII.GetBytes(text));
}
