using Postern.Delivery.Queueing;
using Postern.Delivery.Scheduling;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Delivery.Tests;

/// <summary>A walk through a queue passes over the messages that cannot be meant.</summary>
public sealed class QueueWalkTests
{
    private const int Messages = 10_000;
    // What a look at each would have used up long before the end.
    private const int Looked = Messages / 6;

    [Theory]
    [InlineData("USER9876@", null, 9877)]
    [InlineData("user9876@a.exam", null, 9877)]
    [InlineData("nobody@", null, null)]
    [InlineData(null, "News9876@src.example", 9877)]
    [InlineData("user9876@", "news9876@src.example", 9877)]
    [InlineData("user9876@", "news9875@src.example", null)]
    public void One_among_many_is_found_without_a_look_at_the_others(string? recipient, string? sender, int? mid)
    {
        var queues = Filled();
        var selection = new QueueSelection { Recipient = recipient, Sender = sender };

        var slice = queues.Walk(selection, default, Looked, most: 100);

        Assert.Null(slice.Next);
        // Two reverse-paths in some ten thousand may have the same number; the store tells them apart.
        var found = slice.Jobs
            .Where(job => selection.IncludesSender(From(job)) && selection.IncludesRecipient(To(job)))
            .Select(job => job.Message.Mid.Value);
        Assert.Equal(mid is { } one ? [one] : [], found);
        Assert.InRange(slice.Jobs.Count, mid is null ? 0 : 1, sender is null ? 1 : 10);
    }

    [Fact]
    public void What_most_have_is_found_a_page_at_a_time_each_once()
    {
        var queues = Filled();
        queues.Find(new Mid(78))!.Jobs.ToList().ForEach(queues.Forget);
        var found = new List<long>();
        for (Mid? next = default(Mid); next is { } after;)
        {
            var slice = queues.Walk(new QueueSelection { Recipient = "7@" }, after, Looked, most: 90);
            Assert.InRange(slice.Jobs.Count, 0, 90);
            found.AddRange(slice.Jobs.Select(job => job.Message.Mid.Value));
            next = slice.Next;
        }
        var expected = Enumerable.Range(1, Messages).Where(mid => (mid - 1) % 10 == 7 && mid != 78)
            .Select(mid => (long)mid);
        Assert.Equal(expected, found);
    }

    private static QueueBook Filled()
    {
        var queues = new QueueBook();
        for (var i = 0; i < Messages; i++)
        {
            var recipient = new EnvelopeRecipient(new Rid(0), Mailbox.Parse($"User{i}@a.example"));
            var envelope = new Envelope { ReversePath = Mailbox.Parse($"news{i}@src.example") };
            var message = new QueuedMessage(
                new StoredMessage(new Mid(i + 1), new Icid(1), envelope, DateTimeOffset.UnixEpoch)
                {
                    Recipients = [new StoredRecipient(recipient, RecipientState.Fresh)],
                });
            QueueBook.Count(new DeliveryJob(message, queues.QueueOf(recipient.ForwardPath, null, out _), [recipient]));
            queues.Add(message);
        }
        return queues;
    }

    private static string From(DeliveryJob job) => job.Message.Stored!.Envelope.ReversePath!.Text;

    private static string To(DeliveryJob job) => job.Recipients[0].ForwardPath.Text;
}
