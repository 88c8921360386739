namespace Postern.Mail;

/// <summary>
/// Takes what happens to mail, for the mail log, counters and the live page. Owned by Reporting. Called by every
/// room from any thread; never blocks and never throws, so that mail does not wait for its own report.
/// </summary>
public interface IMailEventSink
{
    /// <summary>Takes one event; the sink stamps it with the time.</summary>
    void Publish(MailEvent mailEvent);
}
