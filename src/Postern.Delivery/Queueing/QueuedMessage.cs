using Postern.Mail;
using Postern.Spool;

namespace Postern.Delivery.Queueing;

/// <summary>
/// A message in the queue and how many of its recipients have no final result. What the store can tell again is kept
/// only while a job of the message needs it. For the scheduler's thread only.
/// </summary>
public sealed class QueuedMessage
{
    private const int RemainingBits = 24;
    private readonly long _accepted;
    private long _sizeAndRemaining;
    // Its jobs, or what is known of it beside them while one of them is not at rest: there may be a million messages,
    // and hardly any of them needs more than its jobs.
    private object? _known;

    private sealed class Whole(object? jobs, StoredMessage stored)
    {
        public readonly StoredMessage Stored = stored;
        public object? Jobs = jobs;
        public int Needs;
    }

    /// <summary>A message as stored; no recipient of it has a job yet.</summary>
    public QueuedMessage(StoredMessage stored)
    {
        TakeUp(stored);
        Mid = stored.Mid;
        _sizeAndRemaining = stored.Size << RemainingBits;
        Remaining = stored.Recipients.Count;
        _accepted = stored.Accepted.UtcTicks;
    }

    /// <summary>The MID.</summary>
    public Mid Mid { get; }
    /// <summary>When it was accepted.</summary>
    public DateTimeOffset Accepted => new(_accepted, TimeSpan.Zero);
    /// <summary>Octets of the message; less than a terabyte.</summary>
    public long Size => _sizeAndRemaining >> RemainingBits;
    /// <summary>Recipients without a final result; less than 16 million.</summary>
    public int Remaining
    {
        get => (int)(_sizeAndRemaining & ((1 << RemainingBits) - 1));
        set => _sizeAndRemaining = (Size << RemainingBits) | (uint)value;
    }
    /// <summary>
    /// What never changes of it, at least while a job of it is not at rest; null: nobody needs it. The states of the
    /// recipients in it are those of some moment.
    /// </summary>
    public StoredMessage? Stored => (_known as Whole)?.Stored;

    /// <summary>
    /// A number for a reverse-path: another number is another path; case does not count. Empty: the null reverse-path.
    /// </summary>
    public static ushort CodeOf(string path) => (ushort)path.GetHashCode(StringComparison.OrdinalIgnoreCase);

    /// <summary>How many jobs it has.</summary>
    public int JobCount => Held is DeliveryJob[] all ? all.Length : Held is null ? 0 : 1;

    /// <summary>Its jobs, in no order; kept by the queue book.</summary>
    public IEnumerable<DeliveryJob> Jobs => Enumerable.Range(0, JobCount).Select(JobAt);

    /// <summary>One of its jobs, from 0 to before <see cref="JobCount"/>.</summary>
    public DeliveryJob JobAt(int index) => Held is DeliveryJob[] all ? all[index] : (DeliveryJob)Held!;

    // The only job, as almost every message has it, or an array of all.
    private object? Held
    {
        get => _known is Whole whole ? whole.Jobs : _known;
        set
        {
            if (_known is Whole whole) whole.Jobs = value;
            else _known = value;
        }
    }

    /// <summary>What the store says of it is known again.</summary>
    public void TakeUp(StoredMessage stored)
    {
        if (_known is not Whole) _known = new Whole(_known, stored);
    }

    /// <summary>One of its jobs needs what the store says.</summary>
    internal void Need()
    {
        if (_known is Whole whole) whole.Needs++;
    }

    /// <summary>One of its jobs needs it no more.</summary>
    internal void Leave()
    {
        if (_known is Whole whole && --whole.Needs == 0) _known = whole.Jobs;
    }

    internal void Add(DeliveryJob job) => Held = Held switch
    {
        DeliveryJob[] all => (DeliveryJob[])[.. all, job],
        DeliveryJob only => new[] { only, job },
        _ => job,
    };

    internal void Remove(DeliveryJob job) => Held = Held switch
    {
        DeliveryJob[] { Length: 2 } two => ReferenceEquals(two[0], job) ? two[1] : two[0],
        DeliveryJob[] all => Array.FindAll(all, other => !ReferenceEquals(other, job)),
        _ => null,
    };
}
