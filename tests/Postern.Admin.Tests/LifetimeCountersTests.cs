using Microsoft.Extensions.Time.Testing;
using Postern.Admin.Monitoring;
using Postern.Mail;
using Postern.Reporting;

namespace Postern.Admin.Tests;

/// <summary>The lifetime column of <c>/xml/status</c> survives a restart (contract §6).</summary>
public sealed class LifetimeCountersTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("postern-counters-").FullName;
    private readonly FakeTimeProvider time = new();
    private readonly List<string> told = [];

    private string CountersFile => Path.Combine(folder, "counters");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Counting_goes_on_after_a_stop()
    {
        for (var start = 1; start <= 3; start++)
        {
            var (now, lifetime) = Start();
            using (lifetime)
            {
                now.Publish(new Delivered(new Dcid(1), new Mid(1), [new Rid(0), new Rid(1)], "ok"));
                Assert.Equal(2, now[MailCounter.DeliveredRecipients]);
                Assert.Equal(2 * start, lifetime[MailCounter.DeliveredRecipients]);
                Assert.Equal(2 * start, lifetime[MailCounter.CompletedRecipients]);
            }
        }
        Assert.Empty(told);
    }

    [Fact]
    public void A_crash_loses_what_was_counted_since_the_last_whole_minute()
    {
        var (now, crashed) = Start();
        using var _ = crashed;
        now.Publish(new RecipientRejected(new Mid(1), new Icid(1), "x@other.example"));
        time.Advance(LifetimeCounters.Interval);
        now.Publish(new RecipientRejected(new Mid(1), new Icid(1), "y@other.example"));

        var (_, next) = Start();

        Assert.Equal(1, next[MailCounter.RejectedRecipients]);
        next.Dispose();
    }

    [Theory]
    [InlineData("inj_msgs x\n")]
    [InlineData("nothing 1\n")]
    [InlineData("inj_msgs 99999999999999999999\n")]
    [InlineData("inj_msgs -1\n")]
    public void A_file_that_is_no_counters_file_is_told_of_and_stops_nothing(string text)
    {
        File.WriteAllText(CountersFile, text);

        var (now, lifetime) = Start();
        now.Publish(new RecipientRejected(new Mid(1), new Icid(1), "x@other.example"));

        Assert.StartsWith("The lifetime counters begin at 0: ", Assert.Single(told), StringComparison.Ordinal);
        Assert.Equal((0, 1), (lifetime[MailCounter.InjectedMessages], lifetime[MailCounter.RejectedRecipients]));
        lifetime.Dispose();
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_told_of_once_and_tried_again()
    {
        var (now, lifetime) = Start();
        Directory.CreateDirectory(CountersFile);
        now.Publish(new RecipientRejected(new Mid(1), new Icid(1), "x@other.example"));
        time.Advance(LifetimeCounters.Interval * 3);

        Assert.StartsWith("The lifetime counters are not saved: ", Assert.Single(told), StringComparison.Ordinal);
        Directory.Delete(CountersFile);
        time.Advance(LifetimeCounters.Interval);
        Assert.Contains("rejected_recips 1\n", File.ReadAllText(CountersFile), StringComparison.Ordinal);
        lifetime.Dispose();
    }

    private (MailCounters Now, LifetimeCounters Lifetime) Start()
    {
        var now = new MailCounters();
        return (now, new LifetimeCounters(CountersFile, now, time, told.Add));
    }
}
