namespace Postern.Configuration;

/// <summary>Finds the word somebody meant, by the number of single-character edits between words.</summary>
internal static class Nearest
{
    /// <summary>Longer words are cut before they are compared: the work is the product of both lengths.</summary>
    private const int MaxLength = 64;

    /// <summary>The candidate with the fewest edits; the first of equals. Null without candidates.</summary>
    public static string? Of(string word, IEnumerable<string> candidates) =>
        candidates.MinBy(candidate => Distance(word, candidate));

    /// <summary>Insertions, deletions, substitutions and swaps of neighbours that lead from one to the other.</summary>
    public static int Distance(string from, string to)
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
                var substitution = cost[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(substitution, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }
        return cost[from.Length, to.Length];
    }
}
