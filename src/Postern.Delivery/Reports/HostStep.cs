namespace Postern.Delivery.Reports;

/// <summary>Why a host stands where it stands in the order of a message, or is not in it.</summary>
public enum StepReason
{
    /// <summary>This message would probe it.</summary>
    WouldProbe,
    /// <summary>Its name is looked up first.</summary>
    LookedUpFirst,
    /// <summary>It was tried in this round.</summary>
    TriedInRound,
    /// <summary>It is busy, and the mail waits for it.</summary>
    Busy,
    /// <summary><c>hold_for_probe</c>: not before <see cref="HostStep.NotBefore"/>.</summary>
    HeldForProbe,
    /// <summary>Not before those that are busy.</summary>
    BehindBusy,
    /// <summary>Enough addresses come before it.</summary>
    EnoughBefore,
    /// <summary>Drained by hand.</summary>
    DrainedByHand,
    /// <summary>Drained by hand, under its name.</summary>
    DrainedUnderName,
    /// <summary>Silent, until it replies.</summary>
    UntilReply,
    /// <summary>Out until the message that probes it has its outcome.</summary>
    UntilProbed,
    /// <summary>
    /// <see cref="HostStep.Failures"/> since it last took a message, the last one being
    /// <see cref="HostStep.LastError"/>.
    /// </summary>
    Failed,
    /// <summary>Left out, for <see cref="HostStep.LastError"/>.</summary>
    LeftOut,
}

/// <summary>A host at its place in the order in which a message would try it. Immutable.</summary>
public sealed record HostStep
{
    /// <summary>As written in the route, or the MX name.</summary>
    public required string Entry { get; init; }
    /// <summary>Address and port; a name and port where the address is still to be looked up.</summary>
    public required string Host { get; init; }
    /// <summary>The address; null: the name is still to be looked up.</summary>
    public string? Address { get; init; }
    /// <summary>1 to 65535.</summary>
    public int Port { get; init; }
    /// <summary>Lowest first.</summary>
    public int Priority { get; init; }
    /// <summary>The share among equals.</summary>
    public int Weight { get; init; } = 1;
    /// <summary>The TLS policy toward it: none, preferred, required, verify or dane.</summary>
    public string Tls { get; init; } = "";
    /// <summary>The name that its certificate must have; null: none is asked for.</summary>
    public string? TlsName { get; init; }
    /// <summary>The profile whose credentials it gets; null: none.</summary>
    public string? Auth { get; init; }
    /// <summary>Its health for mail of this way; null: no gateway runs that could know it.</summary>
    public HostState? State { get; init; }
    /// <summary>It is up since nothing is known of it: it has neither replied nor failed yet.</summary>
    public bool IsUntried { get; init; }
    /// <summary>When its time is over; null: it is not left out by a clock.</summary>
    public DateTimeOffset? Until { get; init; }
    /// <summary>What else there is to say; null: nothing.</summary>
    public StepReason? Reason { get; init; }
    /// <summary>Mail does not go there before; null: no such time is known.</summary>
    public DateTimeOffset? NotBefore { get; init; }
    /// <summary>Connections and messages that failed since it last took a message.</summary>
    public int Failures { get; init; }
    /// <summary>What it said or did last that was not an acceptance; null: nothing.</summary>
    public string? LastError { get; init; }

    /// <summary>The reason, in words; null: there is nothing to say.</summary>
    public string? Note => Reason switch
    {
        StepReason.WouldProbe => "this message would probe it",
        StepReason.LookedUpFirst => "its name is looked up first",
        StepReason.TriedInRound => "tried in this round",
        StepReason.Busy => "busy: the mail waits for it",
        StepReason.HeldForProbe => $"not before {NotBefore?.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z: hold_for_probe",
        StepReason.BehindBusy => "not before those that are busy",
        StepReason.EnoughBefore => "enough addresses come before",
        StepReason.DrainedByHand => "by hand",
        StepReason.DrainedUnderName => "by hand, under its name",
        StepReason.UntilReply => "until it replies",
        StepReason.UntilProbed => "until the message that probes it has its outcome",
        StepReason.Failed => $"{Failures} failures since it last took a message, last: {LastError}",
        StepReason.LeftOut => LastError,
        _ => null,
    };
}
