namespace Postern.Spool;

/// <summary>
/// What waits for the committer, in the order of its coming. Bounded: when it is full, whoever brings more waits for
/// room (without a thread), because nothing that was accepted or has happened may be dropped. Any thread adds, the
/// committer takes.
/// </summary>
internal sealed class CommitQueue : IDisposable
{
    /// <summary>
    /// The most requests that wait, and the most in one batch; as many as connections may have one each.
    /// </summary>
    public const int MaxRequests = 8192;

    /// <summary>The octets from which a batch is full: some milliseconds of a disk.</summary>
    private const int MaxBatchOctets = 2 << 20;

    private readonly object _gate = new();
    private readonly Queue<CommitRequest> _waiting = new();
    private readonly SemaphoreSlim _room = new(MaxRequests);
    private int _generation = 1;
    private string? _closed;
    private bool _ended;

    /// <summary>The present opening of the store; grows with every reopening.</summary>
    public int Generation => Volatile.Read(ref _generation);

    /// <summary>Why the store takes no mail; null when it does.</summary>
    public string? ClosedReason => Volatile.Read(ref _closed);

    /// <summary>Adds a request; the task ends when it was written.</summary>
    public ValueTask AddAsync(CommitRequest request)
    {
        if (!_room.Wait(0))
            return AddWhenRoomAsync(request);
        Add(request, usesRoom: true);
        return new ValueTask(request.Task);
    }

    /// <summary>Adds one of the few requests of the spool itself, for which there is always room.</summary>
    public void AddOwn(CommitRequest request) => Add(request, usesRoom: false);

    /// <summary>Takes what waits, as much as a batch holds; waits until there is something.</summary>
    /// <returns>False when it has ended and is empty.</returns>
    public bool Take(List<CommitRequest> batch)
    {
        batch.Clear();
        lock (_gate)
        {
            while (_waiting.Count == 0 && !_ended)
                Monitor.Wait(_gate);
            var octets = 0;
            while (batch.Count < MaxRequests && octets < MaxBatchOctets && _waiting.TryDequeue(out var request))
            {
                octets += request.Octets;
                batch.Add(request);
            }
        }
        GiveRoom(batch);
        return batch.Count > 0;
    }

    /// <summary>Takes no more mail, and takes out what belongs to the present opening; outcomes stay.</summary>
    public List<CommitRequest> CloseForMail(string reason)
    {
        var removed = new List<CommitRequest>();
        lock (_gate)
        {
            _closed = reason;
            for (var count = _waiting.Count; count > 0; count--)
            {
                var request = _waiting.Dequeue();
                if (request.Generation is null)
                    _waiting.Enqueue(request);
                else
                    removed.Add(request);
            }
        }
        GiveRoom(removed);
        return removed;
    }

    /// <summary>Takes mail again, of a new opening of the store.</summary>
    public void OpenForMail()
    {
        lock (_gate)
        {
            _generation++;
            _closed = null;
        }
    }

    /// <summary>Takes nothing any more; what waits can still be taken.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
            _closed ??= "the spool was shut down";
            Monitor.PulseAll(_gate);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _room.Dispose();

    private async ValueTask AddWhenRoomAsync(CommitRequest request)
    {
        await _room.WaitAsync().ConfigureAwait(false);
        Add(request, usesRoom: true);
        await request.Task.ConfigureAwait(false);
    }

    private void Add(CommitRequest request, bool usesRoom)
    {
        request.UsesRoom = usesRoom;
        lock (_gate)
        {
            var refused = _ended
                || (request.Generation is { } generation && (_closed is not null || generation != _generation));
            if (!refused)
            {
                _waiting.Enqueue(request);
                if (_waiting.Count == 1)
                    Monitor.Pulse(_gate);
                return;
            }
        }
        if (usesRoom)
            _room.Release();
        request.TrySetException(new SpoolException(_closed ?? "the spool was reopened while the message came in"));
    }

    private void GiveRoom(List<CommitRequest> taken)
    {
        var room = 0;
        foreach (var request in taken)
            room += request.UsesRoom ? 1 : 0;
        if (room > 0)
            _room.Release(room);
    }
}
