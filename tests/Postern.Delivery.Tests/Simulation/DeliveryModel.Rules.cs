using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Delivery.Scheduling;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Delivery.Tests.Simulation;

/// <summary>The rules of an attempt, of a hold and of an end, and that nothing waits for nothing.</summary>
internal sealed partial class DeliveryModel
{
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(3);

    private void Attempt(LineModel line, DeliveryJob job, DateTimeOffset now)
    {
        Attempts++;
        var host = Host(line.Connection.Host.Key);
        var first = _recipients[(job.Message.Mid, job.Recipients[0].Rid)];
        var route = _routes.GetValueOrDefault(first.Domain);
        Require(IsOperated || !host.MustBeOut(line.Connection.Access, now),
            $"{first} is given to {host.Key}, which is out");
        line.Domain = first.Domain;
        CheckAccess(line, first, route, now);
        foreach (var offered in job.Recipients)
        {
            var key = (job.Message.Mid, offered.Rid);
            Require(_recipients.ContainsKey(key), $"MID {key.Mid} RID {key.Rid} is offered after its end");
            var recipient = _recipients[key];
            Begin(recipient, line, host, now);
            if (route is not null && !IsOperated) CheckOrder(recipient, host, route, now);
            line.Recipients.Add(recipient);
        }
        host.Attempted(line, line.Connection.Access, now, IsOperated);
    }

    private void CheckAccess(LineModel line, RecipientModel recipient, RouteModel? route, DateTimeOffset now)
    {
        var access = line.Connection.Access;
        Require(access.Tls == options.ControlOf(recipient.Domain).Tls, $"{recipient} on TLS {access.Tls}");
        Require(access.Profile == route?.Profile, $"{recipient} on credentials {access.Profile}");
        Require(ActiveOf(recipient.Domain, now) < options.ControlOf(recipient.Domain).MaxConnections,
            $"{recipient.Domain} has too many connections");
    }

    // What waits for a banner for ten seconds may have lost its message.
    private int ActiveOf(string domain, DateTimeOffset now) => _lines.Values.Count(l =>
        l.Recipients.Count > 0 && l.Domain == domain && (!l.IsOpening || now - l.Began < TimeSpan.FromSeconds(10)));

    private void Begin(RecipientModel recipient, LineModel line, HostModel host, DateTimeOffset now)
    {
        if (recipient.On is { } before)
        {
            Require(before.IsOpening && now - before.Began >= TimeSpan.FromSeconds(10),
                $"{recipient} is offered twice at the same time");
            PassOn(recipient, before);
        }
        Require(!recipient.OwesCommit && recipient.Committing == 0,
            $"{recipient} goes on before its outcome is durable");
        Require(recipient.LastFate != Fate.Held, $"{recipient} goes on, and its route says that it is held");
        if (recipient.IsHeld)
        {
            var isReleased = recipient.Reason == WaitReason.Host && IsReleased(recipient, now);
            Require(IsOperated || now >= recipient.Due || isReleased,
                $"{recipient} is tried {recipient.Due - now} before it is due");
            BeginRound(recipient);
        }
        Require(!recipient.Tried.Contains(host.Key), $"{recipient} tries {host.Key} twice in a round");
        (recipient.On, recipient.LastEvent) = (line, now);
    }

    // For want of a host: since it was held one is back or may be probed, or the route is another one.
    private bool IsReleased(RecipientModel recipient, DateTimeOffset now) =>
        _routesSince >= recipient.HeldSince || !_routes.TryGetValue(recipient.Domain, out var route)
        || route.Entries.Any(e => e.Targets.Any(t => Host(t).ReleasedAt(now) >= recipient.HeldSince
            || Host(t).IsProbeDue(AccessTo(recipient.Domain, e), now)));

    // Contract §3, choosing, 1, and the place of what is uncertain.
    private void CheckOrder(RecipientModel recipient, HostModel host, RouteModel route, DateTimeOffset now)
    {
        var entries = route.Entries.Where(e => e.Targets.Contains(host.Key) && !IsDrained(e)).ToList();
        Require(entries.Count > 0, $"{recipient} is given to {host.Key}, which its route does not have");
        if (recipient.Doubt is { } doubt && doubt.Host != host.Key)
        {
            Require(!route.Entries.Any(e =>
                e.Targets.Contains(doubt.Host) && !IsExcused(recipient, e, doubt.Host, now)),
                $"{recipient} is uncertain at {doubt.Host} and offered to {host.Key}");
        }
        // What is uncertain, and what goes on where it was, does so out of turn.
        if (recipient.Doubt is { } own && own.Host == host.Key) return;
        if (recipient.SameHost == host.Key) return;
        var priority = entries.Min(e => e.Priority);
        foreach (var entry in route.Entries)
        {
            if (entry.Priority >= priority) break;
            Require(IsExcused(recipient, entry, now), $"{recipient} goes to {host.Key} before {entry.Name}");
        }
    }

    private bool IsDrained(EntryModel entry) => _drained.Count > 0
        && _drained.Any(d => d.Host == entry.Name && (d.Port is null || d.Port == entry.Port));

