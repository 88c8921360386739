using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Postern.Reporting.Searching;

/// <summary>Where a story begins or goes on, and what is open there. Immutable.</summary>
/// <param name="Start">Its first line.</param>
/// <param name="At">The next line to look at; null: the story begins.</param>
/// <param name="Messages">The message and reports on it that are not finished.</param>
/// <param name="Connections">Outgoing connections that it was offered on, and that are open.</param>
internal sealed record StoryCursor(
    LogPosition Start, LogPosition? At, IReadOnlyList<long> Messages, IReadOnlyList<long> Connections)
{
    private const int MaxIds = 1000;

    /// <summary>The beginning of a story.</summary>
    public static StoryCursor Of(LogPosition start) => new(start, null, [], []);

    /// <inheritdoc/>
    public override string ToString() =>
        At is { } at ? $"{Start}~{at}~{string.Join('.', Messages)}~{string.Join('.', Connections)}" : $"{Start}";

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out StoryCursor? cursor)
    {
        cursor = null;
        var parts = text.Split('~');
        if (parts.Length is not (1 or 4) || !LogPosition.TryParse(parts[0], out var start)) return false;
        if (parts.Length == 1)
        {
            cursor = Of(start);
            return true;
        }
        if (!LogPosition.TryParse(parts[1], out var at) || !TryIds(parts[2], out var messages)
            || !TryIds(parts[3], out var connections)) return false;
        cursor = new StoryCursor(start, at, messages, connections);
        return true;
    }

    private static bool TryIds(string text, [NotNullWhen(true)] out IReadOnlyList<long>? ids)
    {
        ids = null;
        if (text.Length == 0)
        {
            ids = [];
            return true;
        }
        var read = new List<long>();
        foreach (var word in text.Split('.'))
        {
            if (read.Count == MaxIds
                || !long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var id)) return false;
            read.Add(id);
        }
        ids = read;
        return true;
    }
}
