using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;

namespace Postern.Admin.Alerts;

/// <summary>
/// Posts alerts to the address of <c>[alert] webhook</c>, one at a time and in order. It follows no redirect, reads no
/// answer, and gives each try ten seconds; after three tries an alert is given up, which is told, and
/// posted later if it is still so. A user name and password in the address go as Basic authentication (RFC 7617).
/// Owned by the <see cref="AlertWatch"/>.
/// </summary>
internal sealed class AlertHook : IAsyncDisposable
{
    private const int Tries = 3;

    private static readonly TimeSpan patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan pause = TimeSpan.FromSeconds(5);

    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
    {
        Timeout = patience,
    };
    private readonly AlertQueue queue;
    private readonly Func<Uri?> target;
    private readonly Action<string> tell;
    private readonly TimeProvider time;

    /// <summary>Begins to post.</summary>
    public AlertHook(Func<Uri?> target, TimeProvider time, Action<string> tell)
    {
        (this.target, this.time, this.tell) = (target, time, tell);
        queue = new AlertQueue(SendAsync, time);
    }

    /// <summary>Posts an alert, or counts it for the next one.</summary>
    public void Post(string gateway, Alert alert)
    {
        if (target() is not null) queue.Add(gateway, alert);
    }

    /// <summary>Posts what was left out or given up, as far as it is still so.</summary>
    public void PostAgain(string gateway, IReadOnlyCollection<Alert> active) => queue.TellAgain(gateway, active);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await queue.DisposeAsync().ConfigureAwait(false);
        http.Dispose();
    }

    private async Task<bool> SendAsync(AlertNews news, CancellationToken cancellationToken)
    {
        var alert = news.Alert;
        var post = new AlertPost(news.Gateway, alert.Kind, alert.Subject, alert.Ended is null ? "raised" : "ended",
            alert.Text, alert.Since, alert.Ended, news.Left);
        var failure = "";
        for (var tried = 0; tried < Tries && failure is not null; tried++)
        {
            if (tried > 0) await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            failure = await TryAsync(post, cancellationToken).ConfigureAwait(false);
        }
        if (failure is not null) tell($"An alert could not be posted to {NameOf(target())}: {failure}");
        return failure is null;
    }

    // Its path, query and user name are what proves to the other side who posts.
    private static string NameOf(Uri? uri) => uri is null ? "the webhook" : $"{uri.Scheme}://{uri.Authority}";

    // In UTF-8, of what the address has percent-encoded (RFC 3986 §3.2.1); null: it has no user.
    private static AuthenticationHeaderValue? AuthorizationFor(Uri uri)
    {
        if (uri.UserInfo.Length == 0) return null;
        var parts = uri.UserInfo.Split(':', 2);
        var (user, password) = (parts[0], parts is [_, var secret] ? secret : "");
        return new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(
            $"{Uri.UnescapeDataString(user)}:{Uri.UnescapeDataString(password)}")));
    }

    private async Task<string?> TryAsync(AlertPost post, CancellationToken cancellationToken)
    {
        // It may have been taken out of the configuration meanwhile.
        if (target() is not { } uri) return null;
        try
        {
            using var content = JsonContent.Create(post, options: ApiJson.Options);
            // With its length in front: simple receivers take no body in chunks.
            await content.LoadIntoBufferAsync(cancellationToken).ConfigureAwait(false);
            using var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = content };
            request.Headers.Authorization = AuthorizationFor(uri);
            using var answer = await http
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? null : $"it answered {(int)answer.StatusCode}";
        }
        catch (HttpRequestException e)
        {
            // The outer one may say no more than that it failed.
            return e.GetBaseException().Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
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
