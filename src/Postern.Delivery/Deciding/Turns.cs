namespace Postern.Delivery.Deciding;

/// <summary>
/// Turns among equal hosts, by message and in proportion to their weights (contract §3, choosing, 2). The balance of
/// every candidate grows by its weight, the largest is chosen and pays for all: the shares are exact, and a host that
/// could not take part gathers no debt that would flood it later. Messages in flight count once a host has more than
/// <see cref="Few"/> of them, so that a slow host does not fill up.
/// </summary>
public static class Turns
{
    /// <summary>Unanswered messages, times the weight, up to which the count alone decides.</summary>
    public const int Few = 4;

    /// <summary>Chooses the index of the candidate whose turn it is, and counts the turn.</summary>
    public static int Take(IReadOnlyList<PlanEntry> candidates)
    {
        var lightest = int.MaxValue;
        for (var i = 0; i < candidates.Count; i++) lightest = Math.Min(lightest, Load(candidates[i]));
        var chosen = -1;
        long total = 0;
        for (var i = 0; i < candidates.Count; i++)
        {
            var entry = candidates[i];
            if (Load(entry) > lightest) continue;
            entry.Balance += entry.Weight;
            total += entry.Weight;
            if (chosen < 0 || Before(entry, candidates[chosen])) chosen = i;
        }
        candidates[chosen].Balance -= total;
        return chosen;
    }

    private static int Load(PlanEntry entry) => Math.Max(0, (entry.InFlight + entry.Weight - 1) / entry.Weight - Few);

    private static bool Before(PlanEntry a, PlanEntry b) =>
        a.Balance != b.Balance ? a.Balance > b.Balance : a.TieBreak < b.TieBreak;
}
