using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Delivery.Tests.Simulation;
using Postern.Mail;
using Postern.Mail.Dsn;
using Postern.Spool;

namespace Postern.Delivery.Tests;

/// <summary>Which reports the fates of recipients cause, and when (RFC 3461 §4.1, §5.2).</summary>
public sealed class ReportTests
{
    private static readonly Envelope FromAlice = new() { ReversePath = Mailbox.Parse("alice@src.example") };
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WarnAfter = TimeSpan.FromHours(4);

    private static DeliveryOptions Options(BounceProfile profile) => new()
    {
        HostName = "gw.example",
        BounceProfiles = new Dictionary<string, BounceProfile> { ["default"] = profile },
    };

    private static DeliveryOptions Warning(bool sendBounces = true) => Options(
        new() { DelayWarning = WarnAfter, MaxRetries = 10_000, SendBounces = sendBounces });

    [Theory]
    [InlineData(Mood.Refuses, "4.4.1", null)]
    [InlineData(Mood.MailFull, "4.3.1", "4.3.1 Insufficient system resources")]
    [InlineData(Mood.DotTransient, "4.3.0", "4.3.0 no")]
    [InlineData(Mood.Silent, "4.4.1", null)]
    [InlineData(null, "4.4.0", null)]
    public void A_sender_is_told_once_and_on_time_that_mail_waits(object? mood, string status, string? said)
    {
        var world = World("example.com 10.0.0.1\n", Warning());
        var host = world.Host("10.0.0.1");
        if (mood is null) world.Scheduler.IsSuspended = true;
        else host.Mood = (Mood)mood;
        var (accepted, mid) = (world.Now, world.Accept("bob@example.com", "carol@example.com"));
        world.Run(WarnAfter - Second);
        Assert.Empty(world.Reports);
        world.Run(2 * Second);
        var report = Assert.Single(world.Reports);
        Assert.Equal(DsnAction.Delayed, report.Action);
        Assert.Equal(accepted + TimeSpan.FromHours(72), report.RetryUntil);
        Assert.Equal([0, 1], report.Recipients.Select(r => r.Recipient.Rid.Value));
        Assert.All(report.Recipients, r => Assert.Equal(status, r.Status.ToString()));
        Assert.All(report.Recipients, r => Assert.Equal(said, r.Reply?.Lines[^1]));
        Assert.All(world.Stored, s => Assert.True(s.Value.IsWarned));

        // It goes on as before, and is not told of again.
        world.Run(TimeSpan.FromHours(20));
        Assert.Single(world.Reports);
        host.Mood = Mood.Well;
        world.After(TimeSpan.Zero, () => world.Scheduler.IsSuspended = false);
        world.Run(TimeSpan.FromHours(2));
        Assert.Equal([(mid, new Rid(0)), (mid, new Rid(1))], host.Accepted);
        Assert.Single(world.Reports);
    }

    [Fact]
    public void What_one_command_bounces_of_a_message_is_told_in_one_report()
    {
        var world = World("a.example 10.0.0.1\nb.example 10.0.0.1\n", Warning());
        world.Host("10.0.0.1").Mood = Mood.Refuses;
        string[] recipients = ["x@a.example", "y@b.example", "z@b.example"];
        var mid = world.Accept(recipients);
        world.Run(Second);

        var done = world.Scheduler.Operations.Bounce(new QueueSelection(), default);
        world.Run(Second);

        Assert.Equal((1, 3), (done.Messages, done.Recipients));
        var report = Assert.Single(world.Reports);
        Assert.Equal(recipients, report.Recipients.Select(r => r.Recipient.ForwardPath.Text));
        Assert.Equal(mid, Assert.Single(world.Log.OfType<MessageFinished>()).Mid);
        Assert.DoesNotContain(world.Stored.Keys, k => k.Mid == mid);
    }

    [Fact]
    public void A_restart_sends_no_second_warning()
    {
        var first = World("example.com 10.0.0.1\n", Warning());
        first.Host("10.0.0.1").Mood = Mood.DotTransient;
        var mid = first.Accept("bob@example.com");
        first.Run(WarnAfter + Second);
        var state = first.Stored[(mid, new Rid(0))];

        var second = World("example.com 10.0.0.1\n", Warning());
        second.Host("10.0.0.1").Mood = Mood.DotTransient;
        second.Load(FromAlice, state, "bob@example.com", second.Now - WarnAfter);
        second.Run(TimeSpan.FromHours(10));
        Assert.Empty(second.Reports);
        second.Load(FromAlice, state with { IsWarned = false }, "bob@example.com", second.Now - WarnAfter);
        second.Run(Second);
        Assert.Single(second.Reports);
    }

    [Fact]
    public void A_restart_sends_no_second_warning_when_the_disk_was_full()
    {
        var world = World("example.com 10.0.0.1\n", Warning());
        world.Host("10.0.0.1").Mood = Mood.DotTransient;
        world.Accept("bob@example.com");
        world.Run(WarnAfter - Second);
        world.IsDiskCritical = true;
        world.Run(2 * Second);
        Assert.Single(world.Reports);
        world.Restart();
        world.Run(TimeSpan.FromHours(10));
        Assert.Single(world.Reports);
    }

