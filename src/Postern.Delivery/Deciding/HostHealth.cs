using System.Net;
using Postern.Mail;

namespace Postern.Delivery.Deciding;

/// <summary>Whether mail may choose a host now.</summary>
public enum Availability
{
    /// <summary>Yes.</summary>
    Usable,
    /// <summary>Its time is over: the next message that chooses it probes it.</summary>
    Probe,
    /// <summary>No.</summary>
    LeftOut,
}

/// <summary>
/// The health of one address and port, over all routes that lead there (contract §3, words). Owned by the
/// host table; for the scheduler's thread only.
/// </summary>
public sealed class HostHealth(int id, HostKey key, IPAddress? address)
{
    /// <summary>No limit but those of the configuration.</summary>
    public const int Unlimited = int.MaxValue;
    /// <summary>The allowance of a host that has just come back (contract §3, choosing, 5).</summary>
    public const int ReturningAllowance = 2;

    /// <summary>What a host failed at counts for so long, though no mail goes there.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    private Dictionary<string, LeftOutClock>? _scoped;

    /// <summary>A small number, for comparing sets of hosts.</summary>
    public int Id { get; } = id;
    /// <summary>Address or name, and port.</summary>
    public HostKey Key { get; } = key;
    /// <summary>The address; null for a name without one.</summary>
    public IPAddress? Address { get; } = address;
    /// <summary>Left out for all mail.</summary>
    public LeftOutClock Clock { get; } = new();
    /// <summary>Strikes in a row.</summary>
    public Strikes Strikes { get; } = new();
    /// <summary>It owes a reply for too long; until it replies it counts as left out.</summary>
    public bool Silent => SilentSince is not null;
    /// <summary>Since when; null: it is not silent.</summary>
    public DateTimeOffset? SilentSince { get; set; }
    /// <summary>Taken out by hand.</summary>
    public bool Drained { get; set; }
    /// <summary>Connections it is allowed by its own behaviour; <see cref="Unlimited"/> or at least 1.</summary>
    public int Allowance { get; private set; } = Unlimited;
    /// <summary>What it said or did last that was not an acceptance.</summary>
    public string? LastError { get; private set; }
    /// <summary>When; null: never.</summary>
    public DateTimeOffset? LastErrorAt { get; private set; }
    /// <summary>Its last reply to a connection or message; null: none yet.</summary>
    public SmtpReply? LastReply { get; private set; }
    /// <summary>When; null: never.</summary>
    public DateTimeOffset? LastReplyAt { get; private set; }
    /// <summary>For a name: the addresses that its last look-up gave.</summary>
    public IReadOnlyList<HostHealth> Addresses { get; set; } = [];
    /// <summary>Connections and messages that failed since the last acceptance.</summary>
    public int Failures { get; private set; }

    /// <summary>Whether mail with this access may choose it at <paramref name="now"/>.</summary>
    public Availability AvailabilityFor(Access access, DateTimeOffset now)
    {
        if (Silent || Drained) return Availability.LeftOut;
        var worst = Judge(Clock, now);
        if (_scoped is not null)
        {
            if (_scoped.TryGetValue(access.TlsScope, out var tls)) worst = Worse(worst, Judge(tls, now));
            if (_scoped.TryGetValue(access.ProfileScope, out var auth)) worst = Worse(worst, Judge(auth, now));
        }
        return worst;
    }

    /// <summary>The clock of a scope (see <see cref="Access"/>), made when missing.</summary>
    public LeftOutClock Scoped(string scope)
    {
        _scoped ??= new(StringComparer.Ordinal);
        if (!_scoped.TryGetValue(scope, out var clock)) _scoped[scope] = clock = new LeftOutClock();
        return clock;
    }

    /// <summary>
    /// It is as good as one that was never led to: its times are over, and what it failed at is long past.
    /// </summary>
    public bool IsUnremarkable(DateTimeOffset now) =>
        !Silent && !Drained && !(LastErrorAt + Memory > now) && IsOver(Clock, now)
        && (_scoped is null || _scoped.Values.All(c => IsOver(c, now)));

    private static bool IsOver(LeftOutClock clock, DateTimeOffset now) => !clock.Probing && !(clock.Until > now);

    /// <summary>It was left out for a TLS policy or a profile alone, and may be still.</summary>
    public bool HasScopes => _scoped is not null;

    /// <summary>The clocks that hold for an access and are running.</summary>
    public IEnumerable<LeftOutClock> ClocksFor(Access access)
    {
        if (Clock.IsLeftOut) yield return Clock;
        if (_scoped is null) yield break;
        if (_scoped.TryGetValue(access.TlsScope, out var tls) && tls.IsLeftOut) yield return tls;
        if (_scoped.TryGetValue(access.ProfileScope, out var auth) && auth.IsLeftOut) yield return auth;
    }

    /// <summary>Ends the time of every clock that runs; true when there was one.</summary>
    public bool EndTimes(DateTimeOffset now)
    {
        var any = Clock.EndTime(now);
        if (_scoped is null) return any;
        foreach (var clock in _scoped.Values) any |= clock.EndTime(now);
        return any;
    }

    /// <summary>All clocks of a TLS policy or a profile that are running.</summary>
    public IEnumerable<KeyValuePair<string, LeftOutClock>> RunningScopes =>
        _scoped is null ? [] : _scoped.Where(s => s.Value.IsLeftOut);

    /// <summary>It replied; null: it did not, and what it said before stays.</summary>
    public void NoteReply(SmtpReply? reply, DateTimeOffset at)
    {
        if (reply is not null) (LastReply, LastReplyAt) = (reply, at);
    }

    /// <summary>Something failed at this host.</summary>
    public void NoteFailure(string error, DateTimeOffset at)
    {
        (LastError, LastErrorAt) = (error, at);
        Failures++;
    }

    /// <summary>It accepted a message.</summary>
    public void NoteAcceptance() => Failures = 0;

    /// <summary>Limits the host to what it evidently takes.</summary>
    public void Restrict(int allowance) => Allowance = Math.Max(1, allowance);

    /// <summary>A message was accepted: one connection more, up to <paramref name="limit"/>.</summary>
    public void Grow(int limit)
    {
        if (Allowance == Unlimited) return;
        Allowance = Allowance + 1 >= limit ? Unlimited : Allowance + 1;
    }

    private static Availability Judge(LeftOutClock clock, DateTimeOffset now) =>
        clock.Until is not { } until ? Availability.Usable
        : clock.Probing || now < until ? Availability.LeftOut
        : Availability.Probe;

    private static Availability Worse(Availability a, Availability b) => a > b ? a : b;

    /// <inheritdoc/>
    public override string ToString() => Key.ToString();
}
