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

    [Fact]
    public void What_no_queue_has_is_told_at_once_and_what_few_have_is_found_in_theirs()
    {
        var queues = Filled();
        foreach (var job in queues.Queues.Single().All.ToList()) Hold(queues, job, WaitReason.Mail);
        Assert.Empty(WalkOnce(queues, new QueueSelection { Reason = WaitReason.Uncertain }));
        Assert.Empty(WalkOnce(queues, new QueueSelection { MinSize = 1 }));
        Assert.Empty(WalkOnce(queues, new QueueSelection { MinRounds = 1 }));

        var other = Add(queues, Messages, "b.example", size: 7);
        Hold(queues, other, WaitReason.Uncertain);
        other.Rounds = 2;
        foreach (var selection in (QueueSelection[])[new() { Reason = WaitReason.Uncertain },
            new() { MinSize = 7 }, new() { MinRounds = 2 }, new() { MinRounds = 1, Reason = WaitReason.Uncertain }])
            Assert.Same(other, Assert.Single(WalkOnce(queues, selection)));
        Assert.Empty(WalkOnce(queues, new QueueSelection { MinRounds = 2, Reason = WaitReason.Mail }));

        queues.Take(other, JobPlace.Assigned);
        Assert.Empty(WalkOnce(queues, new QueueSelection { Reason = WaitReason.Uncertain }));
        Hold(queues, other, WaitReason.Uncertain);
        Assert.Single(WalkOnce(queues, new QueueSelection { Reason = WaitReason.Uncertain }));
        queues.Forget(other);
        Assert.Empty(WalkOnce(queues, new QueueSelection { Reason = WaitReason.Uncertain }));
    }

    [Fact]
    public void A_part_looks_at_no_more_jobs_than_it_may_however_many_a_message_has()
    {
        const int Domains = 50;
        var queues = new QueueBook();
        for (var mid = 1; mid <= 10; mid++)
        {
            var recipients = Enumerable.Range(0, Domains)
                .Select(i => new EnvelopeRecipient(new Rid(i), Mailbox.Parse($"x@d{i}.example"))).ToList();
            var message = new QueuedMessage(
                new StoredMessage(new Mid(mid), new Icid(1), new Envelope(), DateTimeOffset.UnixEpoch)
                {
                    Recipients = [.. recipients.Select(r => new StoredRecipient(r, RecipientState.Fresh))],
                });
            foreach (var recipient in recipients)
            {
                var queue = queues.QueueOf(recipient.ForwardPath, null, out _);
                QueueBook.Count(new DeliveryJob(message, queue, [recipient]));
            }
            queues.Add(message);
        }
        var slice = queues.Walk(new QueueSelection(), default, looked: 2 * Domains, int.MaxValue);
        Assert.Equal((2 * Domains, (Mid?)new Mid(2)), (slice.Jobs.Count, slice.Next));
    }

    private static IReadOnlyList<DeliveryJob> WalkOnce(QueueBook queues, QueueSelection selection)
    {
        var slice = queues.Walk(selection, default, Looked, most: 100);
        Assert.Null(slice.Next);
        return slice.Jobs;
    }

    private static void Hold(QueueBook queues, DeliveryJob job, WaitReason reason)
    {
        job.Reason = reason;
        queues.Hold(job, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);
    }

    private static QueueBook Filled()
    {
        var queues = new QueueBook();
        for (var i = 0; i < Messages; i++) Add(queues, i, "a.example", size: 0);
        return queues;
    }

    private static DeliveryJob Add(QueueBook queues, int number, string domain, long size)
    {
        var recipient = new EnvelopeRecipient(new Rid(0), Mailbox.Parse($"User{number}@{domain}"));
        var envelope = new Envelope { ReversePath = Mailbox.Parse($"news{number}@src.example") };
        var message = new QueuedMessage(
            new StoredMessage(new Mid(number + 1), new Icid(1), envelope, DateTimeOffset.UnixEpoch)
            {
                Size = size,
                Recipients = [new StoredRecipient(recipient, RecipientState.Fresh)],
            });
        var job = new DeliveryJob(message, queues.QueueOf(recipient.ForwardPath, null, out _), [recipient]);
        QueueBook.Count(job);
        queues.Add(message);
        return job;
    }

    private static string From(DeliveryJob job) => job.Message.Stored!.Envelope.ReversePath!.Text;

    private static string To(DeliveryJob job) => job.Recipients[0].ForwardPath.Text;
}
