using System.Net;
using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Mail;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// The health of every host and what its changes set in motion: probes, and the release of what was held for want of a
/// host (contract §3, choosing, 3 to 7). For the scheduler's thread only.
/// </summary>
public sealed class HostTable(TimeProvider time, IDeliveryActions actions, ConnectionBook connections)
{
    /// <summary>How long a host may owe a reply, on all its connections, before it counts as left out.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    /// <summary>The same after the final dot.</summary>
    public static readonly TimeSpan PatienceAfterDot = TimeSpan.FromSeconds(30);

    // So many hosts are kept without looking which of them are of use still; about 500 octets each.
    private const int MinSwept = 10_000;
    private static readonly TimeSpan ProbeAgain = TimeSpan.FromSeconds(1);

    private readonly Dictionary<HostKey, HostHealth> _hosts = [];
    private readonly Dictionary<HostHealth, HashSet<DomainQueue>> _wantedBy = [];
    private readonly PriorityQueue<HostHealth, DateTimeOffset> _probes = new();
    private IReadOnlySet<HostSelector> _drained = new HashSet<HostSelector>();
    private int _lastId;
    private int _sweepAt = MinSwept;

    /// <summary>Called when mail that is held for want of this host may go on.</summary>
    public Action<DomainQueue> Release { get; set; } = static _ => { };
    /// <summary>Called when a host may be probed; true: a message that was held for want of it goes on.</summary>
    public Func<HostHealth, bool> ProbeDue { get; set; } = static _ => false;

    /// <summary>When the next host may be probed; null: none.</summary>
    public DateTimeOffset? NextProbe => _probes.TryPeek(out _, out var at) ? at : null;
    /// <summary>All hosts that mail is led to or that something is known of.</summary>
    public IReadOnlyCollection<HostHealth> Hosts => _hosts.Values;

    /// <summary>The health of an address and port.</summary>
    public HostHealth Of(IPAddress address, int port) => Of(new HostKey(address.ToString(), port), address);

    /// <summary>The health of a name and port without an address.</summary>
    public HostHealth Of(Domain name, int port) => Of(new HostKey(name.Name, port), null);

    /// <summary>The health of a host that mail was led to; null: none was.</summary>
    public HostHealth? Find(HostKey key) => _hosts.GetValueOrDefault(key);

    /// <summary>So many hosts are known that those of no use are worth a search.</summary>
    public bool IsDueForSweep => _hosts.Count >= _sweepAt;

    /// <summary>
    /// Forgets hosts that nothing leads to and of which nothing is known that a new acquaintance would not have: the
    /// table follows the hosts in use, and what it costs to look is paid by as many new ones.
    /// </summary>
    /// <param name="used">The hosts of plans and connections.</param>
    public void Sweep(IReadOnlySet<HostHealth> used)
    {
        var now = time.GetUtcNow();
        foreach (var (key, host) in _hosts)
            if (!used.Contains(host) && !_wantedBy.ContainsKey(host) && host.IsUnremarkable(now)) _hosts.Remove(key);
        _sweepAt = Math.Max(MinSwept, 2 * _hosts.Count);
    }

    /// <summary>The queues that hold mail for want of a host.</summary>
    public IReadOnlyCollection<DomainQueue> QueuesWanting(HostHealth host) =>
        _wantedBy.TryGetValue(host, out var queues) ? queues : [];

    /// <summary>A queue holds mail until one of its hosts is back.</summary>
    public void Want(DomainQueue queue)
    {
        foreach (var entry in queue.Plan.Entries)
        {
            foreach (var host in entry.Targets) Want(queue, host);
            if (entry.NameHealth is { } name) Want(queue, name);
        }
    }

    /// <summary>A queue holds nothing more for want of a host.</summary>
    public void Unwant(DomainQueue queue)
    {
        foreach (var host in queue.WantedHosts)
            if (_wantedBy.TryGetValue(host, out var queues) && queues.Remove(queue) && queues.Count == 0)
                _wantedBy.Remove(host);
        queue.WantedHosts.Clear();
    }

    /// <summary>The hosts that are taken out by hand, all of them, from now on.</summary>
    public void UseDrained(IReadOnlySet<HostSelector> drained)
    {
        _drained = drained;
        foreach (var host in _hosts.Values)
        {
            var isDrained = IsDrained(host.Key);
            if (isDrained == host.Drained) continue;
            host.Drained = isDrained;
            var what = isDrained ? "drained by hand" : "no longer drained";
            actions.Publish(new HostHealthChanged(host.ToString(), what));
            if (isDrained) connections.TurnAway(host);
            else Undrained(host);
        }
        foreach (var connection in connections.All.Where(c => c.State == ConnectionState.Idle && IsDrained(c)).ToList())
            connections.Close(connection);
    }

