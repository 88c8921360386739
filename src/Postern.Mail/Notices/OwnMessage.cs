using System.Text;
using Postern.Mail.Dsn;

namespace Postern.Mail.Notices;

/// <summary>
/// A message of the gateway's own in plain text, which nobody has asked for: <c>Auto-Submitted: auto-generated</c>
/// (RFC 3834 §5). Immutable.
/// </summary>
public sealed record OwnMessage
{
    /// <summary>The name of the gateway, which stands for the sender where there is none.</summary>
    public required string HostName { get; init; }
    /// <summary>The sender; null: the null reverse-path.</summary>
    public Mailbox? From { get; init; }
    /// <summary>The one recipient.</summary>
    public required Mailbox To { get; init; }
    /// <summary>When it is made.</summary>
    public required DateTimeOffset Date { get; init; }
    /// <summary>One line.</summary>
    public required string Subject { get; init; }
    /// <summary>Paragraphs; an empty one is an empty line, and one that begins with spaces keeps them.</summary>
    public required IReadOnlyList<string> Paragraphs { get; init; }

    /// <summary>
    /// No report is made of it, wherever it goes: NOTIFY=NEVER (RFC 3461 §4.1), but to a sender who may read it.
    /// </summary>
    public EnvelopeRecipient Recipient => new(new Rid(0), To)
    {
        Notify = From is null ? DsnNotify.Never : DsnNotify.Unspecified,
    };

    /// <summary>An address beyond ASCII stands in its header (RFC 6531).</summary>
    private bool IsInternational => To.NeedsSmtpUtf8 || From?.NeedsSmtpUtf8 == true;

    /// <summary>Its envelope.</summary>
    /// <param name="id">ENVID, which tells its kind in the store; printable ASCII without + and =.</param>
    public Envelope EnvelopeFor(string id) => new()
    {
        ReversePath = From,
        EnvelopeId = id,
        EightBitMime = IsInternational,
        SmtpUtf8 = IsInternational,
    };

    /// <summary>The message; CRLF ends every line and stands nowhere else, and no line has more than 998 octets.
    /// </summary>
    public byte[] Compose(Mid mid)
    {
        var text = new StringBuilder();
        foreach (var paragraph in Paragraphs)
        {
            var indent = paragraph[..(paragraph.Length - paragraph.TrimStart(' ').Length)];
            ReportText.AppendFolded(text, indent, ReportText.Clean(paragraph, international: true), indent);
        }
        var isAscii = Ascii.IsValid(text.ToString());
        var header = new StringBuilder();
        void Field(string name, string value) => ReportText.AppendFolded(header, $"{name}: ", value, " ");
        Field("Date", DeliveryReport.DateOf(Date));
        Field("From", From is null ? $"Mail Delivery System <MAILER-DAEMON@{HostName}>" : From.Text);
        Field("To", To.Text);
        header.Append("Subject: ").Append(SubjectLines()).Append("\r\n");
        Field("Message-ID", $"<notice.{mid}@{HostName}>");
        Field("Auto-Submitted", "auto-generated");
        Field("MIME-Version", "1.0");
        Field("Content-Type", $"text/plain; charset={(isAscii ? "us-ascii" : "utf-8")}");
        Field("Content-Transfer-Encoding", isAscii ? "7bit" : "quoted-printable");
        return Encoding.UTF8.GetBytes(
            $"{header}\r\n{(isAscii ? text.ToString() : ReportText.Quote(text.ToString()))}");
    }

    private string SubjectLines()
    {
        var subject = ReportText.Clean(Subject, international: true);
        if (!Ascii.IsValid(subject)) return EncodedWord.Of(subject);
        var folded = new StringBuilder();
        ReportText.AppendFolded(folded, "", subject, " ");
        return folded.ToString().TrimEnd();
    }
}
