namespace Relay.Watching;

/// <summary>A reader of <c>/api/v1/events</c>, who makes nothing of what comes.</summary>
internal sealed class EventReader : LiveView
{
    private readonly HttpClient _api;
    private readonly Stream _events;
    private readonly CancellationTokenSource _closed = new();
    private readonly Task _reading;

    private EventReader(HttpClient api, Stream events) : base("/api/v1/events")
    {
        (_api, _events) = (api, events);
        _reading = ReadAsync();
    }

    /// <summary>Opens it; the client becomes its own.</summary>
    public static async Task<EventReader> OpenAsync(HttpClient api, CancellationToken cancel) =>
        new(api, await api.GetStreamAsync(new Uri("/api/v1/events", UriKind.Relative), cancel));

    public override async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await _reading;
        await _events.DisposeAsync();
        _api.Dispose();
        _closed.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await _events.ReadAsync(buffer, _closed.Token) is > 0 and var read) Came(read);
            Fail("the gateway has ended the stream");
        }
        catch (OperationCanceledException)
        {
            // Nobody reads it any more.
            return;
        }
        catch (IOException e)
        {
            Fail(e.Message);
        }
    }
}
