using System.Collections.Concurrent;

namespace Failover;

/// <summary>
/// What became of each message, by its number: said to be taken by the gateway, taken by a host, how often. It bounds
/// what is in the gateway. Safe for several threads.
/// </summary>
internal sealed class Tally(int window) : IDisposable
{
    private readonly SemaphoreSlim _room = new(window);
    private readonly ConcurrentDictionary<int, byte> _accepted = new();
    private readonly ConcurrentDictionary<int, int> _deliveries = new();
    private int _last;

    /// <summary>Waits until the gateway may hold one more, and gives its number.</summary>
    public async Task<int> BeginAsync(CancellationToken cancel)
    {
        await _room.WaitAsync(cancel);
        return Interlocked.Increment(ref _last);
    }

    /// <summary>The gateway said 250 to it: from here on it has to arrive.</summary>
    public void Accepted(int message) => _accepted[message] = 1;

    /// <summary>A host took it.</summary>
    public void Delivered(int message)
    {
        if (_deliveries.AddOrUpdate(message, 1, (_, times) => times + 1) == 1)
        {
            _room.Release();
        }
    }

    /// <summary>Messages that the gateway took and no host did.</summary>
    public int Missing() => _accepted.Keys.Count(message => !_deliveries.ContainsKey(message));

    /// <summary>Times that hosts took a message which one had already.</summary>
    public int Doubled() => _deliveries.Values.Sum(times => times - 1);

    /// <summary>Messages that a host took and the gateway never said 250 to.</summary>
    public int Unasked() => _deliveries.Keys.Count(message => !_accepted.ContainsKey(message));

    public void Dispose() => _room.Dispose();
}
