namespace Failover;

/// <summary>A look at what the two hosts took so far.</summary>
/// <param name="Seconds">Since some moment that all looks share.</param>
/// <param name="Good">Messages of the good host.</param>
/// <param name="Bad">Messages of the bad host.</param>
internal readonly record struct Look(double Seconds, int Good, int Bad)
{
    /// <summary>Messages a second over several spans.</summary>
    public static double Rate(params (Look Begin, Look End)[] spans) =>
        spans.Sum(span => span.End.Good + span.End.Bad - span.Begin.Good - span.Begin.Bad)
        / spans.Sum(span => span.End.Seconds - span.Begin.Seconds);

    /// <summary>The part of the messages of a span that the bad host took; NaN: there were none.</summary>
    public static double Share(Look begin, Look end) =>
        (end.Bad - begin.Bad) / (double)(end.Good + end.Bad - begin.Good - begin.Bad);
}
