using Postern.Mail;

namespace Postern.Delivery.Queueing;

/// <summary>
/// The messages of the queue by MID, in blocks of consecutive ones: they are found in a step and walked through from
/// any MID on, oldest first, without a copy of them all. For the scheduler's thread only.
/// </summary>
public sealed class MessageBook
{
    private const int BlockBits = 6;
    private const int BlockSize = 1 << BlockBits;

    private readonly Dictionary<long, Block> _blocks = [];
    // MIDs grow, so that a block is almost always the last one when it comes to be.
    private readonly SortedSet<long> _order = [];

    private sealed class Block
    {
        public readonly QueuedMessage?[] Messages = new QueuedMessage?[BlockSize];
        public int Count;
    }

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The message of a MID; null: it is not there.</summary>
    public QueuedMessage? Find(Mid mid) =>
        _blocks.TryGetValue(mid.Value >> BlockBits, out var block) ? block.Messages[PlaceOf(mid)] : null;

    /// <summary>Adds a message, or puts it in the place of one with its MID.</summary>
    public void Add(QueuedMessage message)
    {
        var number = message.Mid.Value >> BlockBits;
        if (!_blocks.TryGetValue(number, out var block))
        {
            _blocks[number] = block = new Block();
            _order.Add(number);
        }
        ref var place = ref block.Messages[PlaceOf(message.Mid)];
        if (place is null)
        {
            block.Count++;
            Count++;
        }
        place = message;
    }

    /// <summary>Removes a message if it is there.</summary>
    public void Remove(Mid mid)
    {
        var number = mid.Value >> BlockBits;
        if (!_blocks.TryGetValue(number, out var block)) return;
        ref var place = ref block.Messages[PlaceOf(mid)];
        if (place is null) return;
        place = null;
        Count--;
        if (--block.Count > 0) return;
        _blocks.Remove(number);
        _order.Remove(number);
    }

    /// <summary>The messages behind a MID, oldest first. Nothing may be added or removed on the way.</summary>
    public IEnumerable<QueuedMessage> After(Mid mid)
    {
        var first = (mid.Value + 1) >> BlockBits;
        foreach (var number in _order.GetViewBetween(first, long.MaxValue))
        {
            foreach (var message in _blocks[number].Messages)
                if (message is not null && message.Mid.Value > mid.Value) yield return message;
        }
    }

    private static int PlaceOf(Mid mid) => (int)(mid.Value & (BlockSize - 1));
}
