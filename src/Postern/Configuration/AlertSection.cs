using System.Text;
using Postern.Admin.Alerts;
using Postern.Mail;

namespace Postern.Configuration;

/// <summary>Reads <c>[alert]</c>.</summary>
internal static class AlertSection
{
    /// <summary>Each gets a message of its own.</summary>
    private const int MaxAddresses = 10;

    private static readonly TimeSpan shortest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan longest = TimeSpan.FromDays(30);

    /// <summary>What alerts are raised for, and where they go.</summary>
    public static AlertSettings Read(Section section)
    {
        var fallback = new AlertSettings();
        var settings = new AlertSettings
        {
            Webhook = section.Parsed<Uri?>("webhook", null, TryWebhook, "an address that begins with http:// or "
                + "https://", "https://127.0.0.1:9000/postern"),
            MailTo = section.List("mail_to", fallback.MailTo, TryAddress, "an address", "postmaster@example.com"),
            MailFrom = section.Parsed<Mailbox?>("mail_from", null, TryAddress, "an address", "gateway@example.com"),
            Language = section.Word("language", fallback.Language, BounceProfileSections.Languages),
            OldestMessage = section.Text("oldest_message", null, "4h") == "off" ? null
                : section.Duration("oldest_message", fallback.OldestMessage!.Value, shortest, longest),
        };
        section.Done();
        if (settings.MailTo.Count > MaxAddresses)
            section.Wrong("mail_to", $"mail_to has more than {MaxAddresses} addresses", "Name a list of recipients.");
        return settings;
    }

    // Who has no domain is somebody here, and nobody is.
    private static bool TryAddress(string text, out Mailbox address) =>
        Mailbox.TryParse(Encoding.UTF8.GetBytes(text), smtpUtf8: true, out address!) && !address.IsBarePostmaster;

    private static bool TryWebhook(string text, out Uri? webhook) =>
        Uri.TryCreate(text, UriKind.Absolute, out webhook)
        && (webhook.Scheme == Uri.UriSchemeHttp || webhook.Scheme == Uri.UriSchemeHttps);
}
