using System.Text;

namespace Postern.Mail.Dsn;

/// <summary>The first part of a report, for a human reader (RFC 6522 §3). Pure.</summary>
internal static class NotificationPart
{
    /// <summary>Recipients that are told of here; the second part has them all.</summary>
    private const int MaxRecipients = 100;

    /// <summary>
    /// The part. An address beyond ASCII goes as quoted-printable to a sender whose hosts may know ASCII only.
    /// </summary>
    public static ReportPart Compose(BounceRequest request, bool international)
    {
        var text = TextOf(request, international);
        if (Ascii.IsValid(text))
            return new ReportPart("text/plain; charset=us-ascii", "7bit", Encoding.ASCII.GetBytes(text));
        return international
            ? new ReportPart("text/plain; charset=utf-8", "8bit", Encoding.UTF8.GetBytes(text))
            : new ReportPart("text/plain; charset=utf-8", "quoted-printable", Encoding.ASCII.GetBytes(Quote(text)));
    }

    private static string TextOf(BounceRequest request, bool international)
    {
        var text = new StringBuilder();
        var many = request.Recipients.Count > 1;
        text.Append("This is the mail gateway ").Append(request.HostName).Append(".\r\n\r\n");
        text.Append("Your message could not be delivered to the recipient").Append(many ? "s" : "")
            .Append(" below, and it will\r\nnot be tried again.\r\n");
        foreach (var failed in request.Recipients.Take(MaxRecipients))
        {
            text.Append("\r\n<").Append(ReportText.Clean(failed.Recipient.ForwardPath.Text, international: true))
                .Append(">\r\n");
            ReportText.AppendFolded(text, "    ", $"{failed.Status} {EnhancedStatusText.Of(failed.Status)}", "    ");
            if (failed.Reply is not null)
            {
                var host = failed.RemoteHost is null ? "The host" : ReportText.Clean(failed.RemoteHost, international);
                var said = StatusPart.DiagnosticOf(failed.Reply, international);
                ReportText.AppendFolded(text, "    ", $"{host} said: {said}", "    ");
            }
            else if (failed.Explanation is not null)
            {
                ReportText.AppendFolded(text, "    ", ReportText.Clean(failed.Explanation, international), "    ");
            }
        }
        if (request.Recipients.Count > MaxRecipients)
            text.Append("\r\nThe report that follows names ").Append(request.Recipients.Count - MaxRecipients)
                .Append(" recipients more.\r\n");
        text.Append("\r\nYour message arrived here on ").Append(BounceReport.DateOf(request.Arrived)).Append(".\r\n")
            .Append("What follows says the same for programs and for your postmaster.\r\n");
        return text.ToString();
    }

    // RFC 2045 §6.7. The text has no white space at the end of a line.
    private static string Quote(string text)
    {
        var quoted = new StringBuilder();
        var column = 0;
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            var plain = octet is (>= (byte)' ' and <= (byte)'~' and not (byte)'=') or (byte)'\r' or (byte)'\n';
            if (column + (plain ? 1 : 3) > ReportText.LineLength - 1 && octet is not ((byte)'\r' or (byte)'\n'))
            {
                quoted.Append("=\r\n");
                column = 0;
            }
            if (plain) quoted.Append((char)octet);
            else quoted.Append('=').Append(Convert.ToHexString([octet]));
            column = octet == (byte)'\n' ? 0 : column + (plain ? 1 : 3);
        }
        return quoted.ToString();
    }
}
