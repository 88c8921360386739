using Postern.Mail;

namespace Postern.Spool;

/// <summary>
/// The one writer of the store, a thread of its own. It takes everything that waits, writes it as one batch with one
/// sync, and takes what came meanwhile: the longer a sync takes, the more share the next. After a failure it reopens
/// the store; docs/design/spool.md tells the order.
/// </summary>
internal sealed class Committer : IDisposable
{
    /// <summary>
    /// The first wait between two reopenings of a store that fails; doubles up to <see cref="MaxReopenWait"/>.
    /// </summary>
    public static readonly TimeSpan FirstReopenWait = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest.</summary>
    public static readonly TimeSpan MaxReopenWait = TimeSpan.FromSeconds(10);

    private readonly CommitQueue _queue;
    private readonly StoreOpening _opening;
    private readonly RefusedMids _refused;
    private readonly TimeProvider _time;
    private readonly RocksBatch _batch;
    private readonly RecordWriter _scratch = new();
    private readonly List<CommitRequest> _requests = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RocksStore? _store;
    private long _syncs;

    /// <summary>Takes over an open store and the batch that opened it.</summary>
    public Committer(
        CommitQueue queue, StoreOpening opening, RefusedMids refused, TimeProvider time,
        RocksStore store, RocksBatch batch) =>
        (_queue, _opening, _refused, _time, _store, _batch) = (queue, opening, refused, time, store, batch);

    /// <summary>Told on a pool thread that a write failed, and why.</summary>
    public Action<string>? Closed { get; init; }

    /// <summary>Told on a pool thread that the store may be used again.</summary>
    public Action? Reopened { get; init; }

    /// <summary>The store to read from; null while it is closed.</summary>
    public RocksStore? Store => Volatile.Read(ref _store);

    /// <summary>How many syncs there were.</summary>
    public long Syncs => Volatile.Read(ref _syncs);

    /// <summary>Ids to make exact when the store closes.</summary>
    public IReadOnlyList<IdSequence> Sequences { get; init; } = [];

    /// <summary>Begins. Once only.</summary>
    public void Start() => new Thread(Run) { IsBackground = true, Name = "spool committer" }.Start();

    /// <summary>
    /// Writes what waits, closes the store, and ends. While the disk fails it gives up after one more attempt.
    /// </summary>
    public Task StopAsync()
    {
        _queue.End();
        _stopping.Cancel();
        return _ended.Task;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Dispose();
        _batch.Dispose();
    }

    private void Run()
    {
        while (_queue.Take(_requests))
        {
            if (_store is null)
                FailAll(_requests, _queue.ClosedReason ?? "the spool is closed");
            else if (Write(_store, _requests, again: false) is { } error)
                Recover(error);
            else
                Complete(_requests);
        }
        Close();
        _ended.SetResult();
    }

    /// <summary>
    /// Writes the requests in one batch; one that cannot be put into it fails alone and leaves the list.
    /// </summary>
    private string? Write(RocksStore store, List<CommitRequest> requests, bool again)
    {
        store.Begin(_batch);
        var sync = false;
        for (var i = 0; i < requests.Count; i++)
        {
            _batch.Mark();
            try
            {
                requests[i].Fill(_batch, store, _scratch, again);
                _batch.Unmark();
                sync |= requests[i].NeedsSync;
            }
            catch (Exception e)
            {
                // Doubt about one message must not stop the others.
                _batch.Rollback();
                requests[i].TrySetException(new SpoolException($"it cannot be stored: {e.Message}", e));
                requests.RemoveAt(i--);
            }
        }
        if (_batch.IsEmpty)
            return null;
        if (sync)
            Interlocked.Increment(ref _syncs);
        return store.Write(_batch, sync);
    }

    private void Recover(string error)
    {
        var reason = $"the spool failed to write: {error}{SpoolFolder.Remedy(error)}";
        var waiting = _queue.CloseForMail(reason);
        Tell(() => Closed?.Invoke(reason));

        var refused = _requests.Where(request => request.Refused is not null)
            .Select(request => request.Refused!.Value).ToList();
        var outcomes = _requests.Where(request => request.Generation is null).ToList();
        var failed = _requests.Where(request => request.Generation is not null).ToList();

        // None of these was written, so their 451 needs no record.
        FailAll(waiting, reason);

        // Nobody is answered 451 before it is durable that the message must go; if even that fails, after it has gone.
        var held = refused.Count == 0 || _refused.TryWrite(refused) ? [] : failed;
        if (held.Count == 0)
            FailAll(failed, reason);

        if (Reopen(refused, outcomes) is { } last)
        {
            FailAll(held, last);
            FailAll(outcomes, last);
            return;
        }
        FailAll(held, reason);
        _queue.OpenForMail();
        Tell(() => Reopened?.Invoke());
    }

    /// <summary>Closes and opens again until it works or the program stops.</summary>
    /// <returns>Null, or the last error.</returns>
    private string? Reopen(List<Mid> refused, List<CommitRequest> outcomes)
    {
        for (var wait = FirstReopenWait; ; wait = TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, MaxReopenWait.Ticks)))
        {
            var old = _store;
            Volatile.Write(ref _store, null);
            old?.Close();

            var (store, error) = _opening.Open(refused, _batch);
            error ??= Write(store!, outcomes, again: true);
            if (error is null)
            {
                Volatile.Write(ref _store, store);
                Complete(outcomes);
                return null;
            }
            store?.Close();
            if (_stopping.IsCancellationRequested)
                return error;
            WaitFor(wait);
        }
    }

    private void WaitFor(TimeSpan wait)
    {
        using var passed = new ManualResetEventSlim();
        using var timer = _time.CreateTimer(_ => passed.Set(), null, wait, Timeout.InfiniteTimeSpan);
        using var stop = _stopping.Token.Register(passed.Set);
        passed.Wait();
    }

    private void Close()
    {
        if (_store is not { } store)
            return;
        // After an orderly end the ids go on without a gap. When this fails they go on behind the reserved block.
        store.Begin(_batch);
        foreach (var sequence in Sequences)
            IdReservation.Put(_batch, sequence.Kind, sequence.Last);
        store.Write(_batch, sync: true);
        Volatile.Write(ref _store, null);
        store.Close();
    }

    private static void Complete(List<CommitRequest> requests)
    {
        foreach (var request in requests)
        {
            request.Written();
            request.TrySetResult();
        }
    }

    private static void FailAll(List<CommitRequest> requests, string reason)
    {
        foreach (var request in requests)
            request.TrySetException(new SpoolException(reason));
    }

    private static void Tell(Action action) => ThreadPool.QueueUserWorkItem(_ => action());
}
