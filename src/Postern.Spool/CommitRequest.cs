using Postern.Mail;

namespace Postern.Spool;

/// <summary>
/// Something that waits for the committer; the task ends when it is written. Continuations run on the pool, never on
/// the thread of the committer, which would keep everybody else waiting.
/// </summary>
internal abstract class CommitRequest() : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>The opening of the store that it was made for; it fails with it. Null: it waits for the next.</summary>
    public abstract int? Generation { get; }

    /// <summary>It takes a place of the bounded queue; set by the queue.</summary>
    public bool UsesRoom { get; set; }

    /// <summary>Roughly how many octets it adds to a batch.</summary>
    public abstract int Octets { get; }

    /// <summary>It ends only after a sync.</summary>
    public virtual bool NeedsSync => true;

    /// <summary>The message that is answered 451 when the commit fails.</summary>
    public virtual Mid? Refused => null;

    /// <summary>Adds what is to be written.</summary>
    /// <param name="batch">To what.</param>
    /// <param name="store">The store as it was before this batch.</param>
    /// <param name="scratch">For records, free to use.</param>
    /// <param name="again">It may have been written already, by a commit that failed.</param>
    public abstract void Fill(RocksBatch batch, RocksStore store, RecordWriter scratch, bool again);

    /// <summary>Told by the committer when it is durable, before the task ends.</summary>
    public virtual void Written()
    {
    }
}
