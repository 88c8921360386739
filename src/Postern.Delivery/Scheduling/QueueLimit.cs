namespace Postern.Delivery.Scheduling;

/// <summary>How a queue stands to the limits of its destination control.</summary>
public enum QueueLimit
{
    /// <summary>Within them.</summary>
    None,
    /// <summary>All its connections are in use.</summary>
    Connections,
    /// <summary>The recipients of the present window are used up.</summary>
    Recipients,
}
