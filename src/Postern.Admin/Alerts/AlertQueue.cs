using System.Threading.Channels;

namespace Postern.Admin.Alerts;

/// <summary>An alert on its way to somebody.</summary>
/// <param name="Gateway">The name of the gateway in SMTP.</param>
/// <param name="Alert">The alert.</param>
/// <param name="Left">Alerts before it that were not told, since there were too many.</param>
internal sealed record AlertNews(string Gateway, Alert Alert, int Left);

/// <summary>
/// Tells alerts one at a time and in order, beside whoever raises them, and not more than <see cref="MaxInHour"/> in an
/// hour: an operator is told what is wrong, not flooded by what comes and goes. Owned by who tells them.
/// </summary>
internal sealed class AlertQueue : IAsyncDisposable
{
    /// <summary>Alerts that wait for their turn; further ones are counted and not told.</summary>
    public const int MaxWaiting = 100;

    /// <summary>Alerts that are told in an hour; further ones are counted and not told.</summary>
    public const int MaxInHour = 60;

    private readonly Channel<AlertNews> waiting = Channel.CreateBounded<AlertNews>(MaxWaiting);
    private readonly CancellationTokenSource stop = new();
    private readonly Queue<DateTimeOffset> told = new();
    private readonly Func<AlertNews, CancellationToken, Task> send;
    private readonly TimeProvider time;
    private readonly Task sending;
    private int left;

    /// <summary>Begins to tell.</summary>
    /// <param name="send">Tells one, and does not throw but for its token.</param>
    /// <param name="time">The clock.</param>
    public AlertQueue(Func<AlertNews, CancellationToken, Task> send, TimeProvider time)
    {
        (this.send, this.time) = (send, time);
        sending = Task.Run(SendAsync);
    }

    /// <summary>Takes an alert, or counts it for the next one. Not thread-safe.</summary>
    public void Add(string gateway, Alert alert)
    {
        var now = time.GetUtcNow();
        while (told.TryPeek(out var first) && first <= now - TimeSpan.FromHours(1)) told.Dequeue();
        if (told.Count >= MaxInHour || !waiting.Writer.TryWrite(new AlertNews(gateway, alert, left)))
        {
            left++;
            return;
        }
        left = 0;
        told.Enqueue(now);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await stop.CancelAsync().ConfigureAwait(false);
        await sending.ConfigureAwait(false);
        stop.Dispose();
    }

    private async Task SendAsync()
    {
        try
        {
            await foreach (var news in waiting.Reader.ReadAllAsync(stop.Token).ConfigureAwait(false))
                await send(news, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The gateway stops; what is active is raised anew after its start.
            return;
        }
    }
}
