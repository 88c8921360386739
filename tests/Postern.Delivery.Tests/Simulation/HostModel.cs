using System.Globalization;
using Postern.Delivery.Deciding;
using Postern.Delivery.Scheduling;
using Postern.Mail;

namespace Postern.Delivery.Tests.Simulation;

/// <summary>What the table of contract §3 says of a host after an attempt.</summary>
internal enum Effect { None, Accepted, Strong, Weak, NoneAccepted, Out, NoConnection, OutForProfile, OutForTls }

/// <summary>A connection as the host and the wire see it.</summary>
internal sealed class LineModel(DeliveryConnection connection, DateTimeOffset now)
{
    public DeliveryConnection Connection { get; } = connection;
    public DateTimeOffset Began { get; } = now;
    public bool IsReady { get; set; }
    public bool IsEnding { get; set; }
    /// <summary>The host had another connection at some time while this one was opened.</summary>
    public bool WasBesideOthers { get; set; }
    public bool Transmits { get; set; }
    public int Messages { get; set; }
    public string Domain { get; set; } = "";
    public List<RecipientModel> Recipients { get; } = [];
    public bool IsOpening => !IsReady && !IsEnding;
}

/// <summary>A time for which a host is left out, and the connection that probes it.</summary>
internal sealed class ClockModel
{
    public DateTimeOffset? Until { get; set; }
    public int FailedProbes { get; set; }
    public bool ByStrikes { get; set; }
    public LineModel? Probe { get; set; }
}

