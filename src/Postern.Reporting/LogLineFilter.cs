using System.Buffers;
using System.Text;

namespace Postern.Reporting;

/// <summary>
/// Which lines of the mail log a reader wants to see. What is given holds together; nothing given: all lines.
/// Immutable; may be used by several threads.
/// </summary>
public sealed record LogLineFilter
{
    /// <summary>Lines that name this message, also as the one that a report was generated for; 0: does not matter.
    /// </summary>
    public long Mid { get; init; }

    /// <summary>Lines that name this incoming connection; 0: does not matter.</summary>
    public long Icid { get; init; }

    /// <summary>Lines that name this outgoing connection; 0: does not matter.</summary>
    public long Dcid { get; init; }

    /// <summary>Lines that contain this, an address for example; null: does not matter.</summary>
    public LogText? Text { get; init; }

    /// <summary>Whose times <see cref="Text"/> is looked for with; null: those of the file.</summary>
    public SeenTimes? Times { get; init; }

    /// <summary>The line, without its line feed, is one of them.</summary>
    public bool Matches(ReadOnlySpan<byte> line)
    {
        if (Text is { } text && !(Times?.IsIn(line, text) ?? text.IsIn(line))) return false;
        if (Mid == 0 && Icid == 0 && Dcid == 0) return true;
        return LogLine.TryParse(line, out var parsed)
            && (Mid == 0 || parsed.Mid == Mid || parsed.OriginalMid == Mid)
            && (Icid == 0 || parsed.Icid == Icid) && (Dcid == 0 || parsed.Dcid == Dcid);
    }

    /// <summary>The same for a line of a <see cref="LogTap"/>.</summary>
    public bool Matches(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        var octets = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(line.Length));
        try
        {
            return Matches(octets.AsSpan(0, Encoding.UTF8.GetBytes(line, octets)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(octets);
        }
    }
}
