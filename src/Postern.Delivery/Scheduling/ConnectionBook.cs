using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// All outgoing connections and their limits (contract §2 and §3, choosing). For the scheduler's thread only.
/// </summary>
public sealed class ConnectionBook(TimeProvider time, IDeliveryActions actions)
{
    /// <summary>Connections to a host that may wait for its banner (contract §3, choosing, 3).</summary>
    public const int MaxOpening = 4;
    /// <summary>How long a connection stays open without a message.</summary>
    public static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(5);
    /// <summary>
    /// A host that answers on many others is given so long to take a connection before the next one is begun: where all
    /// are taken quickly they go one at a time, so that hardly any is on its way when the host's trouble begins, and
    /// where the way is long several are on theirs.
    /// </summary>
    public static readonly TimeSpan OpeningPace = TimeSpan.FromMilliseconds(20);

    // With fewer it is still growing to what it is to carry: slower, it would get less than its share.
    private const int Many = 2 * MaxOpening;

    private readonly Dictionary<HostHealth, HostConnections> _hosts = [];
    private readonly HashSet<HostConnections> _changed = [];
    private bool _isFull;

    /// <summary>Connections that have not ended.</summary>
    public int Count { get; private set; }
    /// <summary>Connections with a job, or whose outcome is being made durable.</summary>
    public int Engaged =>
        _hosts.Values.Sum(h => h.All.Count(c => c.Job is not null || c.State == ConnectionState.Settling));
    /// <summary>The hosts that have connections or queues that wait.</summary>
    public IEnumerable<HostConnections> Hosts => _hosts.Values;
    /// <summary>All connections.</summary>
    public IEnumerable<DeliveryConnection> All => _hosts.Values.SelectMany(h => h.All);

    /// <summary>The connections of a host.</summary>
    public HostConnections Of(HostHealth host)
    {
        if (!_hosts.TryGetValue(host, out var connections)) _hosts[host] = connections = new HostConnections(host);
        return connections;
    }

    /// <summary>
    /// A connection is free, unless it must be a fresh one, or one may be opened. Asking closes nothing.
    /// </summary>
    public bool HasRoom(HostHealth host, bool needsFresh, Access access, DeliveryOptions options) =>
        (!needsFresh && FindIdle(host, access) is not null) || MayOpen(host, options);

    /// <summary>The idle connection to use; null: none.</summary>
    public DeliveryConnection? FindIdle(HostHealth host, Access access)
    {
        if (!_hosts.TryGetValue(host, out var connections)) return null;
        for (var i = connections.Idle.Count - 1; i >= 0; i--)
            if (connections.Idle[i].Access == access) return connections.Idle[i];
        return null;
    }

    /// <summary>
    /// Registers a connection that is about to be opened. At the limit of all connections the one that is idle longest
    /// goes for it.
    /// </summary>
    public void Add(DeliveryConnection connection, DeliveryOptions options)
    {
        if (Count >= options.MaxConnections && _hosts.Values.SelectMany(h => h.Idle).MinBy(c => c.Since) is { } oldest)
            Close(oldest);
        var host = Of(connection.Host);
        connection.IsBesideOthers = host.All.Any(c => c.IsOpen ? WasAnswered(c) : c.IsBesideOthers)
            || host.Ending.Any(c => c.WasOpen && WasAnswered(c));
        host.All.Add(connection);
        host.Opening++;
        Count++;
        connection.Since = host.LastBegun = time.GetTimestamp();
    }

    /// <summary>The connection has its session.</summary>
    public void Opened(DeliveryConnection connection)
    {
        var host = Of(connection.Host);
        host.Opening--;
        host.IsWary = false;
        MakeIdle(connection);
    }

    /// <summary>The connection has no message.</summary>
    public void MakeIdle(DeliveryConnection connection)
    {
        var host = Of(connection.Host);
        connection.State = ConnectionState.Idle;
        connection.Job = null;
        connection.Since = time.GetTimestamp();
        host.Idle.Add(connection);
        Touch(host);
    }

    /// <summary>The connection is used for a message.</summary>
    public void MakeBusy(DeliveryConnection connection, DeliveryJob job)
    {
        Of(connection.Host).Idle.Remove(connection);
        connection.State = ConnectionState.Busy;
        connection.Job = job;
        connection.DomainName = job.Queue.Name;
    }

    /// <summary>The connection has ended, or is ending by our will.</summary>
    public void Remove(DeliveryConnection connection)
    {
        if (connection.State == ConnectionState.Closed) return;
        var host = Of(connection.Host);
        if (connection.State == ConnectionState.Opening) host.Opening--;
        if (connection.State == ConnectionState.Idle) host.Idle.Remove(connection);
        connection.WasOpen = connection is { IsOpen: true, IsBroken: false };
        connection.State = ConnectionState.Closed;
        connection.Job = null;
        host.All.Remove(connection);
        host.Ending.Add(connection);
        host.LastReply = Math.Max(host.LastReply, connection.Pulse.LastReply);
        Count--;
        Touch(host);
    }

    /// <summary>The connection is closed: only now the host has room for another in its place.</summary>
    public void Ended(DeliveryConnection connection)
    {
        if (!_hosts.TryGetValue(connection.Host, out var host) || !host.Ending.Remove(connection)) return;
        Touch(host);
    }

