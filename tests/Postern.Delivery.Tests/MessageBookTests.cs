using CsCheck;
using Postern.Delivery.Queueing;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Delivery.Tests;

/// <summary>The messages by MID, held against a sorted dictionary.</summary>
public sealed class MessageBookTests
{
    private static readonly QueuedMessage[] Messages = [.. Enumerable.Range(0, 400).Select(Message)];

    [Fact]
    public void It_finds_and_walks_like_a_sorted_dictionary() =>
        Gen.Select(Gen.Int[0, 399], Gen.Int[0, 2]).Array[0, 300].Sample(steps =>
        {
            var book = new MessageBook();
            var model = new SortedDictionary<long, QueuedMessage>();
            foreach (var (at, step) in steps)
            {
                var message = Messages[at];
                if (step == 0)
                {
                    book.Remove(message.Mid);
                    model.Remove(message.Mid.Value);
                }
                else
                {
                    book.Add(message);
                    model[message.Mid.Value] = message;
                }
                Assert.Equal(model.Count, book.Count);
                Assert.Equal(model.ContainsKey(at), book.Find(new Mid(at)) is not null);
                Assert.Equal(model.Where(m => m.Key > at - 3).Select(m => m.Value), book.After(new Mid(at - 3)));
            }
        }, iter: 200);

    private static QueuedMessage Message(int number) => new(
        new StoredMessage(new Mid(number), new Icid(1), new Envelope(), DateTimeOffset.UnixEpoch)
        {
            Recipients = [],
        });
}
