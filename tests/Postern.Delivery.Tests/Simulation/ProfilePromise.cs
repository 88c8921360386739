using Postern.Mail;
using Postern.Mail.Dsn;

namespace Postern.Delivery.Tests.Simulation;

/// <summary>
/// What a bounce profile promises, worked out anew from its five figures and from what hosts were offered: contract §3
/// (words, round) and §4 (ends of waiting), RFC 3461 §4.1 for what senders are told. Pure.
/// </summary>
/// <param name="end">When hosts take mail again.</param>
internal sealed class ProfilePromise(DateTimeOffset end)
{
    /// <summary>Opening a connection, a transaction, a commit.</summary>
    private static readonly TimeSpan moment = TimeSpan.FromSeconds(2);

    /// <summary>A host that says nothing keeps a message for ten seconds, looked at once a second.</summary>
    private static readonly TimeSpan silence = TimeSpan.FromSeconds(12);

    /// <summary>A host is probed within ten minutes; then what waits for it runs off.</summary>
    private static readonly TimeSpan comeback = TimeSpan.FromMinutes(15);

    /// <summary>What is wrong with a recipient; null: it went as its profile says.</summary>
    public string? Complaint(SeenRecipient recipient)
    {
        if (recipient.Ends != 1) return $"it ended {recipient.Ends} times";
        return Fate(recipient) ?? Waits(recipient) ?? Told(recipient);
    }

    /// <summary>It expired because its rounds were over.</summary>
    public static bool IsOutOfRounds(SeenRecipient recipient) =>
        recipient.Failure is not null && recipient.Attempts.Count == recipient.Profile.MaxRetries + 1;

    private string? Fate(SeenRecipient recipient)
    {
        var profile = recipient.Profile;
        var expiry = recipient.Came + profile.MaxTimeInQueue;
        var ended = recipient.Ended!.Value;
        var taken = recipient.Attempts.FindIndex(a => a.Mood == Mood.Well);
        if (recipient.Attempts.Count > profile.MaxRetries + 1) return $"{recipient.Attempts.Count} rounds";
        if (recipient.Failure is null)
        {
            if (taken != recipient.Attempts.Count - 1) return "it was delivered by no attempt, or tried once more";
            if (ended - recipient.LastAttempt > moment) return "its delivery took too long";
            if (recipient.LastAttempt > expiry) return $"it was delivered at {ended:dd HH:mm:ss}, too old";
            return ended > LatestOf(recipient) ? $"it was delivered at {ended:dd HH:mm:ss}, too late" : null;
        }
        if (taken >= 0) return "a host took it, and it bounced";
        if (recipient.Failure != new EnhancedStatus(5, 4, 7)) return $"it bounced with {recipient.Failure}";
        var last = InFlightUntil(recipient, recipient.Attempts.Count - 1);
        if (IsOutOfRounds(recipient)) return ended <= last && ended <= expiry + silence ? null : "it bounced late";
        if (ended < expiry) return $"it bounced at {ended:dd HH:mm:ss}, too early";
        if (ended > expiry + moment && ended > last) return $"it bounced at {ended:dd HH:mm:ss}, too late";
        return expiry > LatestOf(recipient) ? "it bounced although hosts were well" : null;
    }

    // When a recipient that has rounds left and is not too old is delivered at the latest.
    private DateTimeOffset LatestOf(SeenRecipient recipient)
    {
        var open = recipient.Came > end ? recipient.Came : end;
        if (recipient.Attempts.Any(a => a.Mood == Mood.MailGreylisted))
            return open + (recipient.Profile.MaxWait * 1.1) + moment;
        return open + comeback;
    }

    // After a round in which a host answered a 4xx: the wait of the profile, doubling, ± 10 %.
    private static string? Waits(SeenRecipient recipient)
    {
        for (var round = 1; round <= recipient.Attempts.Count; round++)
        {
            var (at, mood) = recipient.Attempts[round - 1];
            if (mood != Mood.MailGreylisted) continue;
            if (round == recipient.Attempts.Count && IsOutOfRounds(recipient)) continue;
            var wait = recipient.Profile.InitialWait * Math.Pow(2, Math.Min(round - 1, 20));
            if (wait > recipient.Profile.MaxWait) wait = recipient.Profile.MaxWait;
            var next = round < recipient.Attempts.Count ? recipient.Attempts[round].At : recipient.Ended!.Value;
            if (round < recipient.Attempts.Count && next - at < wait * 0.9) return $"round {round + 1} came too early";
            if (next - at > (wait * 1.1) + moment) return $"round {round + 1} came too late";
        }
        return null;
    }

    private static string? Told(SeenRecipient recipient)
    {
        var profile = recipient.Profile;
        var isTold = !recipient.IsReport && profile.SendBounces;
        var failures = recipient.Told.Count(t => t.Action == DsnAction.Failed);
        var wantsFailure = isTold && recipient.Failure is not null
            && (recipient.Notify == DsnNotify.Unspecified || recipient.Notify.HasFlag(DsnNotify.Failure));
        if (failures != (wantsFailure ? 1 : 0)) return $"its sender was told {failures} times that it failed";
        if (recipient.Told.Any(t => t.Action == DsnAction.Relayed)) return "its sender was told that it was relayed";
        return Warned(recipient, isTold);
    }

    private static string? Warned(SeenRecipient recipient, bool isTold)
    {
        var warnings = recipient.Told.Where(t => t.Action == DsnAction.Delayed).Select(t => t.At).ToList();
        var isWanted = isTold && recipient.Profile.DelayWarning < recipient.Profile.MaxTimeInQueue
            && (recipient.Notify == DsnNotify.Unspecified || recipient.Notify.HasFlag(DsnNotify.Delay));
        if (!isWanted) return warnings.Count == 0 ? null : "its sender was warned unasked";
        var due = recipient.Came + recipient.Profile.DelayWarning!.Value;
        // What is with a host at that moment is warned of when it comes back from there.
        var with = recipient.Attempts.FindLastIndex(a => a.At <= due + moment);
        var latest = with >= 0 && InFlightUntil(recipient, with) is var until && until > due + moment
            ? until : due + moment;
        if (recipient.Ended < due) return warnings.Count == 0 ? null : "its sender was warned behind its end";
        if (warnings.Count == 0) return recipient.Ended <= latest ? null : "its sender was not warned";
        if (warnings.Count > 1) return $"its sender was warned {warnings.Count} times";
        return warnings[0] >= due && warnings[0] <= latest ? null
            : $"its sender was warned at {warnings[0]:dd HH:mm:ss}";
    }

    private static DateTimeOffset InFlightUntil(SeenRecipient recipient, int attempt) => attempt < 0
        ? DateTimeOffset.MinValue
        : recipient.Attempts[attempt].At + (recipient.Attempts[attempt].Mood == Mood.Silent ? silence : moment);
}
