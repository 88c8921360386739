using System.Numerics;
using Postern.Mail;

namespace Postern.Delivery.Queueing;

/// <summary>
/// The messages of the queue by MID, in blocks of consecutive ones: they are found in a step and walked through from
/// any MID on, oldest first, without a copy of them all. A block also knows the addresses of its messages well enough
/// to be passed over where none of them can be meant. For the scheduler's thread only.
/// </summary>
public sealed class MessageBook
{
    private const int BlockBits = 6;
    private const int BlockSize = 1 << BlockBits;

    private readonly Dictionary<long, Block> _blocks = [];
    // MIDs grow, so that a block is almost always the last one when it comes to be.
    private readonly SortedSet<long> _order = [];
    private Block? _newest;

    private sealed class Block
    {
        public readonly QueuedMessage?[] Messages = new QueuedMessage?[BlockSize];
        public readonly ushort[] Senders = new ushort[BlockSize];
        public readonly PathText Paths = new();
        public int Count;

        /// <summary>What it costs to find those that may be meant, in looks at a job.</summary>
        public int CostOf(QueueSelection selection)
        {
            // Some ten nanoseconds are a look, and a few hundred octets of text.
            const int OctetsALook = 256;
            return 1 + (selection.Part is { Length: > 0 } ? Paths.Length / OctetsALook : 0);
        }

        // A bit for each message that may be meant, by its addresses.
        public ulong PlacesOf(QueueSelection selection)
        {
            var places = selection.Part is { Length: > 0 } part ? Paths.Find(part) : ulong.MaxValue;
            if (selection.Sender is null || places == 0) return places;
            var ofSender = 0UL;
            var senders = Senders.AsSpan();
            for (int from = 0, at; (at = senders[from..].IndexOf(selection.SenderCode)) >= 0; from += at + 1)
                ofSender |= 1UL << (from + at);
            return places & ofSender;
        }

        public IEnumerable<QueuedMessage> At(ulong places, Mid after)
        {
            for (; places != 0; places &= places - 1)
            {
                var message = Messages[BitOperations.TrailingZeroCount(places)];
                if (message is not null && message.Mid.Value > after.Value) yield return message;
            }
        }
    }

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The message of a MID; null: it is not there.</summary>
    public QueuedMessage? Find(Mid mid) =>
        _blocks.TryGetValue(mid.Value >> BlockBits, out var block) ? block.Messages[PlaceOf(mid)] : null;

    /// <summary>A message that is there may be meant, by its sender.</summary>
    public bool MayHaveSender(Mid mid, QueueSelection selection) => selection.Sender is null
        || (_blocks.TryGetValue(mid.Value >> BlockBits, out var block)
            && block.Senders[PlaceOf(mid)] == selection.SenderCode);

    /// <summary>The message with the highest MID; null: there is none.</summary>
    public QueuedMessage? Newest =>
        _order.Count == 0 ? null : Array.FindLast(_blocks[_order.Max].Messages, message => message is not null);

    /// <summary>
    /// Adds a message of which not all jobs are at rest, or puts it in the place of one with its MID.
    /// </summary>
    public void Add(QueuedMessage message)
    {
        Remove(message.Mid);
        var number = message.Mid.Value >> BlockBits;
        if (!_blocks.TryGetValue(number, out var block))
        {
            _blocks[number] = block = new Block();
            _order.Add(number);
            _newest?.Paths.Trim();
            _newest = block;
        }
        var place = PlaceOf(message.Mid);
        block.Messages[place] = message;
        block.Senders[place] = QueuedMessage.CodeOf(message.Stored!.Envelope.ReversePath?.Text ?? "");
        block.Paths.Add(place, message.Stored!.Recipients);
        block.Count++;
        Count++;
    }

    /// <summary>Removes a message if it is there.</summary>
    public void Remove(Mid mid)
    {
        var number = mid.Value >> BlockBits;
        if (!_blocks.TryGetValue(number, out var block)) return;
        ref var message = ref block.Messages[PlaceOf(mid)];
        if (message is null) return;
        message = null;
        Count--;
        if (--block.Count > 0)
        {
            block.Paths.Remove(PlaceOf(mid));
            return;
        }
        _blocks.Remove(number);
        _order.Remove(number);
    }

    /// <summary>The messages behind a MID, oldest first. Nothing may be added or removed on the way.</summary>
    public IEnumerable<QueuedMessage> After(Mid mid) => Blocks(mid, new QueueSelection()).SelectMany(b => b.Messages);

    /// <summary>Some consecutive messages.</summary>
    /// <param name="Messages">Those that may be meant, by their addresses, oldest first.</param>
    /// <param name="Cost">What it took to find them, in looks at a job.</param>
    /// <param name="Last">Behind which message the next block begins.</param>
    public readonly record struct Part(IEnumerable<QueuedMessage> Messages, int Cost, Mid Last);

    /// <summary>
    /// The messages behind a MID that may be meant, by their addresses, a block at a time, oldest first; that of a
    /// block with none is empty. Nothing may be added or removed on the way.
    /// </summary>
    public IEnumerable<Part> Blocks(Mid mid, QueueSelection selection)
    {
        var first = (mid.Value + 1) >> BlockBits;
        var end = (selection.UpTo?.Value ?? long.MaxValue) >> BlockBits;
        if (first > end) yield break;
        foreach (var number in _order.GetViewBetween(first, end))
        {
            var block = _blocks[number];
            var last = new Mid((number << BlockBits) + BlockSize - 1);
            yield return new(block.PlacesOf(selection) is var places and not 0 ? block.At(places, mid) : [],
                block.CostOf(selection), last);
        }
    }

    private static int PlaceOf(Mid mid) => (int)(mid.Value & (BlockSize - 1));
}
