using System.Globalization;
using System.Net;
using System.Text;

namespace Postern.Mail.Dsn;

/// <summary>
/// The second part of a report, for programs (RFC 3464 §2). Every value comes from an encoder; none can end its field
/// (hardening I3). Pure.
/// </summary>
internal static class StatusPart
{
    /// <summary>The part, in UTF-8 only when <paramref name="international"/> (RFC 6533 §4).</summary>
    public static ReportPart Compose(ReportRequest request, bool international)
    {
        var text = new StringBuilder();
        text.Append("Reporting-MTA: dns; ").Append(request.HostName).Append("\r\n");
        if (request.Original.EnvelopeId is { } id && Xtext.TryDecode(id, out var decoded))
            text.Append("Original-Envelope-Id: ").Append(decoded).Append("\r\n");
        text.Append("Arrival-Date: ").Append(DeliveryReport.DateOf(request.Arrived)).Append("\r\n");
        foreach (var reported in request.Recipients) Append(text, request, reported, international);
        return international
            ? new ReportPart("message/global-delivery-status", "8bit", Encoding.UTF8.GetBytes(text.ToString()))
            : new ReportPart("message/delivery-status", "7bit", Encoding.ASCII.GetBytes(text.ToString()));
    }

    /// <summary>A reply on one line: its code, then its lines with a space between.</summary>
    public static string DiagnosticOf(SmtpReply reply, bool international) => ReportText.Clean(
        string.Create(CultureInfo.InvariantCulture, $"{reply.Code} {string.Join(' ', reply.Lines)}"), international);

    // The order is that of RFC 3464 §2.3.
    private static void Append(
        StringBuilder text, ReportRequest request, ReportedRecipient reported, bool international)
    {
        text.Append("\r\n");
        if (OriginalRecipient(reported.Recipient.OriginalRecipient, international) is { } original)
            ReportText.AppendFolded(text, "Original-Recipient: ", original, " ");
        text.Append("Final-Recipient: ").Append(FinalRecipient(reported.Recipient.ForwardPath, international))
            .Append("\r\nAction: ").Append(WordOf(request.Action))
            .Append("\r\nStatus: ").Append(reported.Status).Append("\r\n");
        if (reported.Reply is { } reply)
        {
            if (reported.RemoteHost is { } host)
                ReportText.AppendFolded(text, "Remote-MTA: dns; ", HostOf(host), " ");
            ReportText.AppendFolded(text, "Diagnostic-Code: smtp; ", DiagnosticOf(reply, international), " ");
        }
        if (reported.LastAttempt is { } last)
            AppendDate(text, "Last-Attempt-Date", last.ToOffset(request.Date.Offset));
        text.Append("Final-Log-ID: MID ").Append(request.Mid).Append(" RID ").Append(reported.Recipient.Rid)
            .Append("\r\n");
        if (request.Action == DsnAction.Delayed) AppendDate(text, "Will-Retry-Until", request.RetryUntil!.Value);
    }

    private static void AppendDate(StringBuilder text, string field, DateTimeOffset date) =>
        text.Append(field).Append(": ").Append(DeliveryReport.DateOf(date)).Append("\r\n");

    private static string WordOf(DsnAction action) => action switch
    {
        DsnAction.Failed => "failed",
        DsnAction.Delayed => "delayed",
        _ => "relayed",
    };

    private static string FinalRecipient(Mailbox mailbox, bool international) =>
        !mailbox.NeedsSmtpUtf8 ? "rfc822; " + mailbox.Text
        : "utf-8; " + (international ? mailbox.Text : Xtext.EncodeUtf8Address(mailbox.Text));

    // RFC 3464 §2.3.1: only when ORCPT was given; what cannot be shown as it was is left out. The type utf-8 has an
    // encoding of its own, which stays as it is (RFC 6533 §3).
    private static string? OriginalRecipient(string? parameter, bool international)
    {
        var separator = parameter?.IndexOf(';', StringComparison.Ordinal) ?? -1;
        if (separator <= 0) return null;
        var type = parameter![..separator];
        var value = parameter[(separator + 1)..];
        if (!type.All(character => char.IsAsciiLetterOrDigit(character) || character == '-')) return null;
        if (type.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            return Xtext.IsPrintable(value, international) ? $"{type}; {value}" : null;
        return Xtext.TryDecode(value, out var decoded) ? $"{type}; {decoded}" : null;
    }

    private static string HostOf(string host) =>
        IPAddress.TryParse(host, out var address) ? AddressLiteral.Of(address)
            : ReportText.Clean(host, international: false);
}
