using System.Net.Http.Json;
using System.Threading.Channels;

namespace Postern.Admin.Alerts;

/// <summary>
/// Posts alerts to the address of <c>[alert] webhook</c>, one at a time and in order. It follows no redirect, reads no
/// answer, and gives each try ten seconds; after three tries an alert is given up and that is told. Owned by the
/// <see cref="AlertWatch"/>.
/// </summary>
internal sealed class AlertHook : IAsyncDisposable
{
    /// <summary>Alerts that wait for their turn; further ones are counted and not posted.</summary>
    public const int MaxWaiting = 100;

    /// <summary>Alerts that are posted in an hour; further ones are counted and not posted.</summary>
    public const int MaxInHour = 60;

    private const int Tries = 3;

    private static readonly TimeSpan patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan pause = TimeSpan.FromSeconds(5);

    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
    {
        Timeout = patience,
    };
    private readonly Channel<AlertPost> waiting = Channel.CreateBounded<AlertPost>(MaxWaiting);
    private readonly CancellationTokenSource stop = new();
    private readonly Queue<DateTimeOffset> posted = new();
    private readonly Func<Uri?> target;
    private readonly Action<string> tell;
    private readonly TimeProvider time;
    private readonly Task sending;
    private int left;

    /// <summary>Begins to post.</summary>
    public AlertHook(Func<Uri?> target, TimeProvider time, Action<string> tell)
    {
        (this.target, this.time, this.tell) = (target, time, tell);
        sending = Task.Run(SendAsync);
    }

    /// <summary>Posts an alert, or counts it for the next one. Not thread-safe.</summary>
    public void Post(string gateway, Alert alert)
    {
        if (target() is null) return;
        var now = time.GetUtcNow();
        while (posted.TryPeek(out var first) && first <= now - TimeSpan.FromHours(1)) posted.Dequeue();
        var post = new AlertPost(gateway, alert.Kind, alert.Subject, alert.Ended is null ? "raised" : "ended",
            alert.Text, alert.Since, alert.Ended, left);
        if (posted.Count >= MaxInHour || !waiting.Writer.TryWrite(post))
        {
            left++;
            return;
        }
        left = 0;
        posted.Enqueue(now);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await stop.CancelAsync().ConfigureAwait(false);
        await sending.ConfigureAwait(false);
        stop.Dispose();
        http.Dispose();
    }

    private async Task SendAsync()
    {
        try
        {
            await foreach (var post in waiting.Reader.ReadAllAsync(stop.Token).ConfigureAwait(false))
            {
                var failure = "";
                for (var tried = 0; tried < Tries && failure is not null; tried++)
                {
                    if (tried > 0) await Task.Delay(pause, time, stop.Token).ConfigureAwait(false);
                    failure = await TryAsync(post).ConfigureAwait(false);
                }
                if (failure is not null) tell($"An alert could not be posted to {NameOf(target())}: {failure}");
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The gateway stops; what is active is raised anew after its start.
            return;
        }
    }

    // Its path, query and user name are what proves to the other side who posts.
    private static string NameOf(Uri? uri) => uri is null ? "the webhook" : $"{uri.Scheme}://{uri.Authority}";

    private async Task<string?> TryAsync(AlertPost post)
    {
        // It may have been taken out of the configuration meanwhile.
        if (target() is not { } uri) return null;
        try
        {
            using var content = JsonContent.Create(post, options: ApiJson.Options);
            using var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = content };
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop.Token)
                .ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? null : $"it answered {(int)answer.StatusCode}";
        }
        catch (HttpRequestException e)
        {
            return e.Message;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return $"no answer within {patience.TotalSeconds:0} seconds";
        }
    }
}

/// <summary>An alert as it is posted.</summary>
/// <param name="Gateway">The name of the gateway in SMTP.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Subject">The host; "" where there is only one thing of its kind.</param>
/// <param name="State">raised or ended.</param>
/// <param name="Text">One sentence for people.</param>
/// <param name="Since">When it was raised.</param>
/// <param name="Ended">When it was over; null: it is not.</param>
/// <param name="Left">Alerts before it that were not posted, since there were too many.</param>
public sealed record AlertPost(
    string Gateway, AlertKind Kind, string Subject, string State, string Text, DateTimeOffset Since,
    DateTimeOffset? Ended, int Left);
