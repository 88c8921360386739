using System.Globalization;
using System.Text;

namespace Postern.Mail.Dsn;

/// <summary>The first part of a report, for a human reader (RFC 6522 §3). Pure.</summary>
internal static class NotificationPart
{
    /// <summary>Recipients that are told of here; the second part has them all.</summary>
    private const int MaxRecipients = 100;

    private const string Between = "\r\n----------------------------------------\r\n\r\n";

    /// <summary>
    /// The part. An address beyond ASCII goes as quoted-printable to a sender whose hosts may know ASCII only.
    /// </summary>
    public static ReportPart Compose(ReportRequest request, bool international)
    {
        var texts = SectionsOf(request).Select(s => TextOf(request, s.Section, s.Words, international));
        var text = string.Join(Between, texts);
        if (Ascii.IsValid(text))
            return new ReportPart("text/plain; charset=us-ascii", "7bit", Encoding.ASCII.GetBytes(text));
        return international
            ? new ReportPart("text/plain; charset=utf-8", "8bit", Encoding.UTF8.GetBytes(text))
            : new ReportPart("text/plain; charset=utf-8", "quoted-printable",
                Encoding.ASCII.GetBytes(ReportText.Quote(text)));
    }

    /// <summary>The subject of the report, as it stands in its header.</summary>
    public static string SubjectOf(ReportRequest request, bool international)
    {
        var subject = SectionsOf(request).First().Section.Subject;
        return international ? subject : EncodedWord.Of(subject);
    }

    // A text of the operator's own stands alone, whatever languages it has; it is told the recipients in the first.
    private static IEnumerable<(ReportSection Section, ReportWords Words)> SectionsOf(ReportRequest request)
    {
        var german = request.Language == ReportLanguage.German;
        if (request.Template?.SectionOf(request.Action) is { } own)
        {
            yield return (own, german ? ReportWords.German : ReportWords.English);
            yield break;
        }
        if (!german) yield return (ReportTemplate.English.SectionOf(request.Action)!, ReportWords.English);
        if (request.Language != ReportLanguage.English)
            yield return (ReportTemplate.German.SectionOf(request.Action)!, ReportWords.German);
    }

    private static string TextOf(ReportRequest request, ReportSection section, ReportWords words, bool international)
    {
        var text = new StringBuilder();
        foreach (var pieces in section.Lines)
        {
            if (pieces is [{ Literal: null, Placeholder: ReportPlaceholder.Recipients }])
                AppendRecipients(text, request, words, international);
            else
                ReportText.AppendFolded(text, "", LineOf(request, pieces, words).TrimEnd(), "");
        }
        return text.ToString();
    }

    private static string LineOf(ReportRequest request, IReadOnlyList<ReportPiece> pieces, ReportWords words) =>
        string.Concat(pieces.Select(piece => piece.Literal ?? piece.Placeholder switch
        {
            ReportPlaceholder.Sender => ReportText.Clean(request.Original.ReversePath!.Text, international: true),
            ReportPlaceholder.Arrived => words.DateOf(request.Arrived),
            ReportPlaceholder.Until => words.DateOf(request.RetryUntil!.Value),
            _ => request.HostName,
        }));

    private static void AppendRecipients(
        StringBuilder text, ReportRequest request, ReportWords words, bool international)
    {
        var first = true;
        foreach (var reported in request.Recipients.Take(MaxRecipients))
        {
            if (!first) text.Append("\r\n");
            first = false;
            text.Append('<').Append(ReportText.Clean(reported.Recipient.ForwardPath.Text, international: true))
                .Append(">\r\n");
            ReportText.AppendFolded(text, "    ", $"{reported.Status} {words.StatusOf(reported.Status)}", "    ");
            if (reported.Reply is not null)
            {
                var host = reported.RemoteHost is null
                    ? words.TheHost : ReportText.Clean(reported.RemoteHost, international);
                var said = StatusPart.DiagnosticOf(reported.Reply, international);
                ReportText.AppendFolded(text, "    ", $"{host} {words.Said}: {said}", "    ");
            }
            else if (reported.Explanation is not null)
            {
                ReportText.AppendFolded(text, "    ", ReportText.Clean(reported.Explanation, international), "    ");
            }
        }
        if (request.Recipients.Count <= MaxRecipients) return;
        text.Append("\r\n")
            .AppendFormat(CultureInfo.InvariantCulture, words.More, request.Recipients.Count - MaxRecipients)
            .Append("\r\n");
    }
}
