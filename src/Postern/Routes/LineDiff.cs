namespace Postern.Routes;

/// <summary>The lines that differ between two texts; lines that only moved do not count.</summary>
internal static class LineDiff
{
    /// <summary>Lines kept of a difference; more is counted, not shown.</summary>
    public const int MaxLines = 50;

    /// <summary>How many lines came and went, and the first of them as <c>+ line</c> and <c>- line</c>.</summary>
    public static (int Added, int Removed, IReadOnlyList<string> Lines) Between(string before, string after)
    {
        var (old, now) = (Split(before), Split(after));
        var start = 0;
        while (start < old.Length && start < now.Length && old[start] == now[start]) start++;
        var end = 0;
        while (end < old.Length - start && end < now.Length - start && old[^(end + 1)] == now[^(end + 1)]) end++;
        var removed = Missing(old[start..^end], now[start..^end]);
        var added = Missing(now[start..^end], old[start..^end]);
        var (gone, came) = (removed.Take(MaxLines), added.Take(MaxLines));
        return (added.Count, removed.Count, [.. gone.Select(line => $"- {line}"), .. came.Select(line => $"+ {line}")]);
    }

    private static string[] Split(string text) =>
        text.Length == 0 ? [] : text.TrimEnd('\n').Split('\n').Select(line => line.TrimEnd('\r')).ToArray();

    /// <summary>Lines of the one that the other has not, each as often as it is too many.</summary>
    private static List<string> Missing(string[] lines, string[] others)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in others) counts[line] = counts.GetValueOrDefault(line) + 1;
        List<string> missing = [];
        foreach (var line in lines)
        {
            var left = counts.GetValueOrDefault(line);
            if (left == 0) missing.Add(line);
            else counts[line] = left - 1;
        }
        return missing;
    }
}
