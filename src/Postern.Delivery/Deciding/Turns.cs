using Postern.Routing;

namespace Postern.Delivery.Deciding;

/// <summary>
/// Turns among equal hosts, by message and in proportion to their weights (contract §3, choosing, 2). The balance of
/// every candidate grows by its weight, the largest is chosen and pays for all: the shares are exact, and a host that
/// could not take part gathers no debt that would flood it later. Messages in flight count once a host has more than
/// <see cref="Few"/> of them, so that a slow host does not fill up. A route may choose otherwise among its equal hosts
/// (<see cref="EqualHosts"/>).
/// </summary>
public static class Turns
{
    /// <summary>Unanswered messages, times the weight, up to which the count alone decides.</summary>
    public const int Few = 4;

    /// <summary>Chooses the index of the candidate whose turn it is, and counts the turn.</summary>
    public static int Take(IReadOnlyList<PlanEntry> candidates, EqualHosts rule = EqualHosts.Turns)
    {
        // The entries stand in the order of the file.
        if (rule == EqualHosts.FirstUp) return 0;
        var few = rule == EqualHosts.LeastBusy ? 0 : Few;
        var lightest = double.MaxValue;
        for (var i = 0; i < candidates.Count; i++) lightest = Math.Min(lightest, Load(candidates[i], few));
        var chosen = -1;
        long total = 0;
        for (var i = 0; i < candidates.Count; i++)
        {
            var entry = candidates[i];
            if (Load(entry, few) > lightest) continue;
            entry.Balance += entry.Weight;
            total += entry.Weight;
            if (chosen < 0 || Before(entry, candidates[chosen])) chosen = i;
        }
        candidates[chosen].Balance -= total;
        return chosen;
    }

    // Unanswered messages for the weight, as far as they are more than a few.
    private static double Load(PlanEntry entry, int few) =>
        few == 0 ? (double)entry.InFlight / entry.Weight
        : Math.Max(0, (entry.InFlight + entry.Weight - 1) / entry.Weight - few);

    private static bool Before(PlanEntry a, PlanEntry b) =>
        a.Balance != b.Balance ? a.Balance > b.Balance : a.TieBreak < b.TieBreak;
}
