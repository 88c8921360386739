namespace Postern.Delivery.Deciding;

/// <summary>Waits that double up to a bound.</summary>
public static class Backoff
{
    /// <summary>
    /// <paramref name="initial"/> doubled <paramref name="times"/> times, at most <paramref name="max"/>.
    /// </summary>
    public static TimeSpan After(int times, TimeSpan initial, TimeSpan max)
    {
        var wait = initial;
        for (var i = 0; i < times && wait < max; i++) wait += wait;
        return wait < max ? wait : max;
    }

    /// <summary>The profile's wait after the given number of rounds (1 after the first), without jitter.</summary>
    public static TimeSpan AfterRounds(int rounds, BounceProfile profile) =>
        After(Math.Max(0, rounds - 1), profile.InitialWait, profile.MaxWait);
}
