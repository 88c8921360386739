namespace Postern.Admin;

/// <summary>How the gateway is in the words that an ESA has for it.</summary>
internal static class SystemStatus
{
    /// <summary>All listeners take mail, and delivery goes on; receiving domains alone may be suspended.</summary>
    public const string Online = "online";
    /// <summary>All delivery is suspended by an operator.</summary>
    public const string DeliverySuspended = "delivery suspended";
    /// <summary>A listener is suspended by an operator, or the disk has no room for new mail.</summary>
    public const string ReceivingSuspended = "receiving suspended";
    /// <summary>Both are suspended, or mail cannot be taken.</summary>
    public const string Offline = "offline";

    /// <summary>The word for what is ready and what is suspended.</summary>
    public static string Of(Readiness readiness, SuspensionReport suspended) =>
        (readiness is { SpoolOpen: true, ListenersBound: true }, suspended.AllDelivery,
            suspended.Listeners.Count > 0 || !readiness.HasRoom) switch
        {
            (false, _, _) or (_, true, true) => Offline,
            (_, true, _) => DeliverySuspended,
            (_, _, true) => ReceivingSuspended,
            _ => Online,
        };
}
