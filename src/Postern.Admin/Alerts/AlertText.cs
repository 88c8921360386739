using System.Globalization;
using Postern.Mail.Dsn;

namespace Postern.Admin.Alerts;

/// <summary>
/// The words of an alert in mail, in English, German or both, and on German pages. Its own sentence stands beside them
/// as the log has it. Pure.
/// </summary>
internal static class AlertText
{
    private const string DateForm = "yyyy-MM-dd HH:mm:ss zzz";

    /// <summary>What it is about, in the language that comes first.</summary>
    public static string Subject(AlertNews news, ReportLanguage language)
    {
        var (alert, isGerman) = (news.Alert, language == ReportLanguage.German);
        var state = alert.Ended is null ? isGerman ? "Alarm" : "Alert" : isGerman ? "Vorbei" : "Over";
        return $"[{news.Gateway}] {state}: {Title(alert, language)}";
    }

    /// <summary>The same in a few words, with the host or the file; German in German, English else.</summary>
    public static string Title(Alert alert, ReportLanguage language)
    {
        var title = language == ReportLanguage.German ? GermanTitle(alert.Kind) : EnglishTitle(alert.Kind);
        return alert.Subject.Length > 0 ? $"{title} ({alert.Subject})" : title;
    }

    /// <summary>The text; an empty paragraph is an empty line.</summary>
    public static IReadOnlyList<string> Paragraphs(AlertNews news, ReportLanguage language, TimeZoneInfo zone) =>
        language switch
        {
            ReportLanguage.English => English(news, zone),
            ReportLanguage.German => German(news, zone),
            _ => [.. English(news, zone), "", new('-', 40), "", .. German(news, zone)],
        };

    private static List<string> English(AlertNews news, TimeZoneInfo zone)
    {
        var alert = news.Alert;
        List<string> lines =
        [
            alert.Ended is { } ended
                ? $"On {news.Gateway} this is over since {At(ended, zone)}; it began at {At(alert.Since, zone)}:"
                : $"On {news.Gateway} this is wrong since {At(alert.Since, zone)}:",
            "", $"    {alert.Text}.",
        ];
        if (alert.Ended is null) lines.AddRange(["", EnglishHint(alert)]);
        if (news.Left > 0) lines.AddRange(["", $"Alerts before it that were not mailed, being too many: {news.Left}."]);
        return lines;
    }

    private static List<string> German(AlertNews news, TimeZoneInfo zone)
    {
        var alert = news.Alert;
        List<string> lines =
        [
            alert.Ended is { } ended
                ? $"Auf {news.Gateway} ist seit {At(ended, zone)} vorbei, was {At(alert.Since, zone)} begann:"
                : $"Auf {news.Gateway} stimmt seit {At(alert.Since, zone)} etwas nicht:",
            "", $"    {alert.Text}.",
        ];
        if (alert.Ended is null) lines.AddRange(["", GermanHint(alert)]);
        if (news.Left > 0)
            lines.AddRange(["", $"Meldungen davor, die nicht verschickt wurden, weil es zu viele waren: {news.Left}."]);
        return lines;
    }

    private static string EnglishTitle(AlertKind kind) => kind switch
    {
        AlertKind.SpoolClosed => "the spool is closed",
        AlertKind.DiskLow => "the disk is nearly full",
        AlertKind.OldMessage => "mail waits for too long",
        AlertKind.CertificateEnds => "the certificate of the admin page ends",
        AlertKind.ConfigurationRefused => "a changed file is not in force",
        _ => "a destination host is left out",
    };

    private static string GermanTitle(AlertKind kind) => kind switch
    {
        AlertKind.SpoolClosed => "der Spool ist geschlossen",
        AlertKind.DiskLow => "die Platte ist fast voll",
        AlertKind.OldMessage => "Post wartet zu lange",
        AlertKind.CertificateEnds => "das Zertifikat der Verwaltungsseite läuft ab",
        AlertKind.ConfigurationRefused => "eine geänderte Datei gilt nicht",
        _ => "ein Zielhost ist ausgelassen",
    };

    private static string EnglishHint(Alert alert) => alert.Kind switch
    {
        AlertKind.DiskLow => "Clients are told to come again later until there is room. "
            + "What was accepted is delivered. 'postern spool stats' tells what the spool holds.",
        AlertKind.OldMessage => "'postern showrecipients' lists what waits, the oldest first, and why.",
        AlertKind.CertificateEnds => "Another one is taken up when it is in its file, without a restart. Mail goes on.",
        AlertKind.ConfigurationRefused => "Mail goes on as before. 'postern check' tells all errors; the file is taken "
            + "up when it is right.",
        _ => "Its mail goes to the next host of each route, or waits. "
            + $"'postern hoststatus {alert.Subject}' tells more.",
    };

    private static string GermanHint(Alert alert) => alert.Kind switch
    {
        AlertKind.DiskLow => "Bis wieder Platz ist, werden Einlieferer gebeten, später wiederzukommen. "
            + "Was angenommen ist, wird zugestellt. 'postern spool stats' zeigt, was der Spool enthält.",
        AlertKind.OldMessage => "'postern showrecipients' zeigt, was wartet, das Älteste zuerst, und warum.",
        AlertKind.CertificateEnds => "Ein neues gilt, sobald es in seiner Datei steht, ohne Neustart. Die Post läuft.",
        AlertKind.ConfigurationRefused => "Die Post läuft wie zuvor. 'postern check' zeigt alle Fehler; die Datei "
            + "gilt, sobald sie richtig ist.",
        _ => "Seine Post geht an den nächsten Host jeder Route oder wartet. "
            + $"'postern hoststatus {alert.Subject}' zeigt mehr.",
    };

    private static string At(DateTimeOffset at, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTime(at, zone).ToString(DateForm, CultureInfo.InvariantCulture);
}
