namespace Crash;

/// <summary>
/// Tells which files of a data folder come and go, by looking every other millisecond: by them a test finds the moment
/// in which RocksDB switches its WAL, writes a table or has merged tables. For one mount, and to be disposed of before
/// its disk is; one wait at a time.
/// </summary>
internal sealed class StoreWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(2);
    private readonly string _folder;
    private readonly CancellationTokenSource _over = new();
    private HashSet<string> _known = [];
    private Task _wait = Task.CompletedTask;

    /// <summary>Watches a folder and all that is in it.</summary>
    public StoreWatch(string folder)
    {
        _folder = folder;
        _known = Files();
    }

    /// <summary>Waits until so many files have come or gone.</summary>
    public async Task ChangesAsync(int files, CancellationToken bound)
    {
        var seen = 0;
        await UntilAsync((made, gone) => (seen += made.Count + gone.Count) >= files, bound);
    }

    /// <summary>Waits until a file with this ending is made.</summary>
    public Task MadeAsync(string ending, CancellationToken bound) =>
        UntilAsync((made, _) => made.Exists(name => name.EndsWith(ending, StringComparison.Ordinal)), bound);

    /// <summary>Waits until a file with this ending is deleted.</summary>
    public Task DeletedAsync(string ending, CancellationToken bound) =>
        UntilAsync((_, gone) => gone.Exists(name => name.EndsWith(ending, StringComparison.Ordinal)), bound);

    /// <summary>Ends a wait that still goes on: behind it no folder is open any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _wait.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _over.Dispose();
    }

    private Task UntilAsync(Func<List<string>, List<string>, bool> isThere, CancellationToken bound) =>
        _wait = LookAsync(isThere, bound);

    private async Task LookAsync(Func<List<string>, List<string>, bool> isThere, CancellationToken bound)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(bound, _over.Token);
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        while (true)
        {
            var now = Files();
            if (isThere([.. now.Except(_known)], [.. _known.Except(now)])) return;
            _known = now;
            await timer.WaitForNextTickAsync(end.Token);
        }
    }

    private HashSet<string> Files()
    {
        try
        {
            return [.. Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories)];
        }
        catch (IOException)
        {
            // A folder has gone while it was being read, or its disk has no power any more.
            return _known;
        }
    }
}
