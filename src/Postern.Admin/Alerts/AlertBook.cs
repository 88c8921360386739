namespace Postern.Admin.Alerts;

/// <summary>
/// Turns what is seen at each look into alerts, each raised once and ended once. What is seen only in one look is
/// nobody's trouble, and what is missing in one look is not over; a spool that is closed, a certificate that ends and a
/// file that is refused do not come and go, and are told at once. What is said of an alert is what was seen last. Not
/// thread-safe.
/// </summary>
internal sealed class AlertBook
{
    /// <summary>Hosts that have an alert of their own at the same time; further ones wait until one of them ends.
    /// </summary>
    public const int MaxHosts = 100;

    /// <summary>Alerts that are over and still shown.</summary>
    public const int MaxEnded = 100;

    private readonly Dictionary<(AlertKind, string), Alert> active = [];
    private readonly Queue<Alert> ended = new();
    private HashSet<(AlertKind, string)> seenBefore = [];

    /// <summary>Those that are not over, the oldest first.</summary>
    public IReadOnlyList<Alert> Active => [.. active.Values.OrderBy(alert => alert.Since)];

    /// <summary>Those that are over, the last one first.</summary>
    public IReadOnlyList<Alert> Ended => [.. ended.Reverse()];

    /// <summary>Takes a look.</summary>
    /// <returns>What was raised or ended by it, to be told.</returns>
    public IReadOnlyList<Alert> Look(IReadOnlyCollection<AlertCondition> conditions, DateTimeOffset now)
    {
        var told = new List<Alert>();
        var seen = conditions.Select(c => (c.Kind, c.Subject)).ToHashSet();
        foreach (var (key, alert) in active.ToList())
        {
            if (seen.Contains(key) || seenBefore.Contains(key)) continue;
            active.Remove(key);
            var over = alert with { Ended = now };
            if (ended.Count == MaxEnded) ended.Dequeue();
            ended.Enqueue(over);
            told.Add(over);
        }
        var hosts = active.Keys.Count(key => key.Item1 == AlertKind.HostLeftOut);
        foreach (var condition in conditions)
        {
            var key = (condition.Kind, condition.Subject);
            if (active.TryGetValue(key, out var before))
            {
                active[key] = before with { Text = condition.Text };
                continue;
            }
            if (!IsToldAtOnce(condition.Kind) && !seenBefore.Contains(key)) continue;
            if (condition.Kind == AlertKind.HostLeftOut && hosts++ >= MaxHosts) continue;
            told.Add(active[key] = new Alert(condition.Kind, condition.Subject, condition.Text, now, null));
        }
        seenBefore = seen;
        return told;
    }

    private static bool IsToldAtOnce(AlertKind kind) =>
        kind is AlertKind.SpoolClosed or AlertKind.CertificateEnds or AlertKind.ConfigurationRefused;
}
