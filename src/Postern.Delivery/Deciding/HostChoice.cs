namespace Postern.Delivery.Deciding;

/// <summary>How the choice for a message came out.</summary>
public enum ChoiceKind
{
    /// <summary>An entry and one of its addresses, or an entry whose name must be looked up first.</summary>
    Take,
    /// <summary>A host of the level is merely busy: the mail waits for it.</summary>
    Wait,
    /// <summary>Every host was tried in this round or is left out.</summary>
    Exhausted,
}

/// <summary>The choice for a message.</summary>
/// <param name="Kind">How it came out.</param>
/// <param name="Entry">The entry, for <see cref="ChoiceKind.Take"/>.</param>
/// <param name="Target">The address; null: look the name up first.</param>
/// <param name="Probe">This message probes the host.</param>
/// <param name="AnyLeftOut">Some host was left out, for <see cref="ChoiceKind.Exhausted"/>.</param>
/// <param name="HeldUntil">Hosts of higher priority numbers are not used before (<c>hold_for_probe</c>), for
/// <see cref="ChoiceKind.Exhausted"/>; null: there is no such time.</param>
public readonly record struct Choice(
    ChoiceKind Kind, PlanEntry? Entry, HostHealth? Target, bool Probe, bool AnyLeftOut,
    DateTimeOffset? HeldUntil = null);

/// <summary>What the choice must know of the message and of the connections.</summary>
public interface IChoiceSubject
{
    /// <summary>The host was tried in this round.</summary>
    bool WasTried(HostHealth host);
    /// <summary>
    /// The host that must be tried first while the route leads there and it can be tried; null: none.
    /// </summary>
    HostKey? FirstHost { get; }
    /// <summary>The entry that led there, as written, for when its name must be looked up; null: none.</summary>
    string? FirstEntry => null;
    /// <summary>
    /// The mail waits for that host when it is merely busy; false: it was only its turn, and its equals do as well.
    /// </summary>
    bool WaitsForFirst => true;
    /// <summary>A connection to the host is free, or may be opened, with the access given.</summary>
    bool HasRoom(HostHealth host, Access access);
    /// <summary>How the connection would be made to a host of an entry, or to its name.</summary>
    Access AccessTo(PlanEntry entry, HostHealth host);
}

/// <summary>
/// Chooses the destination host of a message by contract §3. It changes nothing but the turn it counts, so that
/// scheduler, explanation and simulation call the same rules. One instance a thread: it keeps its scratch lists.
/// </summary>
public sealed class HostChoice
{
    /// <summary>Addresses of an entry that are tried in a round (contract §3, words).</summary>
    public const int AddressesPerEntry = 5;

    private enum Standing { Available, Busy, Tried, LeftOut }

    private readonly List<PlanEntry> _candidates = [];
    private readonly List<(HostHealth? Target, bool Probe)> _targets = [];

    /// <summary>Hosts that were merely busy at the last choice: the mail waits for one of them.</summary>
    public List<HostHealth> Busy { get; } = [];

    /// <summary>Hosts that were left out at the last choice, as far as their turn was reached.</summary>
    public List<HostHealth> LeftOut { get; } = [];

    /// <summary>Chooses, and counts the turn.</summary>
    public Choice Choose(RoutePlan plan, IChoiceSubject subject, DateTimeOffset now)
    {
        Busy.Clear();
        LeftOut.Clear();
        if (subject.FirstHost is { } first && ChooseFirst(plan, first, subject, now) is { } choice) return choice;
        var anyLeftOut = false;
        foreach (var level in plan.Levels)
        {
            _candidates.Clear();
            _targets.Clear();
            var busy = false;
            foreach (var entry in level)
            {
                switch (Assess(entry, subject, now, out var free, out var probes, out var leftOut))
                {
                    case Standing.Available:
                        _candidates.Add(entry);
                        _targets.Add((free, probes));
                        break;
                    case Standing.Busy:
                        busy = true;
                        break;
                }
                anyLeftOut |= leftOut;
            }
            if (_candidates.Count > 0)
            {
                var index = Turns.Take(_candidates, plan.Policy.EqualHosts);
                var (target, probe) = _targets[index];
                return new(ChoiceKind.Take, _candidates[index], target, probe, anyLeftOut);
            }
            if (busy) return new(ChoiceKind.Wait, null, null, false, anyLeftOut);
            if (HoldOf(plan, level, subject) is { } until && until > now)
                return new(ChoiceKind.Exhausted, null, null, false, anyLeftOut, until);
        }
        return new(ChoiceKind.Exhausted, null, null, false, anyLeftOut);
    }

