namespace Failover;

/// <summary>What one gateway did in one case.</summary>
internal sealed record Figures
{
    public required string Gateway { get; init; }

    public required Trouble Trouble { get; init; }

    /// <summary>Messages a second that the hosts took while both were well.</summary>
    public required double Healthy { get; init; }

    /// <summary>Messages a second that the hosts took while one was in trouble.</summary>
    public required double Troubled { get; init; }

    /// <summary>
    /// The share of messages that the bad host took before its trouble, in it, and once it was used again; 0 to 1. NaN
    /// where no host took any.
    /// </summary>
    public required IReadOnlyList<double> Shares { get; init; }

    /// <summary>
    /// Connections to the bad host that began after its trouble did and ended without an accepted recipient.
    /// </summary>
    public required int Fruitless { get; init; }

    /// <summary>Seconds from the end of the trouble until the host took a message; null: it took none.</summary>
    public required double? UsedAgain { get; init; }

    /// <summary>
    /// Seconds from the end of the trouble for which the gateway said it left the host out; null: it does not say.
    /// </summary>
    public double? LeftOut { get; init; }

    /// <summary>Messages that the gateway took and no host got.</summary>
    public required int Lost { get; init; }

    /// <summary>Times that a host took a message again.</summary>
    public required int Doubled { get; init; }

    /// <summary>The rate in trouble as a part of the healthy one.</summary>
    public double Kept => Healthy > 0 ? Troubled / Healthy : 0;
}
