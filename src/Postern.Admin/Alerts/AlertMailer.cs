using Postern.Mail.Notices;
using Postern.Spool;

namespace Postern.Admin.Alerts;

/// <summary>
/// Mails alerts to <c>[alert] mail_to</c>, a message for each address, through the queue of the gateway itself. That
/// the spool is closed is mailed when it is over. Owned by the <see cref="AlertWatch"/>.
/// </summary>
internal sealed class AlertMailer : IAsyncDisposable
{
    private readonly AlertQueue queue;
    private readonly Func<AlertSettings> settings;
    private readonly Func<OwnMessage, Task> add;
    private readonly TimeProvider time;
    private readonly Action<string> tell;

    /// <summary>Begins to mail.</summary>
    /// <param name="settings">Asked at each alert.</param>
    /// <param name="add">Puts a message into the queue of the gateway.</param>
    /// <param name="time">The clock.</param>
    /// <param name="tell">Told what could not be mailed, in one sentence.</param>
    public AlertMailer(
        Func<AlertSettings> settings, Func<OwnMessage, Task> add, TimeProvider time, Action<string> tell)
    {
        (this.settings, this.add, this.time, this.tell) = (settings, add, time, tell);
        queue = new AlertQueue(SendAsync, time);
    }

    /// <summary>Mails an alert, or counts it for the next one.</summary>
    public void Post(string gateway, Alert alert)
    {
        if (settings().MailTo.Count == 0 || alert is { Kind: AlertKind.SpoolClosed, Ended: null }) return;
        queue.Add(gateway, alert);
    }

    /// <summary>Mails what was left out or given up, as far as it is still so.</summary>
    public void PostAgain(string gateway, IReadOnlyCollection<Alert> active) => queue.TellAgain(gateway, active);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => queue.DisposeAsync();

    private async Task<bool> SendAsync(AlertNews news, CancellationToken cancellationToken)
    {
        var (now, isTold) = (settings(), true);
        foreach (var to in now.MailTo)
        {
            try
            {
                // A store that is closed meanwhile holds what is added until it was reopened, or the gateway stops.
                await add(new OwnMessage
                {
                    HostName = news.Gateway,
                    From = now.MailFrom,
                    To = to,
                    Date = TimeZoneInfo.ConvertTime(time.GetUtcNow(), time.LocalTimeZone),
                    Subject = AlertText.Subject(news, now.Language),
                    Paragraphs = AlertText.Paragraphs(news, now.Language, time.LocalTimeZone),
                }).WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (SpoolException e)
            {
                tell($"An alert could not be mailed to {to}: {e.Message}");
                isTold = false;
            }
        }
        return isTold;
    }
}