    /// <summary>The host of a connection, or the entry it was opened for, is taken out by hand.</summary>
    public bool IsDrained(DeliveryConnection connection) =>
        connection.Host.Drained
        || (_drained.Count > 0 && HostSelector.TryParse(connection.HostText, out var entry)
            && IsDrained(new HostKey(entry.Host, entry.Port ?? connection.Host.Key.Port)));

    /// <summary>A message begins to probe the host.</summary>
    public static void BeginProbe(HostHealth host, Access access)
    {
        foreach (var clock in host.ClocksFor(access)) clock.Probing = true;
    }

    /// <summary>The probe ended without a word about the host: the next message may probe at once.</summary>
    public void AbandonProbe(HostHealth host, Access access)
    {
        foreach (var clock in host.ClocksFor(access)) clock.ReleaseProbe();
        _probes.Enqueue(host, time.GetUtcNow());
    }

    /// <summary>
    /// Applies what a connection or transaction says of its host. Returns true when it only says that the host wants no
    /// more connections, so that the message is not counted as tried there.
    /// </summary>
    public bool Apply(
        DeliveryConnection connection, HostMark mark, Mid mid, IReadOnlyList<string> refused, DeliveryOptions options,
        string reason)
    {
        var host = connection.Host;
        var wasProbe = connection.IsProbe;
        connection.IsProbe = false;
        var isOut = mark is HostMark.LeftOut or HostMark.NoConnection;
        if (isOut) connections.Distrust(host);
        if (mark == HostMark.NoConnection && !wasProbe && connections.OthersProsper(connection))
        {
            host.Restrict(connections.OthersAt(connection));
            host.NoteFailure(reason, time.GetUtcNow());
            return true;
        }
        if (mark is not (HostMark.None or HostMark.Accepted)) host.NoteFailure(reason, time.GetUtcNow());
        var scope = mark switch
        {
            HostMark.LeftOutForProfile => connection.Access.ProfileScope,
            HostMark.LeftOutForTls => connection.Access.TlsScope,
            _ => null,
        };
        if (scope is not null) LeaveOut(host, host.Scoped(scope), options, false, reason);
        var byStrikes = CountStrike(host, mark, mid, refused);
        var fails = isOut
            || (wasProbe && (mark == HostMark.Strong
                || (mark is HostMark.Weak or HostMark.RecipientsRefused && host.Clock.ByStrikes)));
        if (fails || byStrikes) LeaveOut(host, host.Clock, options, !isOut, reason);
        if (wasProbe) EndProbe(host, connection.Access);
        if (mark == HostMark.Accepted)
        {
            host.NoteAcceptance();
            host.Grow(options.MaxConnectionsPerAddress);
            connections.Touch(host);
        }
        return false;
    }

    /// <summary>Leaves out a name that has no address.</summary>
    public void LeaveOutName(HostHealth name, DeliveryOptions options, string reason)
    {
        name.NoteFailure(reason, time.GetUtcNow());
        LeaveOut(name, name.Clock, options, false, reason);
    }

    /// <summary>A name has addresses again.</summary>
    public void NameResolved(HostHealth name)
    {
        if (!name.Clock.IsLeftOut) return;
        name.Clock.BringBack();
        ReleaseFor(name);
    }

    /// <summary>The time of a host that is left out is over at once, as an operator wants it.</summary>
    /// <returns>False: it was not left out, or is being probed.</returns>
    public bool EndTime(HostHealth host)
    {
        var now = time.GetUtcNow();
        if (!host.EndTimes(now)) return false;
        _probes.Enqueue(host, now);
        return true;
    }

    /// <summary>Hosts whose time is over are probed.</summary>
    public void RunProbes(DateTimeOffset now)
    {
        while (_probes.TryPeek(out var host, out var at) && at <= now)
        {
            _probes.Dequeue();
            if (host.Silent || host.Drained) continue;
            connections.Touch(host);
            // The message may find another host, whose time is over too: then the next one is for this one.
            if (ProbeDue(host)) _probes.Enqueue(host, now + ProbeAgain);
        }
    }

