using Postern.Mail;

namespace Postern.Reporting.Tests;

public sealed class MailCountersTests
{
    private static readonly Rid[] Two = [new(0), new(1)];

    [Fact]
    public void The_names_are_those_of_xml_status() =>
        Assert.Equal(
            ["inj_msgs", "inj_recips", "gen_bounce_recips", "rejected_recips", "dropped_msgs", "soft_bounced_evts",
                "completed_recips", "hard_bounced_recips", "dns_hard_bounced_recips", "5xx_hard_bounced_recips",
                "filter_hard_bounced_recips", "expired_hard_bounced_recips", "other_hard_bounced_recips",
                "delivered_recips", "deleted_recips", "global_unsub_hits"],
            Enum.GetValues<MailCounter>().Select(counter => counter.StatusName()));

    // Hardening §1.7, O7: what came in and what we made ourselves is what left and what waits.
    [Fact]
    public void Recipients_are_accounted_for()
    {
        var counters = new MailCounters();
        Receive(counters, 1, recipients: 5);
        counters.Publish(new RecipientRejected(new Mid(1), new Icid(1), "x@other.example"));
        counters.Publish(new Delivered(new Dcid(1), new Mid(1), Two, "2.0.0 ok"));
        counters.Publish(new PossibleDelivery(new Dcid(1), new Mid(1), [new Rid(2)]));
        counters.Publish(new Delayed(new Dcid(1), new Mid(1), new Rid(3), new SmtpReply(450, ["no"])));
        counters.Publish(new Bounced(new Dcid(1), new Mid(1), new Rid(3), new(5, 1, 1), "550", ["no"]));
        counters.Publish(new Discarded(new Mid(1), [new Rid(4)]));
        counters.Publish(new BounceGenerated(new Mid(2), new Mid(1)));
        counters.Publish(new AlertGenerated(new Mid(3)));
        counters.Publish(new Delivered(new Dcid(2), new Mid(3), [new Rid(0)], "2.0.0 ok"));
        counters.Publish(new MessageStarted(new Mid(2), new Icid(0)));
        counters.Publish(new RecipientAccepted(
            new Mid(2), new Icid(0), new Rid(0), Mailbox.Parse("alice@src.example")));
        counters.Publish(new MessageQueued(new Mid(2)));
        counters.Publish(new Delivered(new Dcid(2), new Mid(2), [new Rid(0)], "2.0.0 ok"));

        Assert.Equal(1, counters[MailCounter.InjectedMessages]);
        Assert.Equal(5, counters[MailCounter.InjectedRecipients]);
        Assert.Equal(2, counters[MailCounter.GeneratedBounceRecipients]);
        Assert.Equal(1, counters[MailCounter.RejectedRecipients]);
        Assert.Equal(1, counters[MailCounter.SoftBouncedEvents]);
        Assert.Equal(5, counters[MailCounter.DeliveredRecipients]);
        Assert.Equal(1, counters[MailCounter.HardBouncedRecipients]);
        Assert.Equal(1, counters[MailCounter.DeletedRecipients]);
        Assert.Equal(7, counters[MailCounter.CompletedRecipients]);
    }

    [Theory]
    [InlineData("550", 5, 1, 1, MailCounter.FiveXxHardBouncedRecipients)]
    [InlineData("550", 5, 4, 7, MailCounter.FiveXxHardBouncedRecipients)]
    [InlineData("000", 5, 4, 7, MailCounter.ExpiredHardBouncedRecipients)]
    [InlineData("452", 5, 4, 7, MailCounter.ExpiredHardBouncedRecipients)]
    [InlineData("000", 5, 1, 2, MailCounter.DnsHardBouncedRecipients)]
    [InlineData("000", 5, 1, 10, MailCounter.DnsHardBouncedRecipients)]
    [InlineData("000", 5, 4, 6, MailCounter.DnsHardBouncedRecipients)]
    [InlineData("000", 5, 6, 7, MailCounter.OtherHardBouncedRecipients)]
    public void A_hard_bounce_has_one_kind(string code, int main, int subject, int detail, MailCounter kind)
    {
        var counters = new MailCounters();
        counters.Publish(new Bounced(new Dcid(1), new Mid(1), new Rid(0), new(main, subject, detail), code, []));
        MailCounter[] kinds =
        [
            MailCounter.FiveXxHardBouncedRecipients, MailCounter.ExpiredHardBouncedRecipients,
            MailCounter.DnsHardBouncedRecipients, MailCounter.OtherHardBouncedRecipients,
            MailCounter.FilterHardBouncedRecipients,
        ];
        Assert.All(kinds, each => Assert.Equal(each == kind ? 1 : 0, counters[each]));
    }

    [Fact]
    public void A_message_that_was_not_taken_is_not_counted()
    {
        var counters = new MailCounters();
        Begin(counters, 1, recipients: 3);
        counters.Publish(new MessageAborted(new Mid(1), new Icid(1), "too big"));
        // The session begins another one without a word about this one, and ends without a word about that.
        Begin(counters, 2, recipients: 3);
        Begin(counters, 3, recipients: 3);
        counters.Publish(new IncomingClosed(new Icid(1)));
        counters.Publish(new MessageQueued(new Mid(2)));
        counters.Publish(new MessageQueued(new Mid(3)));
        Assert.Equal(0, counters[MailCounter.InjectedMessages]);
        Assert.Equal(0, counters[MailCounter.InjectedRecipients]);
    }

    [Fact]
    public async Task Many_threads_may_count()
    {
        var counters = new MailCounters();
        var sink = new FanOut(counters, counters);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var number = 0; number < 10_000; number++)
                sink.Publish(new Delivered(new Dcid(1), new Mid(1), Two, ""));
        })));
        Assert.Equal(160_000, counters[MailCounter.DeliveredRecipients]);
    }

    private static void Receive(MailCounters counters, int mid, int recipients)
    {
        Begin(counters, mid, recipients);
        counters.Publish(new MessageQueued(new Mid(mid)));
    }

    private static void Begin(MailCounters counters, int mid, int recipients)
    {
        counters.Publish(new MessageStarted(new Mid(mid), new Icid(1)));
        for (var rid = 0; rid < recipients; rid++)
            counters.Publish(new RecipientAccepted(
                new Mid(mid), new Icid(1), new Rid(rid), Mailbox.Parse("bob@example.com")));
    }
}