    /// <summary>Closes a connection without a message.</summary>
    public void Close(DeliveryConnection connection)
    {
        if (connection.State == ConnectionState.Closed) return;
        var wasOpen = connection.IsOpen;
        Remove(connection);
        actions.Close(connection);
        if (wasOpen) actions.Publish(new Mail.OutgoingClosed(connection.Dcid));
    }

    /// <summary>Closes what has no message, at a host that is left out or at the end.</summary>
    public void CloseIdle(HostHealth host)
    {
        foreach (var connection in Of(host).Idle.ToArray()) Close(connection);
    }

    /// <summary>
    /// The host has refused or ended a connection: those without a message that it has ended as well go now, so that
    /// nobody takes them for a sign that it is well, and fresh ones are opened one at a time.
    /// </summary>
    public void Distrust(HostHealth host)
    {
        var connections = Of(host);
        connections.IsWary = true;
        foreach (var idle in connections.Idle.ToArray())
        {
            if (!actions.HasEnded(idle)) continue;
            idle.IsBroken = true;
            Close(idle);
        }
    }

    /// <summary>
    /// A host that was not given a connection for its strikes may be given one once those that are open fall silent.
    /// </summary>
    public void TouchSuspects()
    {
        foreach (var host in _hosts.Values)
            if (host.Waiters > 0 && host.Host.Strikes.Any) Touch(host);
    }

    /// <summary>Room at the host may have changed.</summary>
    public void Touch(HostHealth host) => Touch(Of(host));

    /// <summary>The host is left out now: who waits for it looks elsewhere.</summary>
    public void TurnAway(HostHealth host)
    {
        var connections = Of(host);
        connections.TurnsAway = true;
        Touch(connections);
    }

    /// <summary>
    /// Puts queues that wait for a host with room, or for one that is out now, in line; one a host, so that they take
    /// turns.
    /// </summary>
    public bool WakeWaiters(QueueBook queues, DeliveryOptions options)
    {
        if (_changed.Count == 0) return false;
        var woken = false;
        foreach (var host in _changed.ToArray())
        {
            var wakes = host.Wakes-- > 0
                && (host.TurnsAway || host.Idle.Count > 0 || MayOpen(host.Host, options));
            var waiter = wakes ? host.NextWaiter() : null;
            if (waiter is null)
            {
                host.TurnsAway = false;
                _changed.Remove(host);
                if (host.IsForgotten) _hosts.Remove(host.Host);
                continue;
            }
            queues.MakeRunnable(waiter);
            woken = true;
        }
        return woken;
    }

    /// <summary>
    /// Another connection was answered within ten seconds (contract §3, choosing, 4), or is about to be: where several
    /// are opened at once, the one that is refused must not be judged before those that the host took have spoken.
    /// Those that ended while this one was opened were still open for the host.
    /// </summary>
    public bool OthersProsper(DeliveryConnection failed)
    {
        var host = Of(failed.Host);
        return host.All.Any(c => c != failed && (c.IsOpen ? WasAnswered(c) : IsRecent(c.Since)))
            || (failed.IsBesideOthers && IsRecent(failed.Since));
    }

    /// <summary>Connections to a host that have not ended.</summary>
    public IReadOnlyList<DeliveryConnection> At(HostHealth host) =>
        _hosts.TryGetValue(host, out var connections) ? connections.All : [];

    /// <summary>Connections that the host has taken beside this one, as far as is known.</summary>
    public int OthersAt(DeliveryConnection connection)
    {
        var host = Of(connection.Host);
        return host.All.Count(c => c != connection) + host.Ending.Count(c => c != connection && c.WasOpen);
    }

    private bool WasAnswered(DeliveryConnection connection) =>
        connection.Pulse.LastReply != 0 && IsRecent(connection.Pulse.LastReply);

    private bool IsRecent(long timestamp) => time.GetElapsedTime(timestamp) <= HostTable.Patience;

    // A queue that was woken may find that it still has to wait, for a reason of its own: each is woken once a change.
    private void Touch(HostConnections host)
    {
        host.Wakes = host.Waiters;
        _changed.Add(host);
        if (!_isFull) return;
        // All connections were in use: whoever waits for whichever host may have the one that is free now.
        _isFull = false;
        foreach (var other in _hosts.Values)
            if (other.Waiters > 0) Touch(other);
    }

    private bool MayOpen(HostHealth host, DeliveryOptions options)
    {
        if (Count >= options.MaxConnections && _hosts.Values.All(h => h.Idle.Count == 0))
        {
            _isFull = true;
            return false;
        }
        if (!_hosts.TryGetValue(host, out var connections)) return true;
        if (connections.Opening >= (connections.IsWary ? 1 : MaxOpening)
            || connections.All.Count + connections.Ending.Count
                >= Math.Min(options.MaxConnectionsPerAddress, host.Allowance)) return false;
        // What refuses messages may refuse all: it gets no further connection beside those that it answers on. The end
        // of an opening wakes those that wait for its pace.
        var isHeldBack = host.Strikes.Any
            || (connections.Opening > 0 && connections.All.Count >= Many
                && time.GetElapsedTime(connections.LastBegun) < OpeningPace);
        return !isHeldBack || !connections.All.Any(c => c.IsOpen && WasAnswered(c));
    }
}
