using System.Runtime.InteropServices;
using Postern.Delivery.Deciding;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// How many recipients each host takes from each route a minute. A recipient weighs less the longer ago it was taken
/// (by a factor of e each minute), so that a line needs one number, and no timer. For the scheduler's thread only.
/// </summary>
public sealed class FlowBook
{
    /// <summary>
    /// Lines that are counted, about 250 octets each with that of its source; what takes a further one is not.
    /// </summary>
    public const int MaxLines = 10_000;

    /// <summary>A line with less is over: a single recipient is seen for three minutes.</summary>
    public const double Least = 0.05;

    private static readonly TimeSpan sweepInterval = TimeSpan.FromSeconds(10);

    private readonly Dictionary<(FlowSource Source, HostKey Host), Line> _lines = [];
    // Over all hosts of a source.
    private readonly Dictionary<FlowSource, Line> _sources = [];
    private DateTimeOffset _sweptAt;

    private struct Line
    {
        public double Weight;
        public DateTimeOffset At;
    }

    /// <summary>A host has taken recipients.</summary>
    /// <param name="source">Where they come from.</param>
    /// <param name="host">The destination host as the route has it: of a name, the name.</param>
    /// <param name="recipients">How many.</param>
    /// <param name="now">When that was durable.</param>
    public void Count(FlowSource source, HostKey host, int recipients, DateTimeOffset now)
    {
        if (_lines.Count >= MaxLines && !_lines.ContainsKey((source, host)) && !MakeRoom(now)) return;
        Add(ref CollectionsMarshal.GetValueRefOrAddDefault(_lines, (source, host), out _), recipients, now);
        Add(ref CollectionsMarshal.GetValueRefOrAddDefault(_sources, source, out _), recipients, now);
    }

    /// <summary>The sources with lines that are not over, and the recipients a minute of all their hosts.</summary>
    public IEnumerable<(FlowSource Source, double PerMinute)> Sources(DateTimeOffset now) => _sources
        .Select(source => (source.Key, PerMinute: WeightOf(source.Value, now)))
        .Where(source => source.PerMinute >= Least);

    /// <summary>The lines that are not over, and their recipients a minute.</summary>
    public IEnumerable<(FlowSource Source, HostKey Host, double PerMinute)> Lines(DateTimeOffset now) => _lines
        .Select(line => (line.Key.Source, line.Key.Host, PerMinute: WeightOf(line.Value, now)))
        .Where(line => line.PerMinute >= Least);

    // A sweep looks at all lines, and is not worth it for each message.
    private bool MakeRoom(DateTimeOffset now)
    {
        if (now - _sweptAt < sweepInterval) return false;
        _sweptAt = now;
        foreach (var (key, line) in _lines)
            if (WeightOf(line, now) < Least) _lines.Remove(key);
        foreach (var (key, line) in _sources)
            if (WeightOf(line, now) < Least) _sources.Remove(key);
        return _lines.Count < MaxLines;
    }

    private static void Add(ref Line line, int recipients, DateTimeOffset now) =>
        line = new Line { Weight = WeightOf(line, now) + recipients, At = now };

    private static double WeightOf(Line line, DateTimeOffset now) =>
        line.Weight <= 0 ? 0 : line.Weight * Math.Exp(-Math.Max(0, (now - line.At).TotalMinutes));
}