    // Tried in this round, or left out now.
    private bool IsExcused(RecipientModel recipient, EntryModel entry, DateTimeOffset now)
    {
        if (IsDrained(entry)) return true;
        foreach (var target in entry.Targets)
            if (!IsExcused(recipient, entry, target, now)) return false;
        return true;
    }

    private bool IsExcused(RecipientModel recipient, EntryModel entry, HostKey target, DateTimeOffset now) =>
        IsDrained(entry) || recipient.Tried.Contains(target) || recipient.MaybeTried.Contains(target)
        || Host(target).MayBeOut(AccessTo(recipient.Domain, entry), now);

    private Access AccessTo(string domain, EntryModel entry)
    {
        var key = (domain, entry.Name);
        var control = options.ControlOf(domain);
        var profile = _routes.GetValueOrDefault(domain)?.Profile;
        if (!_accesses.TryGetValue(key, out var access) || access.Profile != profile)
            _accesses[key] = access = new Access(control.Tls, profile, null).Toward(entry.Name);
        return access;
    }

    /// <summary>A settlement is handed over: its outcomes must follow from what was seen.</summary>
    public void Commits(Settlement settlement, DateTimeOffset now)
    {
        foreach (var (mid, rid, state) in settlement.Change.States)
        {
            Require(_recipients.TryGetValue((mid, rid), out var recipient), $"{mid} {rid} has a state after its end");
            recipient!.OwesCommit = false;
            recipient.Committing++;
            CheckDoubt(recipient, state);
            // That the sender was told that it waits is no hold.
            var isWarning = state.IsWarned && !recipient.IsWarned;
            recipient.IsWarned = state.IsWarned;
            if (state.Due is { } due && !isWarning) CheckHold(recipient, state, due, now);
        }
        foreach (var recipient in EndedBy(settlement))
        {
            recipient.OwesCommit = false;
            recipient.Committing++;
            CheckEnd(recipient, now);
        }
    }

    /// <summary>A settlement is durable.</summary>
    public void Durable(Settlement settlement)
    {
        foreach (var (mid, rid, _) in settlement.Change.States)
            if (_recipients.TryGetValue((mid, rid), out var recipient)) recipient.Committing--;
        foreach (var recipient in EndedBy(settlement).ToList()) _recipients.Remove((recipient.Mid, recipient.Rid));
    }

    private IEnumerable<RecipientModel> EndedBy(Settlement settlement)
    {
        foreach (var (mid, rid) in settlement.Change.Finished) yield return Ending(mid, rid);
        foreach (var mid in settlement.Change.Removed)
        {
            foreach (var (recipient, _) in _messages[mid].Recipients)
                if (_recipients.TryGetValue((mid, recipient.Rid), out var rest)) yield return rest;
        }

        RecipientModel Ending(Mid mid, Rid rid)
        {
            Require(_recipients.ContainsKey((mid, rid)), $"{mid} {rid} ends twice");
            return _recipients[(mid, rid)];
        }
    }

    private void CheckEnd(RecipientModel recipient, DateTimeOffset now)
    {
        var profile = options.ProfileOf(recipient.Domain);
        // A message is removed with its last recipient: those whose end is on its way are ended already.
        var isOver = recipient.LastFate is Fate.Accepted or Fate.Bounced || recipient.IsDiscarded
            || !_routes.ContainsKey(recipient.Domain) || IsOperated
            || now >= recipient.Accepted + profile.MaxTimeInQueue || recipient.Rounds >= profile.MaxRetries;
        Require(isOver, $"{recipient} is ended without a result");
        Require(recipient.LastFate == Fate.Accepted ? recipient.Acceptances > 0
            : recipient.Acceptances == 0 || recipient.MayDouble,
            $"{recipient} has {recipient.Acceptances} acceptances");
    }

    private static void CheckDoubt(RecipientModel recipient, RecipientState state)
    {
        if (state.Uncertainty is not { } told)
        {
            Require(recipient.Doubt is null,
                $"{recipient} is no longer uncertain");
            return;
        }
        Require(recipient.Doubt == (new HostKey(told.Address, told.Port), told.Times, told.DotWritten),
            $"{recipient} is uncertain at {told}, not {recipient.Doubt}");
    }

