namespace Postern.Spool;

/// <summary>
/// How much of the disk is kept free for finishing what was accepted (hardening V2). Immutable. 0: nothing is kept.
/// </summary>
public sealed record SpaceThresholds
{
    /// <summary>Octets below which no new mail is taken.</summary>
    public long Soft { get; init; } = 256_000_000;

    /// <summary>Octets below which nothing is written but completions.</summary>
    public long Hard { get; init; } = 64_000_000;
}

/// <summary>How the free space stands to its thresholds.</summary>
public enum SpaceLevel
{
    /// <summary>Above both.</summary>
    Enough,
    /// <summary>Below the soft one.</summary>
    Low,
    /// <summary>Below the hard one.</summary>
    Critical,
}
