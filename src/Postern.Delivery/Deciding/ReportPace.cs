namespace Postern.Delivery.Deciding;

/// <summary>
/// How many reports go to one domain in an hour, so that forged senders do not make the gateway a source of
/// backscatter: an hour's worth goes at once, all more at even distances (the generic cell rate algorithm). It begins
/// anew with the process. For one thread.
/// </summary>
public sealed class ReportPace
{
    /// <summary>Domains that are counted by themselves; more share one count.</summary>
    public const int MaxDomains = 10_000;

    private const string AllOthers = "";
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly Dictionary<string, DateTimeOffset> _next = new(StringComparer.Ordinal);
    private DateTimeOffset _nextSweep;

    /// <summary>Takes the next turn of a domain.</summary>
    /// <param name="domain">The domain of the reverse-path.</param>
    /// <param name="now">The present.</param>
    /// <param name="perHour">Reports an hour; 0: no limit.</param>
    /// <param name="tooLate">A turn at this time or later is not taken.</param>
    /// <returns>When the report may go, now or later; null: its turn would come too late.</returns>
    public DateTimeOffset? Take(string domain, DateTimeOffset now, int perHour, DateTimeOffset tooLate)
    {
        if (perHour == 0) return now;
        var step = Hour / perHour;
        var first = now - Hour + step;
        var key = KeyOf(domain, now, first);
        var turn = _next.TryGetValue(key, out var next) && next > first ? next : first;
        if (turn >= tooLate) return null;
        _next[key] = turn + step;
        return turn > now ? turn : now;
    }

    private string KeyOf(string domain, DateTimeOffset now, DateTimeOffset first)
    {
        if (_next.Count < MaxDomains || _next.ContainsKey(domain)) return domain;
        if (now >= _nextSweep)
        {
            // Whose whole hour is free again is as good as one that was never seen.
            foreach (var (free, next) in _next)
                if (next <= first) _next.Remove(free);
            _nextSweep = now + TimeSpan.FromMinutes(1);
        }
        return _next.Count < MaxDomains ? domain : AllOthers;
    }
}
