namespace Postern.Spool;

/// <summary>What a repair found and did. Immutable.</summary>
public sealed record SpoolRepairReport
{
    /// <summary>The store as it is now.</summary>
    public required SpoolReport Store { get; init; }

    /// <summary>
    /// What of its files could not be read, in words: mail whose acceptance stood there is lost, and mail whose
    /// completion stood there goes out once more.
    /// </summary>
    public required IReadOnlyList<string> LeftOut { get; init; }

    /// <summary>
    /// The first messages that were not taken over, because a part of what is known of them cannot be read; at most
    /// <see cref="SpoolReport.MaxFaults"/>.
    /// </summary>
    public required IReadOnlyList<DamagedRecord> NotTaken { get; init; }

    /// <summary>How many MIDs that may be: no more messages than that.</summary>
    public long NotTakenCount { get; init; }

    /// <summary>Where the old store is kept; null: nothing was wrong and nothing is changed.</summary>
    public string? Kept { get; init; }
}
