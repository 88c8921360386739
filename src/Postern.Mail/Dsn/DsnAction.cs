namespace Postern.Mail.Dsn;

/// <summary>What a report says became of a recipient: the Action field (RFC 3464 §2.3.3).</summary>
public enum DsnAction
{
    /// <summary>It failed for good.</summary>
    Failed,
    /// <summary>It waits longer than the sender may expect; it is still being tried.</summary>
    Delayed,
    /// <summary>A host took it that does not report by itself (RFC 3461 §5.2.2).</summary>
    Relayed,
}
