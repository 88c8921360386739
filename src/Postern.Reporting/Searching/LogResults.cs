using System.Text;

namespace Postern.Reporting.Searching;

/// <summary>A page of messages that fit.</summary>
/// <param name="Messages">In the order in which they began; where a connection or a host was asked for, in the order
/// in which the log tells of it.</param>
/// <param name="Next">What <c>after</c> the next page has; null: the whole log was searched. A page may be empty and
/// have a next one.</param>
public sealed record LogMatches(IReadOnlyList<LogMatch> Messages, string? Next);

/// <summary>A message that fits.</summary>
/// <param name="Mid">Its MID.</param>
/// <param name="Started">When it began; null: that is not in the log any more.</param>
/// <param name="At">Where its story begins.</param>
public sealed record LogMatch(long Mid, DateTimeOffset? Started, string At);

/// <summary>A page of the lines that tell of a message.</summary>
/// <param name="Mid">Its MID.</param>
/// <param name="Lines">In the order of the log.</param>
/// <param name="Next">What <c>after</c> the next page has; null: there is none, for now or for ever.</param>
public sealed record LogStory(long Mid, IReadOnlyList<LogStoryLine> Lines, string? Next);

/// <summary>A line that tells of a message.</summary>
/// <param name="Line">As it stands in the file, text from peers escaped.</param>
/// <param name="Mid">The message that it names; null: none.</param>
/// <param name="Icid">The incoming connection that it names; null: none.</param>
/// <param name="Dcid">The outgoing connection that it names; null: none.</param>
public sealed record LogStoryLine(string Line, long? Mid, long? Icid, long? Dcid)
{
    /// <summary>A line as it was read.</summary>
    internal static LogStoryLine Of(LogLine line) =>
        new(Encoding.UTF8.GetString(line.Octets), Id(line.Mid), Id(line.Icid), Id(line.Dcid));

    private static long? Id(long id) => id == 0 ? null : id;
}

/// <summary>Lines of the mail log.</summary>
/// <param name="Lines">In the order of the log.</param>
/// <param name="IsWhole">False: there are more behind them.</param>
public sealed record LogLines(IReadOnlyList<LogStoryLine> Lines, bool IsWhole);