    // A round ended, or a pass in which all hosts were left out.
    private void CheckHold(RecipientModel recipient, RecipientState state, DateTimeOffset due, DateTimeOffset now)
    {
        if (recipient.On is { } line)
        {
            Require(line.IsOpening && now - line.Began >= TimeSpan.FromSeconds(10), $"{recipient} is held while tried");
            PassOn(recipient, line);
        }
        // It was released, and in the new round all were left out.
        if (recipient.IsHeld) BeginRound(recipient);
        var isUncertain = recipient.LastFate == Fate.Uncertain && state.Reason == WaitReason.Uncertain;
        var wasTried = recipient.Tried.Count > 0 || isUncertain;
        var counts = state.Rounds == recipient.Rounds + 1 ? wasTried || recipient.MaybeTried.Count > 0
            : state.Rounds == recipient.Rounds && !wasTried;
        Require(counts || IsOperated || !_routes.ContainsKey(recipient.Domain),
            $"{recipient} counts {state.Rounds} rounds");
        recipient.Rounds = state.Rounds;
        var profile = options.ProfileOf(recipient.Domain);
        var wait = TimeSpan.FromSeconds(Math.Min(profile.MaxWait.TotalSeconds,
            profile.InitialWait.TotalSeconds * Math.Pow(2, Math.Max(0, Math.Min(40, state.Rounds - 1)))));
        var (earliest, latest) = (now + wait, now + wait);
        if (isUncertain)
        {
            var dot = recipient.Doubt!.Value;
            var after = dot.Dot + (options.FinalDotTimeout * Math.Pow(2, Math.Min(30, dot.Times - 1)));
            if (after > earliest) (earliest, latest) = (after, after);
        }
        else
        {
            if (!IsOperated && recipient.LastFate != Fate.Held) CheckPass(recipient, now);
            var answered = recipient.MailAnswered ?? (state.Reason == WaitReason.Mail);
            Require(state.Reason == (answered ? WaitReason.Mail : WaitReason.Host),
                $"{recipient} is held for {state.Reason}");
            if (answered) (earliest, latest) = (now + (wait * 0.9), now + (wait * 1.1));
        }
        var expiry = recipient.Accepted + profile.MaxTimeInQueue;
        Require(IsOperated || due == expiry || (due >= earliest && due <= latest)
            || !_routes.ContainsKey(recipient.Domain),
            $"{recipient} is due at {due}, not {earliest}");
        (recipient.IsHeld, recipient.Reason, recipient.Due) = (true, state.Reason, due);
        (recipient.HeldSince, recipient.LastEvent) = (now, now);
        recipient.LastFate = Fate.NextHost;
    }

    private void CheckPass(RecipientModel recipient, DateTimeOffset now)
    {
        if (!_routes.TryGetValue(recipient.Domain, out var route)) return;
        foreach (var entry in route.Entries)
            Require(IsExcused(recipient, entry, now), $"{recipient} is held, and {entry.Name} was not tried");
    }

    /// <summary>
    /// What waits has something to wait for: a time, or a host of its turn that is busy. Looks at some recipients.
    /// </summary>
    public void Audit(DateTimeOffset now, int count)
    {
        foreach (var recipient in _recipients.Values.Take(count))
        {
            if (recipient.On is not null || recipient.Committing > 0) continue;
            if (now - recipient.LastEvent < Slack || now - _routesSince < Slack) continue;
            if (recipient is { IsHeld: true, Reason: not WaitReason.Host } && now - recipient.Due < Slack) continue;
            if (!_routes.TryGetValue(recipient.Domain, out var route) || route.Discards) continue;
            if (recipient.Doubt is { } doubt && Host(doubt.Host).Lines.Count > 0) continue;
            // What goes on where it was waits for that host alone.
            if (recipient.SameHost is { } same && Host(same).Lines.Count > 0) continue;
            if (ActiveOf(recipient.Domain, now) >= options.ControlOf(recipient.Domain).MaxConnections - 1) continue;
            foreach (var target in Free(recipient, route, now))
                Require(false, $"{recipient} waits, and {target} has nothing to do: {Standing(route)}");
        }
    }

    private string Standing(RouteModel route) => string.Join(
        "; ", route.Entries.SelectMany(e => e.Targets.Select(t => $"pri={e.Priority} {Host(t)}")));

    // Hosts of the level whose turn it is that could take it now, as far as can be told for sure.
    private IEnumerable<HostKey> Free(RecipientModel recipient, RouteModel route, DateTimeOffset now)
    {
        var targets = route.Entries.SelectMany(e => e.Targets).Select(Host).ToList();
        // A new round begins when its time is over, or when a host has come back since it is held.
        var isNewRound = recipient.IsHeld && (now - recipient.Due >= Slack
            || targets.Exists(h => h.SureRelease > recipient.HeldSince));
        var mayBeNewRound = recipient.IsHeld && (isNewRound || now >= recipient.Due
            || targets.Exists(h => h.ReleasedAt(now) > recipient.HeldSince));
        var reached = int.MaxValue;
        foreach (var entry in route.Entries)
        {
            if (entry.Priority > reached) yield break;
            if (IsDrained(entry)) continue;
            var access = AccessTo(recipient.Domain, entry);
            foreach (var target in entry.Targets)
            {
                var host = Host(target);
                if (host.MustBeOut(access, now)) continue;
                var wasTried = recipient.Tried.Contains(target);
                if (!mayBeNewRound && wasTried) continue;
                reached = entry.Priority;
                if (!isNewRound && !host.IsProbeDue(access, now)
                    && (wasTried || recipient.MaybeTried.Contains(target))) continue;
                var isQuiet = host.LastEvent <= now - Slack && host.ReleasedAt(now) <= now - Slack;
                if (isQuiet && host.Lines.Count == 0 && !host.MayBeOut(access, now)) yield return target;
            }
        }
    }
}
