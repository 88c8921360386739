using Peers;

namespace Relay.Watching;

/// <summary>
/// People who have every page open that shows by itself what happens, and a reader of the events each.
/// </summary>
internal sealed class Watchers : IAsyncDisposable
{
    /// <summary>
    /// The pages, and what each shows when it is there. Message 1 waits, so that the pages of held mail are not empty.
    /// </summary>
    private static readonly IReadOnlyList<(string Path, string Sign)> pages =
    [
        ("/routes", WatchBench.HeldDomain),
        ("/delivery", WatchBench.HeldDomain),
        ($"/delivery/domain?name={WatchBench.LiveDomain}", "The way of its mail"),
        ("/delivery/host?name=127.0.0.1", "Mail held for want of it"),
        ("/flow", "The same in figures"),
        ("/queue", WatchBench.HeldDomain),
        ("/queue/message?mid=1", WatchBench.HeldDomain),
        ("/log", "lines that fit. An id leads"),
        ($"/log?text={WatchBench.LiveDomain}", "lines that fit. An id leads"),
        ("/status", "Rates, events an hour"),
        ("/accounts", "People who may log in"),
        ("/tokens", "With a token a program"),
    ];

    private readonly List<LiveView> _views = [];

    /// <summary>Opens everything and returns when each page shows what it is for.</summary>
    public static async Task<Watchers> OpenAsync(
        int people, Visit visit, PosternGateway gateway, CancellationToken cancel)
    {
        var watchers = new Watchers();
        try
        {
            for (var person = 0; person < people; person++)
            {
                foreach (var (path, sign) in pages)
                {
                    watchers._views.Add(await visit.OpenAsync(path, sign, cancel));
                }

                watchers._views.Add(await EventReader.OpenAsync(await gateway.ApiAsync(cancel), cancel));
            }

            // What opening them has cost is not what they cost.
            foreach (var view in watchers._views) view.Take();
            return watchers;
        }
        catch
        {
            await watchers.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// What the views have shown since they were asked last. Who showed nothing, in a short time, must show something
    /// now.
    /// </summary>
    /// <exception cref="TestTools.RunException">One of them shows nothing any more.</exception>
    public async Task<IReadOnlyList<LiveView.Shown>> TakeAsync(CancellationToken cancel)
    {
        var shown = _views.ConvertAll(view => (View: view, Shown: view.Take()));
        await Task.WhenAll(shown.Where(one => one.Shown.Times == 0).Select(one => one.View.NextAsync(cancel)));
        return shown.ConvertAll(one => one.Shown);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var view in _views) await view.DisposeAsync();
    }
}
