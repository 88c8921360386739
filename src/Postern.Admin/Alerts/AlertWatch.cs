using Postern.Mail.Notices;

namespace Postern.Admin.Alerts;

/// <summary>
/// Looks every ten seconds whether something is wrong, tells the mail log, the hook and by mail what was raised and
/// what is over, and keeps it for the API. Owned by the program; any thread may read.
/// </summary>
public sealed class AlertWatch : IAsyncDisposable
{
    /// <summary>The time from look to look.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Func<Task<IReadOnlyList<AlertCondition>>> look;
    private readonly Func<string> gateway;
    private readonly Action<string, string> tell;
    private readonly TimeProvider time;
    private readonly AlertHook hook;
    private readonly AlertMailer mailer;
    private readonly AlertBook book = new();
    private readonly Lock gate = new();
    private readonly ITimer timer;
    private int looking;

    /// <summary>Begins to look.</summary>
    /// <param name="look">What is wrong now.</param>
    /// <param name="settings">Asked at each alert.</param>
    /// <param name="gateway">The name of the gateway in SMTP.</param>
    /// <param name="mail">Puts a message into the queue of the gateway.</param>
    /// <param name="tell">Told the level and one sentence without its dot.</param>
    /// <param name="time">The clock.</param>
    public AlertWatch(
        Func<Task<IReadOnlyList<AlertCondition>>> look, Func<AlertSettings> settings, Func<string> gateway,
        Func<OwnMessage, Task> mail, Action<string, string> tell, TimeProvider time)
    {
        (this.look, this.gateway, this.tell, this.time) = (look, gateway, tell, time);
        hook = new AlertHook(() => settings().Webhook, time, text => tell("Warning", text));
        mailer = new AlertMailer(settings, mail, time, text => tell("Warning", text));
        timer = time.CreateTimer(_ => _ = LookAsync(), null, Interval, Interval);
    }

    /// <summary>What is wrong, and what was.</summary>
    public AlertsAnswer Now
    {
        get
        {
            lock (gate) return new AlertsAnswer(book.Active, book.Ended);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await timer.DisposeAsync().ConfigureAwait(false);
        await hook.DisposeAsync().ConfigureAwait(false);
        await mailer.DisposeAsync().ConfigureAwait(false);
    }

    private async Task LookAsync()
    {
        // A look that takes longer than the time to the next one is not joined by it.
        if (Interlocked.Exchange(ref looking, 1) != 0) return;
        try
        {
            var conditions = await look().ConfigureAwait(false);
            lock (gate)
            {
                foreach (var alert in book.Look(conditions, time.GetUtcNow()))
                {
                    if (alert.Ended is null) tell("Warning", $"Alert: {alert.Text}");
                    else tell("Info", $"Alert over: {alert.Text}");
                    hook.Post(gateway(), alert);
                    mailer.Post(gateway(), alert);
                }
                hook.PostAgain(gateway(), book.Active);
                mailer.PostAgain(gateway(), book.Active);
            }
        }
        catch (OperationCanceledException)
        {
            // Delivery has stopped, and nothing is to be told any more.
            return;
        }
        finally
        {
            Volatile.Write(ref looking, 0);
        }
    }
}

/// <summary>What is wrong, the oldest first, and the last 100 that are over, the last one first.</summary>
public sealed record AlertsAnswer(IReadOnlyList<Alert> Active, IReadOnlyList<Alert> Ended);
