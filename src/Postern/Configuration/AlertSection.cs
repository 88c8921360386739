using Postern.Admin.Alerts;

namespace Postern.Configuration;

/// <summary>Reads <c>[alert]</c>.</summary>
internal static class AlertSection
{
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
            OldestMessage = section.Text("oldest_message", null, "4h") == "off" ? null
                : section.Duration("oldest_message", fallback.OldestMessage!.Value, shortest, longest),
        };
        section.Done();
        return settings;
    }

    private static bool TryWebhook(string text, out Uri? webhook) =>
        Uri.TryCreate(text, UriKind.Absolute, out webhook)
        && (webhook.Scheme == Uri.UriSchemeHttp || webhook.Scheme == Uri.UriSchemeHttps);
}
