namespace Postern.Delivery.Deciding;

/// <summary>
/// How long a host is left out: <c>host_retry_initial</c>, doubling with every failed probe to <c>host_retry_max</c>
/// (contract §3, words). Owned by a <see cref="HostHealth"/>; for the scheduler's thread only.
/// </summary>
public sealed class LeftOutClock
{
    /// <summary>When its time is over and it may be probed; null: it is not left out.</summary>
    public DateTimeOffset? Until { get; private set; }

    /// <summary>When it was left out first; null: it is not left out.</summary>
    public DateTimeOffset? Since { get; private set; }

    /// <summary>Failed probes in a row.</summary>
    public int FailedProbes { get; private set; }

    /// <summary>Strikes left the host out, so that a weak strike fails its probe.</summary>
    public bool ByStrikes { get; private set; }

    /// <summary>A message is probing the host; for all others it stays left out.</summary>
    public bool Probing { get; set; }

    /// <summary>Left out, whether or not its time is over.</summary>
    public bool IsLeftOut => Until is not null;

    /// <summary>
    /// Leaves out for the first time, or again after a failed probe. A host that is out and not probed stays as it is.
    /// </summary>
    /// <param name="now">From when on.</param>
    /// <param name="initial">How long the first time.</param>
    /// <param name="max">How long at most.</param>
    /// <param name="byStrikes">Strikes left it out.</param>
    /// <param name="since">Since when it has been out already, for another reason; null: it was not.</param>
    /// <returns>True when the time changed.</returns>
    public bool LeaveOut(
        DateTimeOffset now, TimeSpan initial, TimeSpan max, bool byStrikes, DateTimeOffset? since = null)
    {
        if (Until is not null && !Probing) return false;
        FailedProbes = Until is null ? 0 : FailedProbes + 1;
        ByStrikes = byStrikes || (Until is not null && ByStrikes);
        Probing = false;
        Since ??= since ?? now;
        Until = now + Backoff.After(FailedProbes, initial, max);
        return true;
    }

    /// <summary>Its time is over at <paramref name="now"/>, if it runs longer; true when it is left out.</summary>
    public bool EndTime(DateTimeOffset now)
    {
        if (Until is null || Probing) return false;
        if (Until > now) Until = now;
        return true;
    }

    /// <summary>The host is chosen again.</summary>
    public void BringBack() => (Since, Until, FailedProbes, ByStrikes, Probing) = (null, null, 0, false, false);

    /// <summary>The probe ended without saying anything about the host: the next message may probe at once.</summary>
    public void ReleaseProbe() => Probing = false;
}
