using Postern.Delivery.Queueing;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Delivery.Tests;

/// <summary>A job stands in its queue once, wherever it left from.</summary>
public sealed class DomainQueueTests
{
    [Fact]
    public void A_job_that_left_from_the_middle_and_came_back_is_handed_out_once()
    {
        var queue = new DomainQueue("example.com", null, null);
        var (first, second) = (Job(queue, 1), Job(queue, 2));
        queue.AddReady(first);
        queue.AddReady(second);
        queue.Take(second);
        second.Place = JobPlace.Assigned;
        queue.AddReady(second);
        var handedOut = new List<DeliveryJob>();
        var heads = new List<DeliveryJob>();
        for (queue.ReadHeads(heads); heads.Count > 0 && handedOut.Count < 10; queue.ReadHeads(heads))
        {
            handedOut.Add(heads[0]);
            queue.Take(heads[0]);
        }
        Assert.Equal([first, second], handedOut);
        Assert.False(queue.HasReady);
    }

    private static DeliveryJob Job(DomainQueue queue, long mid)
    {
        var recipient = new EnvelopeRecipient(new Rid(0), Mailbox.Parse("bob@example.com"));
        var stored = new StoredMessage(new Mid(mid), new Icid(1), new Envelope(), DateTimeOffset.UnixEpoch)
        {
            Recipients = [new StoredRecipient(recipient, RecipientState.Fresh)],
        };
        return new DeliveryJob(new QueuedMessage(stored), queue, [recipient]);
    }
}