/// <summary>
/// The health of a host by contract §3, from what is seen of it: connections, replies, and what the log says. Strikes,
/// left-out times, probes and the allowance are counted here anew, and a log line that does not fit them is a fault.
/// </summary>
internal sealed class HostModel(HostKey key, DeliveryOptions options)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PatienceAfterDot = TimeSpan.FromSeconds(30);
    // Silence is looked for once a second.
    private static readonly TimeSpan Watch = TimeSpan.FromSeconds(1.02);

    private readonly Dictionary<string, ClockModel> _clocks = new(StringComparer.Ordinal) { [""] = new() };
    private readonly HashSet<Mid> _strong = [];
    private readonly HashSet<Mid> _weak = [];
    private readonly HashSet<Mid> _refused = [];
    private readonly HashSet<string> _refusedAddresses = new(StringComparer.Ordinal);
    private DateTimeOffset _lastReply = DateTimeOffset.MinValue;
    private DateTimeOffset _lastSilent = DateTimeOffset.MinValue;

    public HostKey Key { get; } = key;
    public bool IsDrained { get; set; }
    public List<LineModel> Lines { get; } = [];
    public int Allowance { get; private set; } = int.MaxValue;
    /// <summary>When it came back, was undrained, replied again, or its time was over.</summary>
    public DateTimeOffset LastRelease { get; private set; } = DateTimeOffset.MinValue;
    /// <summary>The same, where there is no doubt about it, and all mail may go there again.</summary>
    public DateTimeOffset SureRelease { get; private set; } = DateTimeOffset.MinValue;
    public DateTimeOffset LastEvent { get; set; } = DateTimeOffset.MinValue;
    public int TimesLeftOut { get; private set; }

    public bool MayBeOut(Access access, DateTimeOffset now) =>
        IsDrained || Running(access).Any(c => c.Probe is not null || c.Until > now)
        || OwesTooLong(now) || now - _lastSilent <= Watch;

    public bool MustBeOut(Access access, DateTimeOffset now) =>
        IsDrained || Running(access).Any(c => c.Probe is not null || c.Until > now) || OwesTooLong(now - Watch);

    /// <summary>A probe may be due: its time is over and nobody probes it.</summary>
    public bool IsProbeDue(Access access, DateTimeOffset now) =>
        !MustBeOut(access, now) && Running(access).Any();

    /// <summary>When it was last to be had again.</summary>
    public DateTimeOffset ReleasedAt(DateTimeOffset now)
    {
        var last = LastRelease;
        foreach (var clock in _clocks.Values)
            if (clock.Until is { } until && until <= now && until > last) last = until;
        return last;
    }

    /// <summary>An attempt begins on a connection; it is a probe when the host's time is over.</summary>
    public void Attempted(LineModel line, Access access, DateTimeOffset now, bool byHand)
    {
        LastEvent = now;
        foreach (var clock in Running(access))
        {
            DeliveryModel.Require(byHand || (clock.Probe is null && clock.Until <= now),
                $"{Key} is left out, and tried");
            if (clock.Until > LastRelease) LastRelease = clock.Until.Value;
            clock.Probe = line;
        }
    }

    public void Opened(LineModel line, DateTimeOffset now)
    {
        var live = Lines.Count + 1;
        DeliveryModel.Require(live <= Math.Min(Allowance, options.MaxConnectionsPerAddress),
            $"{Key} has {live} connections, allowed {Allowance}");
        Lines.Add(line);
        DeliveryModel.Require(Lines.Count(l => l.IsOpening) <= 4,
            $"more than four connections to {Key} wait for a banner");
        LastEvent = now;
        if (Lines.Count == 1) return;
        foreach (var other in Lines)
            if (other.IsOpening) other.WasBesideOthers = true;
    }

    /// <summary>A connection is of no use any more, and owes nothing.</summary>
    public void Ending(LineModel line, DateTimeOffset now)
    {
        Replied(now, hasReplied: false);
        line.IsEnding = true;
    }

    public void Gone(LineModel line, DateTimeOffset now)
    {
        Ending(line, now);
        Lines.Remove(line);
    }

    /// <summary>A reply came, or a debt of one ended.</summary>
    public void Replied(DateTimeOffset now, bool hasReplied)
    {
        if (OwesTooLong(now)) (_lastSilent, LastRelease) = (now, now + Watch);
        if (hasReplied) _lastReply = now;
        LastEvent = now;
    }

    /// <summary>It was undrained, or replies again.</summary>
    public void Released(DateTimeOffset now)
    {
        LastRelease = now;
        if (_clocks[""].Until is null) SureRelease = now;
    }

    /// <summary>The probe of a connection ended without a word about the host.</summary>
    public void Abandoned(LineModel line, DateTimeOffset now)
    {
        foreach (var clock in _clocks.Values.Where(c => c.Probe == line)) (clock.Probe, LastRelease) = (null, now);
    }

    public void RecipientAccepted()
    {
        _refused.Clear();
        _refusedAddresses.Clear();
    }

    /// <summary>
    /// What an ended opening or transaction does to the host, held against what the log told meanwhile.
    /// </summary>
    /// <returns>True: it only wants no more connections; null: that cannot be told from outside.</returns>
    public bool? Ended(
        LineModel line, Effect effect, Mid mid, IReadOnlyList<string> refused, List<string> told, DateTimeOffset now)
    {
        LastEvent = now;
        var general = _clocks[""];
        var probes = _clocks.Values.Where(c => c.Probe == line).ToList();
        var expected = new List<string>();
        bool? wantsNoMore = false;
        if (effect == Effect.NoConnection && probes.Count == 0)
        {
            wantsNoMore = JudgeFurther(line, told.Exists(IsLeavingOut), now);
            if (wantsNoMore == true)
                Allowance = Math.Min(Allowance, Math.Max(1, Lines.Count(l => l != line)));
        }
        if (effect is Effect.OutForProfile) LeaveOut(ClockOf(ProfileScope(line.Connection.Access)), false);
        if (effect is Effect.OutForTls) LeaveOut(ClockOf(TlsScope(line.Connection.Access)), false);
        var struck = Strike(effect, mid, refused);
        var probed = probes.Count > 0;
        var isOut = effect is Effect.Out or Effect.NoConnection;
        var fails = (isOut && wantsNoMore != true)
            || (probed && (effect == Effect.Strong
                || (effect is Effect.Weak or Effect.NoneAccepted && general.ByStrikes)));
        if (fails || struck) LeaveOut(general, !isOut);
        if (probes.RemoveAll(c => c.Probe != line) >= 0 && probes.Count > 0) Return(probes);
        if (effect == Effect.Accepted && Allowance != int.MaxValue) Allowance++;
        DeliveryModel.Require(expected.SequenceEqual(told),
            $"{Key} after {effect}: told [{string.Join("; ", told)}], expected [{string.Join("; ", expected)}]");
        return wantsNoMore;

        void LeaveOut(ClockModel clock, bool byStrikes)
        {
            if (clock.Until is not null && clock.Probe != line) return;
            clock.FailedProbes = clock.Until is null ? 0 : clock.FailedProbes + 1;
            clock.ByStrikes = byStrikes || (clock.Until is not null && clock.ByStrikes);
            clock.Probe = null;
            var time = TimeSpan.FromSeconds(Math.Min(
                options.HostRetryInitial.TotalSeconds * Math.Pow(2, clock.FailedProbes),
                options.HostRetryMax.TotalSeconds));
            clock.Until = now + time;
            TimesLeftOut++;
            expected.Add(string.Create(CultureInfo.InvariantCulture, $"left out for {time.TotalSeconds:0} seconds"));
        }

        void Return(List<ClockModel> back)
        {
            foreach (var clock in back)
                (clock.Until, clock.FailedProbes, clock.ByStrikes, clock.Probe) = (null, 0, false, null);
            if (general.Until is not null) return;
            _strong.Clear();
            _weak.Clear();
            RecipientAccepted();
            (Allowance, LastRelease, SureRelease) = (2, now, now);
            expected.Add("is back");
        }
    }

    // Contract §3, choosing, 4. Where the words leave it open what "open" is (others were being opened or closed at
    // that moment), the log decides.
    private bool? JudgeFurther(LineModel line, bool isLeftOut, DateTimeOffset now)
    {
        var others = Lines.Where(l => l != line).ToList();
        if (isLeftOut)
        {
            DeliveryModel.Require(!others.Exists(l => l is { IsReady: true, IsEnding: false } && WasAnswered(l, now)),
                $"{Key} is left out although another connection prospers");
            return false;
        }
        if (_clocks[""].Until is not null) return null;
        DeliveryModel.Require(others.Count > 0 || line.WasBesideOthers,
            $"{Key} failed without another connection, and is in");
        return true;
    }

    private bool Strike(Effect effect, Mid mid, IReadOnlyList<string> refused)
    {
        switch (effect)
        {
            case Effect.Accepted:
                _strong.Clear();
                _weak.Clear();
                RecipientAccepted();
                return false;
            case Effect.Strong:
                return _strong.Add(mid) && _strong.Count >= 2;
            case Effect.Weak:
                return _weak.Add(mid) && _weak.Count >= 5;
            case Effect.NoneAccepted:
                _refused.Add(mid);
                _refusedAddresses.UnionWith(refused);
                return _refused.Count >= 20 && _refusedAddresses.Count >= 5;
            default:
                return false;
        }
    }

    private bool OwesTooLong(DateTimeOffset now)
    {
        foreach (var line in Lines)
        {
            if (line.IsEnding || line.Connection.Pulse.OwesSince == 0) continue;
            var since = new DateTimeOffset(line.Connection.Pulse.OwesSince, TimeSpan.Zero);
            if (_lastReply > since) since = _lastReply;
            if (now - since >= (line.Connection.Pulse.AfterDot ? PatienceAfterDot : Patience)) return true;
        }
        return false;
    }

    private static bool WasAnswered(LineModel line, DateTimeOffset now) =>
        line.Connection.Pulse.LastReply != 0
        && now - new DateTimeOffset(line.Connection.Pulse.LastReply, TimeSpan.Zero) <= Patience;

    private static bool IsLeavingOut(string told) => told.StartsWith("left out", StringComparison.Ordinal);

    private IEnumerable<ClockModel> Running(Access access)
    {
        if (_clocks[""] is { Until: not null } general) yield return general;
        if (_clocks.Count == 1) yield break;
        if (_clocks.TryGetValue(TlsScope(access), out var tls) && tls.Until is not null) yield return tls;
        if (_clocks.TryGetValue(ProfileScope(access), out var profile) && profile.Until is not null)
            yield return profile;
    }

    private ClockModel ClockOf(string scope)
    {
        if (!_clocks.TryGetValue(scope, out var clock)) _clocks[scope] = clock = new();
        return clock;
    }

    public override string ToString() => $"{Key} with {Lines.Count} lines"
        + (IsDrained ? ", drained" : "")
        + string.Concat(_clocks.Where(c => c.Value.Until is not null).Select(c =>
            $", out {c.Key} until {c.Value.Until:HH:mm:ss.fff}{(c.Value.Probe is null ? "" : " and probed")}"))
        + $", allowed {Allowance}, last event {LastEvent:HH:mm:ss.fff}, released {LastRelease:HH:mm:ss.fff}";

    private static string TlsScope(Access access) => $"tls {access.Tls} {access.VerifiedName}";

    private static string ProfileScope(Access access) => $"auth {access.Profile}";
}
