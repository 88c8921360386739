namespace Postern.Routing;

/// <summary>Finds what somebody may have meant to write.</summary>
internal static class NearestWord
{
    /// <summary>The candidate at most two edits away and nearer than half its length; null: none.</summary>
    public static string? Of(ReadOnlySpan<char> word, IEnumerable<string> candidates)
    {
        string? best = null;
        var least = 3;
        foreach (var candidate in candidates)
        {
            if (Math.Abs(candidate.Length - word.Length) >= least) continue;
            var distance = Distance(word, candidate);
            if (distance >= least || distance * 2 > candidate.Length) continue;
            (best, least) = (candidate, distance);
        }
        return best;
    }

    // Levenshtein's distance. Words longer than 64 characters are no typing errors of ours and count as far away.
    private static int Distance(ReadOnlySpan<char> one, ReadOnlySpan<char> other)
    {
        if (one.Length > 64 || other.Length > 64) return int.MaxValue;
        Span<int> row = stackalloc int[other.Length + 1];
        for (var j = 0; j <= other.Length; j++) row[j] = j;
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var differs = char.ToLowerInvariant(one[i - 1]) != char.ToLowerInvariant(other[j - 1]);
                var substituted = diagonal + (differs ? 1 : 0);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
