namespace Postern.Routing;

/// <summary>
/// A write failed, and so did putting back what stood there before: what was written may be in force, and a power cut
/// may leave either. The message says so.
/// </summary>
public sealed class UncertainWriteException : IOException
{
    /// <summary>It failed.</summary>
    /// <param name="failure">Why the write failed, without a dot at its end.</param>
    /// <param name="inner">What failed.</param>
    public UncertainWriteException(string failure, Exception inner)
        : base($"{failure}; what was written may be in force: look, and repeat it", inner)
    {
    }
}
