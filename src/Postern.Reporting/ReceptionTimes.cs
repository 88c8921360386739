namespace Postern.Reporting;

/// <summary>How long clients wait for their <c>250</c> to the end of data. Any thread may add and read.</summary>
public sealed class ReceptionTimes
{
    /// <summary>From the hand-over to the spool until the message is durable.</summary>
    public DurationHistogram Commit { get; } = new(DurationHistogram.Waits);

    /// <summary>From the final dot, or the last chunk, until the <c>250</c> is ready to be written.</summary>
    public DurationHistogram FinalDot { get; } = new(DurationHistogram.Waits);
}
