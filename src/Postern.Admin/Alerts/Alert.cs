using Postern.Mail;
using Postern.Mail.Dsn;

namespace Postern.Admin.Alerts;

/// <summary>What an alert is about.</summary>
public enum AlertKind
{
    /// <summary>The spool was closed after a failed sync: no mail is taken or delivered.</summary>
    SpoolClosed,
    /// <summary>The disk of the spool is below <c>free_space_soft</c>: no new mail is taken.</summary>
    DiskLow,
    /// <summary>The oldest message waits for longer than <c>[alert] oldest_message</c>.</summary>
    OldMessage,
    /// <summary>A destination host is left out.</summary>
    HostLeftOut,
    /// <summary>The certificate of the admin page has ended or will soon; mail goes on.</summary>
    CertificateEnds,
    /// <summary>A file of the configuration was read and is not in force, being wrong or missing.</summary>
    ConfigurationRefused,
}

/// <summary>Something that an operator has to know. Immutable.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Subject">The host or the file; "" where there is only one thing of its kind.</param>
/// <param name="Text">One sentence for people.</param>
/// <param name="Since">When it was raised.</param>
/// <param name="Ended">When it was over; null: it is not.</param>
public sealed record Alert(AlertKind Kind, string Subject, string Text, DateTimeOffset Since, DateTimeOffset? Ended);

/// <summary>A state of things that is worth an alert. Immutable.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Subject">The host or the file; "" where there is only one thing of its kind.</param>
/// <param name="Text">One sentence for people.</param>
public sealed record AlertCondition(AlertKind Kind, string Subject, string Text);

/// <summary>What <c>[alert]</c> says. Immutable.</summary>
public sealed record AlertSettings
{
    /// <summary>Where alerts are posted as JSON; null: nowhere.</summary>
    public Uri? Webhook { get; init; }
    /// <summary>Who is mailed alerts; empty: nobody.</summary>
    public IReadOnlyList<Mailbox> MailTo { get; init; } = [];
    /// <summary>Who they come from, and who gets bounces of them; null: the null reverse-path, and nobody.</summary>
    public Mailbox? MailFrom { get; init; }
    /// <summary>The language of what is mailed.</summary>
    public ReportLanguage Language { get; init; }
    /// <summary>The oldest message may wait so long; null: for ever.</summary>
    public TimeSpan? OldestMessage { get; init; } = TimeSpan.FromHours(4);
}