    [Fact]
    public void Mail_that_a_warning_is_being_written_of_misses_no_return_of_its_host()
    {
        // The wait of a minute is not over at the time of the warning.
        var warnAfter = WarnAfter + TimeSpan.FromSeconds(30);
        var world = World("example.com 10.0.0.1\n", Options(new() { DelayWarning = warnAfter }));
        var host = world.Host("10.0.0.1");
        world.Scheduler.UseDrained(Drained("10.0.0.1"));
        world.Accept("bob@example.com");
        world.Run(warnAfter - Second);
        world.After(Second, () => world.Scheduler.Tick());
        world.After(Second, () => world.Scheduler.UseDrained(Drained()));
        world.Run(2 * Second);
        Assert.Single(world.Reports);
        Assert.Single(host.Accepted);
    }

    [Fact]
    public void One_warning_tells_of_all_domains_of_a_message_that_wait()
    {
        var world = World("ALL 10.0.0.1\ngood.example 10.0.0.2\n", Warning());
        world.Host("10.0.0.1").Mood = Mood.Refuses;
        world.Host("10.0.0.2");
        world.Accept("a@one.example", "b@good.example", "c@two.example");
        world.Run(WarnAfter + Second);
        Assert.Equal([0, 2], Assert.Single(world.Reports).Recipients.Select(r => r.Recipient.Rid.Value).Order());
    }

    [Theory]
    [InlineData(DsnNotify.Unspecified, true)]
    [InlineData(DsnNotify.Delay | DsnNotify.Failure, true)]
    [InlineData(DsnNotify.Failure, false)]
    [InlineData(DsnNotify.Never, false)]
    public void A_warning_obeys_notify(DsnNotify notify, bool isWarned)
    {
        var world = World("example.com 10.0.0.1\n", Warning());
        world.Host("10.0.0.1").Mood = Mood.Refuses;
        world.Accept(FromAlice, [To(notify)]);
        world.Run(WarnAfter + Second);
        Assert.Equal(isWarned ? 1 : 0, world.Reports.Count);
    }

    [Fact]
    public void Nobody_is_warned_of_a_bounce_nor_where_warnings_or_bounces_are_off()
    {
        foreach (var (options, envelope) in new[]
        {
            (Warning(), new Envelope()),
            (Warning(sendBounces: false), FromAlice),
            (Options(new() { MaxRetries = 10_000 }), FromAlice),
        })
        {
            var world = World("example.com 10.0.0.1\n", options);
            world.Host("10.0.0.1").Mood = Mood.Refuses;
            world.Accept(envelope, "bob@example.com");
            world.Run(TimeSpan.FromHours(70));
            Assert.Empty(world.Reports);
        }
    }

    // RFC 3461 §5.2.2: "relayed" where the next hop does not speak DSN, and nothing by us where it does.
    [Theory]
    [InlineData(false, DsnNotify.Success, true)]
    [InlineData(false, DsnNotify.Success | DsnNotify.Failure, true)]
    [InlineData(true, DsnNotify.Success, false)]
    [InlineData(false, DsnNotify.Unspecified, false)]
    [InlineData(false, DsnNotify.Never, false)]
    [InlineData(false, DsnNotify.Failure | DsnNotify.Delay, false)]
    public void A_success_is_reported_where_the_host_will_not(bool hasDsn, DsnNotify notify, bool isReported)
    {
        var world = World("example.com 10.0.0.1\n");
        var host = world.Host("10.0.0.1");
        host.Extensions = host.Extensions with { Dsn = hasDsn };
        world.Accept(FromAlice, [To(notify)]);
        world.Run(Second);
        Assert.Single(host.Accepted);
        if (!isReported)
        {
            Assert.Empty(world.Reports);
            return;
        }
        var report = Assert.Single(world.Reports);
        Assert.Equal(DsnAction.Relayed, report.Action);
        var relayed = Assert.Single(report.Recipients);
        Assert.Equal(("2.0.0", "10.0.0.1", 250),
            (relayed.Status.ToString(), relayed.RemoteHost, relayed.Reply!.Code));
    }

    [Fact]
    public void No_reply_after_the_dot_is_no_success_to_report()
    {
        var world = World("example.com 10.0.0.1\n", new() { HostName = "gw.example", PossibleDelivery = true });
        var host = world.Host("10.0.0.1");
        (host.Mood, host.Extensions) = (Mood.DropsAfterDot, host.Extensions with { Dsn = false });
        world.Accept(FromAlice, [To(DsnNotify.Success)]);
        world.Run(Second);
        Assert.Single(world.Log.OfType<PossibleDelivery>());
        Assert.Empty(world.Reports);
    }

