using System.Threading.Channels;

namespace Postern.Admin.Alerts;

/// <summary>An alert on its way to somebody.</summary>
/// <param name="Gateway">The name of the gateway in SMTP.</param>
/// <param name="Alert">The alert.</param>
/// <param name="Left">Alerts before it that were not told, since there were too many.</param>
internal sealed record AlertNews(string Gateway, Alert Alert, int Left);

/// <summary>
/// Tells alerts one at a time and in order, beside whoever raises them, and not more than <see cref="MaxInHour"/> about
/// hosts and as many about everything else in an hour: an operator is told what is wrong, not flooded by what comes and
/// goes, and many hosts keep nothing else from him. What could not be told is told later, if it is still so. Owned by
/// who tells them.
/// </summary>
internal sealed class AlertQueue : IAsyncDisposable
{
    /// <summary>Alerts that are told in an hour, of hosts and of everything else; further ones are counted.</summary>
    public const int MaxInHour = 60;

    /// <summary>Alerts that wait for their turn when those of hosts are counted; others may be as many again.</summary>
    public const int MaxWaiting = 100;

    /// <summary>After an alert was given up none is told again for so long.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    private readonly Lock gate = new();
    private readonly Channel<AlertNews> waiting = Channel.CreateUnbounded<AlertNews>();
    private readonly CancellationTokenSource stop = new();
    private readonly HourlyBudget ofHosts = new(MaxInHour);
    private readonly HourlyBudget ofOthers = new(MaxInHour);
    private readonly HashSet<(AlertKind, string, DateTimeOffset)> untold = [];
    private readonly Func<AlertNews, CancellationToken, Task<bool>> send;
    private readonly TimeProvider time;
    private readonly Task sending;
    private DateTimeOffset notBefore;
    private int left;

    /// <summary>Begins to tell.</summary>
    /// <param name="send">Tells one, and says whether it was told; does not throw but for its token.</param>
    /// <param name="time">The clock.</param>
    public AlertQueue(Func<AlertNews, CancellationToken, Task<bool>> send, TimeProvider time)
    {
        (this.send, this.time) = (send, time);
        sending = Task.Run(SendAsync);
    }

    /// <summary>Takes an alert, or counts it for the next one. Any thread may call it.</summary>
    public void Add(string gateway, Alert alert)
    {
        lock (gate)
        {
            // Whoever was not told of its beginning need not be told of its end.
            if (untold.Remove(KeyOf(alert)) && alert.Ended is not null) return;
            if (TryTell(gateway, alert)) return;
            left++;
            if (alert.Ended is null) untold.Add(KeyOf(alert));
        }
    }

    /// <summary>Tells what was left out or given up, as far as it is still so. Any thread may call it.</summary>
    /// <param name="gateway">The name of the gateway in SMTP.</param>
    /// <param name="active">What is wrong now.</param>
    public void TellAgain(string gateway, IReadOnlyCollection<Alert> active)
    {
        lock (gate)
        {
            if (untold.Count == 0) return;
            untold.IntersectWith(active.Select(KeyOf));
            if (time.GetUtcNow() < notBefore) return;
            foreach (var alert in active)
                if (untold.Contains(KeyOf(alert)) && TryTell(gateway, alert)) untold.Remove(KeyOf(alert));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await stop.CancelAsync().ConfigureAwait(false);
        await sending.ConfigureAwait(false);
        stop.Dispose();
    }

    private bool TryTell(string gateway, Alert alert)
    {
        var (budget, room) = alert.Kind == AlertKind.HostLeftOut ? (ofHosts, MaxWaiting) : (ofOthers, 2 * MaxWaiting);
        if (waiting.Reader.Count >= room || !budget.TryTake(time.GetUtcNow())) return false;
        waiting.Writer.TryWrite(new AlertNews(gateway, alert, left));
        left = 0;
        return true;
    }

    private void GiveUp(Alert alert)
    {
        lock (gate)
        {
            notBefore = time.GetUtcNow() + Pause;
            if (alert.Ended is null) untold.Add(KeyOf(alert));
        }
    }

    private async Task SendAsync()
    {
        try
        {
            await foreach (var news in waiting.Reader.ReadAllAsync(stop.Token).ConfigureAwait(false))
                if (!await send(news, stop.Token).ConfigureAwait(false)) GiveUp(news.Alert);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The gateway stops; what is active is raised anew after its start.
            return;
        }
    }

    private static (AlertKind, string, DateTimeOffset) KeyOf(Alert alert) => (alert.Kind, alert.Subject, alert.Since);
}
