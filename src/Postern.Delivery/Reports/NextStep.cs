namespace Postern.Delivery.Reports;

/// <summary>What the next attempt waits for.</summary>
public enum NextKind
{
    /// <summary>No mail waits.</summary>
    Nothing,
    /// <summary>The name of <see cref="NextStep.What"/> is being looked up.</summary>
    LookingUp,
    /// <summary>It is on the connection <see cref="NextStep.Dcid"/> to the host <see cref="NextStep.What"/>.</summary>
    OnConnection,
    /// <summary>It is given to a connection.</summary>
    OnItsWay,
    /// <summary>Its last outcome is being made durable.</summary>
    Settling,
    /// <summary>The store is closed, or the gateway stops.</summary>
    NotHandedOut,
    /// <summary>Delivery is suspended, for all domains or this one.</summary>
    Suspended,
    /// <summary><c>max_connections</c> of the destination control are in use.</summary>
    ConnectionLimit,
    /// <summary><c>recipient_limit</c> of the destination control is used up until then.</summary>
    RecipientLimit,
    /// <summary>It waits for a connection to the hosts <see cref="NextStep.What"/>.</summary>
    HostBusy,
    /// <summary>It goes at once, after the older mail of its domain.</summary>
    AtOnce,
    /// <summary>Its route is /dev/null: it is held, and expires then.</summary>
    DevNull,
    /// <summary>It expires then.</summary>
    Expiry,
    /// <summary>No host is usable; one may be probed then.</summary>
    Probe,
    /// <summary>No host is usable, and its wait is over then.</summary>
    HostWait,
    /// <summary>A report whose turn comes then (<c>max_bounces_per_hour</c>).</summary>
    Pace,
    /// <summary>Its content could not be read from the spool; it is looked at again then.</summary>
    Content,
    /// <summary>No reply came after the final dot; it goes to the host <see cref="NextStep.What"/> first.</summary>
    Uncertain,
    /// <summary>A host answered 4xx to the mail itself; its wait is over then.</summary>
    MailWait,
}

/// <summary>What happens next. Immutable.</summary>
/// <param name="At">When; null: it depends on what <paramref name="Kind"/> says.</param>
/// <param name="Kind">What it waits for.</param>
/// <param name="What">The name or the hosts that the kind speaks of; empty: none.</param>
/// <param name="Dcid">The connection that the kind speaks of; 0: none.</param>
public sealed record NextStep(DateTimeOffset? At, NextKind Kind, string What = "", long Dcid = 0)
{
    /// <summary>The reason, in words.</summary>
    public string Why => Kind switch
    {
        NextKind.Nothing => "nothing waits for this domain",
        NextKind.LookingUp => $"{What} is being looked up",
        NextKind.OnConnection => $"on DCID {Dcid} to {What}",
        NextKind.OnItsWay => "on its way to a connection",
        NextKind.Settling => "its last outcome is being made durable",
        NextKind.NotHandedOut => "nothing is handed out: the store is closed, or the gateway stops",
        NextKind.Suspended => "delivery is suspended: once it is resumed",
        NextKind.ConnectionLimit => "max_connections of the destination control are in use",
        NextKind.RecipientLimit => "recipient_limit of the destination control is used up until then",
        NextKind.HostBusy => $"waits for a connection to {What}",
        NextKind.AtOnce => "at once, after the older mail of the domain",
        NextKind.DevNull => "its route is /dev/null: held until deleted or redirected; it expires then",
        NextKind.Expiry => "it expires then",
        NextKind.Probe => "for want of a host: one may be probed then; at once when one is back",
        NextKind.HostWait => "for want of a host: its wait is over then; at once when a host is back",
        NextKind.Pace => "a report to a domain that has had max_bounces_per_hour: its turn comes then",
        NextKind.Content => "its content could not be read from the spool: it is looked at again then",
        NextKind.Uncertain => $"no reply after the final dot: first again at {What}",
        _ => "a host answered 4xx to the mail itself: the wait of its bounce profile is over then",
    };
}
