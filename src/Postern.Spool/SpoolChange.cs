using Postern.Mail;

namespace Postern.Spool;

/// <summary>
/// What one commit does to the queue, all of it or nothing. Built by one thread, then handed to
/// <see cref="MailSpool.CommitAsync"/> and not touched again. Order does not matter: no two entries name the same
/// record.
/// </summary>
public sealed class SpoolChange
{
    /// <summary>New states of recipients that stay in the queue.</summary>
    public List<(Mid Mid, Rid Rid, RecipientState State)> States { get; } = [];

    /// <summary>Recipients that have a final result and leave the queue.</summary>
    public List<(Mid Mid, Rid Rid)> Finished { get; } = [];

    /// <summary>Messages of which no recipient is left: envelope, body and all records go.</summary>
    public List<Mid> Removed { get; } = [];

    /// <summary>Messages of our own (bounces), with their whole content.</summary>
    public List<(StoredMessage Message, ReadOnlyMemory<byte> Content)> Generated { get; } = [];

    /// <summary>
    /// Its states are written however little room there is: somebody was told what they say, or has asked for it.
    /// </summary>
    public bool MustHold { get; set; }

    /// <summary>
    /// The disk was too full for states of recipients that are no uncertainties: they were not written. Set by
    /// <see cref="MailSpool.CommitAsync"/>.
    /// </summary>
    public bool LeavesStatesOut { get; set; }

    /// <summary>True when there is nothing to commit.</summary>
    public bool IsEmpty => States.Count + Finished.Count + Removed.Count + Generated.Count == 0;
}