    private Choice? ChooseFirst(RoutePlan plan, HostKey key, IChoiceSubject subject, DateTimeOffset now)
    {
        if (plan.EntryOf(key) is not { } entry) return LookUpFirst(plan, key, subject, now);
        var host = entry.Targets.FirstOrDefault(t => t.Key == key) ?? entry.NameHealth;
        if (host is null || host.Key != key || subject.WasTried(host) || entry.IsDrained) return null;
        var access = subject.AccessTo(entry, host);
        var availability = host.AvailabilityFor(access, now);
        if (availability == Availability.LeftOut) return null;
        var probe = availability == Availability.Probe;
        var isName = ReferenceEquals(host, entry.NameHealth);
        if (isName ? !entry.Resolving : subject.HasRoom(host, access))
            return new(ChoiceKind.Take, entry, isName ? null : host, probe, false);
        if (!subject.WaitsForFirst) return null;
        Busy.Add(host);
        return new(ChoiceKind.Wait, null, null, false, false);
    }

    // After a start the names of a route are not looked up yet: the host is still in the route where its entry is.
    private Choice? LookUpFirst(RoutePlan plan, HostKey key, IChoiceSubject subject, DateTimeOffset now)
    {
        var entry = plan.Entries.FirstOrDefault(e =>
            e.Name is not null && e.Targets.Count == 0 && e.Text == subject.FirstEntry && e.Port == key.Port);
        if (entry is null) return null;
        return AssessName(entry, subject, now, out var probe, out _) switch
        {
            Standing.Available => new(ChoiceKind.Take, entry, null, probe, false),
            Standing.Busy => new(ChoiceKind.Wait, null, null, false, false),
            _ => null,
        };
    }

    // How long the mail waits for the hosts of a level before it uses the next one; a host that was taken out by hand,
    // or that was tried and is not left out, is not waited for.
    private static DateTimeOffset? HoldOf(RoutePlan plan, IReadOnlyList<PlanEntry> level, IChoiceSubject subject)
    {
        if (plan.Policy.HoldForProbe == TimeSpan.Zero || ReferenceEquals(level, plan.Levels[^1])) return null;
        DateTimeOffset? until = null;
        foreach (var entry in level)
        {
            if (entry.IsDrained) continue;
            foreach (var host in entry.Targets.Count == 0 ? [entry.NameHealth!] : entry.Targets)
            {
                if (host.Drained) continue;
                var began = host.ClocksFor(subject.AccessTo(entry, host)).Select(clock => clock.Since)
                    .Append(host.SilentSince).Min();
                if (began + plan.Policy.HoldForProbe is { } end && !(end <= until)) until = end;
            }
        }
        return until;
    }

    private Standing Assess(
        PlanEntry entry, IChoiceSubject subject, DateTimeOffset now,
        out HostHealth? target, out bool probe, out bool leftOut)
    {
        (target, probe, leftOut) = (null, false, entry.IsDrained);
        if (leftOut)
        {
            LeftOut.Add(entry.NameHealth!);
            return Standing.LeftOut;
        }
        if (entry.Targets.Count == 0) return AssessName(entry, subject, now, out probe, out leftOut);
        var tried = 0;
        foreach (var host in entry.Targets)
            if (subject.WasTried(host)) tried++;
        if (tried >= AddressesPerEntry) return Standing.Tried;
        var busy = false;
        foreach (var host in entry.Targets)
        {
            if (subject.WasTried(host)) continue;
            var access = subject.AccessTo(entry, host);
            var availability = host.AvailabilityFor(access, now);
            if (availability == Availability.LeftOut)
            {
                leftOut = true;
                LeftOut.Add(host);
                continue;
            }
            if (subject.HasRoom(host, access))
            {
                (target, probe) = (host, availability == Availability.Probe);
                return Standing.Available;
            }
            busy = true;
            Busy.Add(host);
        }
        return busy ? Standing.Busy : tried > 0 ? Standing.Tried : Standing.LeftOut;
    }

    private Standing AssessName(
        PlanEntry entry, IChoiceSubject subject, DateTimeOffset now, out bool probe, out bool leftOut)
    {
        (probe, leftOut) = (false, false);
        var name = entry.NameHealth!;
        if (entry.Resolving)
        {
            Busy.Add(name);
            return Standing.Busy;
        }
        if (subject.WasTried(name)) return Standing.Tried;
        var availability = name.AvailabilityFor(subject.AccessTo(entry, name), now);
        leftOut = availability == Availability.LeftOut;
        if (leftOut) LeftOut.Add(name);
        probe = availability == Availability.Probe;
        return leftOut ? Standing.LeftOut : Standing.Available;
    }
}