    /// <summary>Finds hosts that owe a reply for too long, and those that reply again.</summary>
    public void WatchSilence()
    {
        List<HostHealth>? back = null;
        foreach (var host in connections.Hosts)
        {
            var silent = IsSilent(host);
            if (silent == host.Host.Silent) continue;
            host.Host.SilentSince = silent ? time.GetUtcNow() : null;
            if (silent)
            {
                host.Host.NoteFailure("owes a reply for too long", time.GetUtcNow());
                actions.Publish(new HostHealthChanged(
                    host.Host.ToString(), "owes a reply for too long, left out until it replies"));
                connections.TurnAway(host.Host);
            }
            else
            {
                (back ??= []).Add(host.Host);
            }
        }
        foreach (var host in back ?? [])
        {
            if (host.Clock.Until is { } until)
            {
                // Its time may have ended while it was silent.
                _probes.Enqueue(host, until);
                continue;
            }
            actions.Publish(new HostHealthChanged(host.ToString(), "owes no reply any more"));
            connections.Touch(host);
            ReleaseFor(host);
        }
    }

    private bool IsSilent(HostConnections host)
    {
        var last = host.LastReply;
        foreach (var connection in host.All) last = Math.Max(last, connection.Pulse.LastReply);
        foreach (var connection in host.All)
        {
            var owes = connection.Pulse.OwesSince;
            if (owes == 0) continue;
            var bound = connection.Pulse.AfterDot ? PatienceAfterDot : Patience;
            if (time.GetElapsedTime(Math.Max(owes, last)) >= bound) return true;
        }
        return false;
    }

    private static bool CountStrike(HostHealth host, HostMark mark, Mid mid, IReadOnlyList<string> refused)
    {
        switch (mark)
        {
            case HostMark.Accepted:
                host.Strikes.Clear();
                return false;
            case HostMark.Strong:
                return host.Strikes.Strong(mid);
            case HostMark.Weak:
                return host.Strikes.Weak(mid);
            case HostMark.RecipientsRefused:
                return host.Strikes.Refused(mid, refused);
            default:
                return false;
        }
    }

    private void LeaveOut(HostHealth host, LeftOutClock clock, DeliveryOptions options, bool byStrikes, string reason)
    {
        var (initial, max) = (options.HostRetryInitial, options.HostRetryMax);
        if (!clock.LeaveOut(time.GetUtcNow(), initial, max, byStrikes, host.SilentSince)) return;
        _probes.Enqueue(host, clock.Until!.Value);
        connections.CloseIdle(host);
        connections.TurnAway(host);
        actions.Publish(new HostHealthChanged(host.ToString(),
            $"left out for {(clock.Until.Value - time.GetUtcNow()).TotalSeconds:0} seconds: {reason}"));
    }

    // What was probed and not left out again is back, with an allowance of two (contract §3, choosing, 5).
    private void EndProbe(HostHealth host, Access access)
    {
        var back = false;
        foreach (var clock in host.ClocksFor(access).Where(c => c.Probing).ToList())
        {
            clock.BringBack();
            back = true;
        }
        if (!back || host.Clock.IsLeftOut) return;
        host.Strikes.Clear();
        host.Restrict(HostHealth.ReturningAllowance);
        actions.Publish(new HostHealthChanged(host.ToString(), "is back"));
        connections.Touch(host);
        ReleaseFor(host);
    }

    // What was held for want of it goes on, or probes it when its time is over meanwhile.
    private void Undrained(HostHealth host)
    {
        connections.Touch(host);
        if (host.Clock.Until is { } until) _probes.Enqueue(host, until);
        else if (!host.Silent) ReleaseFor(host);
    }

    private bool IsDrained(HostKey key) =>
        _drained.Contains(new(key.Host, key.Port)) || _drained.Contains(new(key.Host, null));

    private void ReleaseFor(HostHealth host)
    {
        if (!_wantedBy.TryGetValue(host, out var queues)) return;
        foreach (var queue in queues.ToArray()) Release(queue);
    }

    private void Want(DomainQueue queue, HostHealth host)
    {
        if (!queue.WantedHosts.Add(host)) return;
        if (!_wantedBy.TryGetValue(host, out var queues)) _wantedBy[host] = queues = [];
        queues.Add(queue);
    }

    private HostHealth Of(HostKey key, IPAddress? address)
    {
        if (_hosts.TryGetValue(key, out var host)) return host;
        return _hosts[key] = new HostHealth(++_lastId, key, address) { Drained = IsDrained(key) };
    }
}
