namespace Postern.Delivery.Acting;

/// <summary>
/// How far reception is ahead of the scheduler: messages that were committed and not taken up yet are whole in memory,
/// so that reception waits while their recipients are many. Thread-safe.
/// </summary>
internal sealed class Intake
{
    /// <summary>Recipients, from which on it waits: some megabytes, and a second of mail of one recipient each.</summary>
    public const int Most = 5000;

    private readonly Lock _lock = new();
    private int _recipients;
    private TaskCompletionSource? _room;

    /// <summary>Ends when fewer recipients than <see cref="Most"/> wait.</summary>
    public Task RoomAsync()
    {
        lock (_lock)
        {
            if (_recipients < Most) return Task.CompletedTask;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    /// <summary>A message with so many recipients waits to be taken up.</summary>
    public void Add(int recipients)
    {
        lock (_lock) _recipients += recipients;
    }

    /// <summary>It has been.</summary>
    public void Take(int recipients)
    {
        TaskCompletionSource? room;
        lock (_lock)
        {
            _recipients -= recipients;
            if (_recipients >= Most) return;
            (room, _room) = (_room, null);
        }
        room?.SetResult();
    }
}
