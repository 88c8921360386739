using System.Collections.Concurrent;

namespace Crash;

/// <summary>
/// Tells which files of a data folder come and go, as the kernel reports it: by them a test finds the moment in which
/// RocksDB switches its WAL, writes a table or has merged tables. For one mount and one start of the gateway.
/// </summary>
internal sealed class StoreWatch : IDisposable
{
    private readonly FileSystemWatcher _watcher;
    private readonly ConcurrentQueue<(bool Made, string Name)> _seen = new();
    private readonly SemaphoreSlim _more = new(0);

    /// <summary>Watches a folder and all that is in it.</summary>
    public StoreWatch(string folder)
    {
        _watcher = new FileSystemWatcher(folder)
        {
            IncludeSubdirectories = true,
            NotifyFilter = NotifyFilters.FileName,
        };
        _watcher.Created += (_, change) => Note(true, change.Name);
        _watcher.Renamed += (_, change) => Note(true, change.Name);
        _watcher.Deleted += (_, change) => Note(false, change.Name);
        _watcher.EnableRaisingEvents = true;
    }

    /// <summary>Waits until so many files have come or gone.</summary>
    public async Task ChangesAsync(int files, CancellationToken bound)
    {
        for (var i = 0; i < files; i++) await NextAsync(bound);
    }

    /// <summary>Waits until a file with this ending is made, from now on.</summary>
    public Task MadeAsync(string ending, CancellationToken bound) => UntilAsync(true, ending, bound);

    /// <summary>Waits until a file with this ending is deleted, since the watch began.</summary>
    public Task DeletedAsync(string ending, CancellationToken bound) => UntilAsync(false, ending, bound);

    /// <inheritdoc/>
    public void Dispose() => _watcher.Dispose();

    private void Note(bool made, string? name)
    {
        _seen.Enqueue((made, name ?? ""));
        _more.Release();
    }

    private async Task UntilAsync(bool made, string ending, CancellationToken bound)
    {
        while (await NextAsync(bound) is var change)
        {
            if (change.Made == made && change.Name.EndsWith(ending, StringComparison.Ordinal)) return;
        }
    }

    private async Task<(bool Made, string Name)> NextAsync(CancellationToken bound)
    {
        await _more.WaitAsync(bound);
        return _seen.TryDequeue(out var change) ? change : (false, "");
    }
}