    [Fact]
    public void A_bounce_that_fails_is_a_double_bounce_and_ends_there()
    {
        var world = World("");
        world.Accept(new Envelope(), "alice@nowhere.example");
        world.Run(Second);
        Assert.Single(world.Log.OfType<Bounced>());
        Assert.Single(world.Log.OfType<DoubleBounce>());
        Assert.Single(world.Log.OfType<MessageFinished>());
        Assert.Empty(world.Reports);
    }

    // A gateway that was restarted still knows what the host said.
    [Theory]
    [InlineData("mx.example.com", "mx.example.com")]
    [InlineData("mx.example.com:587", "mx.example.com")]
    [InlineData("[mx.example.com]:587", "mx.example.com")]
    [InlineData("10.0.0.1:2525", "10.0.0.1")]
    [InlineData("[10.0.0.1]", "10.0.0.1")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    [InlineData("[2001:db8::1]:25", "2001:db8::1")]
    public void A_report_on_expired_mail_has_the_last_reply_of_an_earlier_run(string host, string name)
    {
        var world = World("example.com 10.0.0.1\n");
        var attempt = new StoredAttempt(
            world.Now, host, "10.0.0.1:25", new Dcid(7), "rcpt", 452, "452-4.2.2 mailbox\nis full");
        var state = new RecipientState { Rounds = 3, Reason = WaitReason.Mail, Due = world.Now, Attempts = [attempt] };
        world.Load(FromAlice, state, "bob@example.com", world.Now - TimeSpan.FromHours(73));
        world.Run(Second);
        var failed = Assert.Single(world.Reported);
        Assert.Equal(("5.4.7", name), (failed.Status.ToString(), failed.RemoteHost));
        Assert.Equal(["4.2.2 mailbox", "is full"], failed.Reply!.Lines);
        Assert.Equal((452, new EnhancedStatus(4, 2, 2)), (failed.Reply.Code, failed.Reply.Status));
        Assert.Equal(attempt.At, failed.LastAttempt);
        var line = Assert.Single(world.Log.OfType<Bounced>());
        Assert.Equal(("000", "timeout"), (line.Code, Assert.Single(line.Lines)));
    }

    // Hardening D12.
    [Fact]
    public void An_hours_worth_of_reports_to_a_domain_goes_at_once_and_more_at_even_distances()
    {
        var profile = new BounceProfile { MaxTimeInQueue = TimeSpan.FromHours(2) };
        var world = World("", Options(profile) with { MaxBouncesPerHour = 4 });
        for (var i = 0; i < 15; i++) world.Accept("bob@nowhere.example");
        var other = new Envelope { ReversePath = Mailbox.Parse("carol@other.example") };
        world.Accept(other, "bob@nowhere.example");
        var start = world.Now;
        world.Run(TimeSpan.FromMilliseconds(100));
        Assert.Equal(16, world.Reports.Count);
        Assert.All(world.Reports.Take(4), r => Assert.Null(r.NotBefore));
        var waits = world.Reports.Skip(4).Take(7).Select(r => (r.NotBefore!.Value - start).TotalMinutes);
        Assert.Equal([15, 30, 45, 60, 75, 90, 105], waits.Select(w => Math.Round(w)));
        // The next would be too old when its turn comes.
        Assert.All(world.Reports.Skip(11).Take(4), r => Assert.True(r.IsDropped));
        Assert.Equal(4, world.Log.OfType<ReportDropped>().Count());
        Assert.Null(world.Reports[15].NotBefore);
    }

    [Fact]
    public void The_domains_that_are_counted_are_bounded_and_a_domain_at_rest_is_forgotten()
    {
        var pace = new ReportPace();
        var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        for (var i = 0; i < ReportPace.MaxDomains; i++)
            Assert.Equal(now, pace.Take($"d{i}.example", now, 1, DateTimeOffset.MaxValue));
        Assert.Equal(now, pace.Take("more.example", now, 1, DateTimeOffset.MaxValue));
        Assert.Equal(now.AddHours(1), pace.Take("yet-more.example", now, 1, DateTimeOffset.MaxValue));
        var later = now.AddHours(2);
        Assert.Equal(later, pace.Take("more.example", later, 1, DateTimeOffset.MaxValue));
        Assert.Equal(later, pace.Take("yet-more.example", later, 1, DateTimeOffset.MaxValue));
        Assert.Equal(later, pace.Take("any.example", later, 0, DateTimeOffset.MinValue));
    }

    private static EnvelopeRecipient To(DsnNotify notify) =>
        new(new Rid(0), Mailbox.Parse("bob@example.com")) { Notify = notify };

    private static HashSet<HostSelector> Drained(params string[] hosts) =>
        [.. hosts.Select(h => HostSelector.TryParse(h, out var selector) ? selector : null).OfType<HostSelector>()];

    // Options and drains change unseen by the model here; the tests look at what becomes of the mail themselves.
    private static SimWorld World(string routes, DeliveryOptions? options = null) =>
        new(routes, options) { IsOperated = true };
}
