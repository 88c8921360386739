using System.Text;
using Postern.Mail.Dsn;

namespace Postern.Mail.Tests.Dsn;

/// <summary>Whole reports, octet for octet; the golden files have LF for CRLF.</summary>
public sealed class DsnGoldenTests
{
    [Fact]
    public void A_refused_recipient() => Check("refused.eml", ReportSamples.Refused());

    [Fact]
    public void Several_recipients_in_one_report() => Check("several.eml", ReportSamples.Several());

    [Fact]
    public void A_delay() => Check("delayed.eml", ReportSamples.Delayed());

    [Fact]
    public void A_delay_in_german() =>
        Check("delayed-de.eml", ReportSamples.Delayed() with { Language = ReportLanguage.German });

    [Fact]
    public void A_success_that_was_passed_on() => Check("relayed.eml", ReportSamples.Relayed());

    [Fact]
    public void A_success_in_german() =>
        Check("relayed-de.eml", ReportSamples.Relayed() with { Language = ReportLanguage.German });

    [Fact]
    public void Several_recipients_in_german() =>
        Check("several-de.eml", ReportSamples.Several() with { Language = ReportLanguage.German });

    [Fact]
    public void Both_languages_in_one_report() =>
        Check("refused-both.eml", ReportSamples.Refused() with { Language = ReportLanguage.Both });

    [Fact]
    public void A_text_of_the_operator() => Check("template.eml", ReportSamples.Refused() with
    {
        Template = ReportTemplateTests.Valid("""
            [failed]
            Subject: Ihre Nachricht kam nicht an – Rückfragen an den Service
            {{Grüße}} {sender},

            {recipients}
            {hostname}, {arrived}
            """),
    });

    [Fact]
    public void An_address_beyond_ascii_and_a_sender_within_it() => Check("utf8-recipient.eml",
        ReportSamples.Refused() with
        {
            Recipients =
            [
                new ReportedRecipient(ReportSamples.To(0, "j\u00fcrgen@example.com"), new(5, 6, 7))
                {
                    Explanation = "no host of the route takes SMTPUTF8",
                },
            ],
        });

    [Fact]
    public void A_sender_beyond_ascii() => Check("utf8-sender.eml",
        ReportSamples.Refused("\u00e5sa@src.example") with
        {
            Original = new Envelope { ReversePath = Mailbox.Parse("\u00e5sa@src.example"), SmtpUtf8 = true },
            Recipients =
            [
                new ReportedRecipient(ReportSamples.To(0, "j\u00fcrgen@example.com"), new(5, 1, 1))
                {
                    RemoteHost = "mx.example.com",
                    Reply = new SmtpReply(550, ["5.1.1 J\u00fcrgen isn't here"]),
                },
            ],
        });

    private static void Check(string name, ReportRequest request)
    {
        var text = Encoding.UTF8.GetString(ReportSamples.Compose(request).Content.Span);
        var path = Path.Combine(Folder(), name);
        Assert.Equal(File.ReadAllText(path), text.Replace("\r\n", "\n", StringComparison.Ordinal));
    }

    private static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Postern.slnx")))
            folder = folder.Parent;
        Assert.NotNull(folder);
        return Path.Combine(folder.FullName, "tests", "Postern.Mail.Tests", "Dsn", "Golden");
    }
}
