using System.Text;

namespace Postern.Routes;

/// <summary>The lines that differ between two files; lines that only moved do not count.</summary>
/// <remarks>
/// Lines are compared by a hash of 64 bits and never copied: the versions of a large table differ in a million lines,
/// and this is for a person to read, with a chance of 1 in 10^7 that such a table has two lines of one hash.
/// </remarks>
internal static class LineDiff
{
    /// <summary>Lines kept of a difference; more is counted, not shown.</summary>
    public const int MaxLines = 50;

    /// <summary>How many lines came and went, and the first of them as <c>+ line</c> and <c>- line</c>.</summary>
    public static (int Added, int Removed, IReadOnlyList<string> Lines) Between(
        ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        before = before.TrimEnd((byte)'\n');
        after = after.TrimEnd((byte)'\n');
        // What is the same in front and behind is most of a file that was edited.
        var start = CommonAtStart(before, after);
        before = before[start..];
        after = after[start..];
        var end = CommonAtEnd(before, after);
        before = before[..^end];
        after = after[..^end];
        List<string> lines = [];
        var removed = Missing(before, Counted(after), "- ", lines);
        var added = Missing(after, Counted(before), "+ ", lines);
        return (added, removed, lines);
    }

    // Octets of the whole lines that both begin with.
    private static int CommonAtStart(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after) =>
        before[..before.CommonPrefixLength(after)].LastIndexOf((byte)'\n') + 1;

    // Octets of the whole lines that both end with.
    private static int CommonAtEnd(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        var common = 0;
        var most = Math.Min(before.Length, after.Length);
        while (common < most && before[^(common + 1)] == after[^(common + 1)]) common++;
        var line = before[^common..].IndexOf((byte)'\n');
        return line < 0 ? 0 : common - line - 1;
    }

    private static Dictionary<ulong, int> Counted(ReadOnlySpan<byte> text)
    {
        var counts = new Dictionary<ulong, int>();
        foreach (var line in new Lines(text))
        {
            var hash = HashOf(line);
            counts[hash] = counts.GetValueOrDefault(hash) + 1;
        }
        return counts;
    }

    /// <summary>Counts the lines that the others have not, each as often as it is too many; shows the first.</summary>
    private static int Missing(
        ReadOnlySpan<byte> text, Dictionary<ulong, int> others, string sign, List<string> shown)
    {
        var missing = 0;
        foreach (var line in new Lines(text))
        {
            var hash = HashOf(line);
            var left = others.GetValueOrDefault(hash);
            if (left > 0) others[hash] = left - 1;
            else if (++missing <= MaxLines) shown.Add(sign + Encoding.UTF8.GetString(line));
        }
        return missing;
    }

    // FNV-1a.
    private static ulong HashOf(ReadOnlySpan<byte> line)
    {
        var hash = 14695981039346656037UL;
        foreach (var octet in line) hash = (hash ^ octet) * 1099511628211UL;
        return hash;
    }

    /// <summary>The lines of a text without their line ends.</summary>
    private ref struct Lines(ReadOnlySpan<byte> text)
    {
        private ReadOnlySpan<byte> rest = text;

        public ReadOnlySpan<byte> Current { get; private set; }

        public readonly Lines GetEnumerator() => this;

        public bool MoveNext()
        {
            if (rest.IsEmpty) return false;
            var end = rest.IndexOf((byte)'\n');
            Current = (end < 0 ? rest : rest[..end]).TrimEnd((byte)'\r');
            rest = end < 0 ? [] : rest[(end + 1)..];
            return true;
        }
    }
}
