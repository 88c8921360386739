namespace Postern.Routing;

/// <summary>
/// A write failed, and what stood there before could not be put back durably: what was written may be in force, now or
/// after a power cut. The message says so.
/// </summary>
public sealed class UncertainWriteException : IOException
{
    /// <summary>It failed.</summary>
    /// <param name="failure">Why the write failed.</param>
    /// <param name="inner">Why what stood there before is not there again.</param>
    public UncertainWriteException(Exception failure, Exception inner)
        : base($"{FailureOf(failure)}; what was written may be in force, now or after a power cut: look, and repeat it",
            inner) => Failure = FailureOf(failure);

    /// <summary>Why the write failed, without what may be in force.</summary>
    public string Failure { get; }

    /// <summary>Why a write failed, whatever became of what it was to replace.</summary>
    public static string FailureOf(Exception failure) =>
        failure is UncertainWriteException uncertain ? uncertain.Failure : failure.Message.TrimEnd('.');
}
