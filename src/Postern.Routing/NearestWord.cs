namespace Postern.Routing;

/// <summary>
/// Finds the word that somebody meant, by the single-character edits that lead from one to the other; case does not
/// count. Safe for several threads.
/// </summary>
public static class NearestWord
{
    /// <summary>Longer words are cut before they are compared: the work is the product of both lengths.</summary>
    private const int MaxLength = 64;

    /// <summary>The candidate with the fewest edits, the first of equals; null without candidates.</summary>
    public static string? Of(ReadOnlySpan<char> word, IEnumerable<string> candidates)
    {
        string? nearest = null;
        var least = int.MaxValue;
        foreach (var candidate in candidates)
        {
            var distance = Distance(word, candidate);
            if (distance < least) (nearest, least) = (candidate, distance);
        }
        return nearest;
    }

    /// <summary>
    /// The nearest candidate where the word can be a slip for it: at most two edits or a third of the word, and no more
    /// than half of the candidate. Null: none is that near.
    /// </summary>
    public static string? SlipFor(ReadOnlySpan<char> word, IEnumerable<string> candidates)
    {
        if (Of(word, candidates) is not { } nearest) return null;
        var distance = Distance(word, nearest);
        return distance <= Math.Max(2, word.Length / 3) && distance * 2 <= nearest.Length ? nearest : null;
    }

    // Insertions, deletions, substitutions and swaps of neighbours.
    private static int Distance(ReadOnlySpan<char> from, ReadOnlySpan<char> to)
    {
        if (from.Length > MaxLength) from = from[..MaxLength];
        if (to.Length > MaxLength) to = to[..MaxLength];
        var cost = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++) cost[i, 0] = i;
        for (var j = 0; j <= to.Length; j++) cost[0, j] = j;
        for (var i = 1; i <= from.Length; i++)
        {
            for (var j = 1; j <= to.Length; j++)
            {
                var substitution = cost[i - 1, j - 1] + (IsSame(from[i - 1], to[j - 1]) ? 0 : 1);
                cost[i, j] = Math.Min(substitution, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && IsSame(from[i - 1], to[j - 2]) && IsSame(from[i - 2], to[j - 1]))
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }
        return cost[from.Length, to.Length];
    }

    private static bool IsSame(char one, char other) => char.ToLowerInvariant(one) == char.ToLowerInvariant(other);
}
