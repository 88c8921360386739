namespace Failover;

/// <summary>A look at what the two hosts took so far.</summary>
internal readonly record struct Look(long Timestamp, int Good, int Bad)
{
    /// <summary>Seconds since an earlier look.</summary>
    public double Seconds(Look earlier) =>
        TimeProvider.System.GetElapsedTime(earlier.Timestamp, Timestamp).TotalSeconds;

    /// <summary>Messages a second over several spans.</summary>
    public static double Rate(params (Look Begin, Look End)[] spans) =>
        spans.Sum(span => span.End.Good + span.End.Bad - span.Begin.Good - span.Begin.Bad)
        / spans.Sum(span => span.End.Seconds(span.Begin));

    /// <summary>The part of the messages of a span that the bad host took; NaN: there were none.</summary>
    public static double Share(Look begin, Look end) =>
        (end.Bad - begin.Bad) / (double)(end.Good + end.Bad - begin.Good - begin.Bad);
}
