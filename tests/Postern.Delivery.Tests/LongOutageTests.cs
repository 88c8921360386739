using Postern.Delivery.Tests.Simulation;
using Postern.Mail.Dsn;

namespace Postern.Delivery.Tests;

/// <summary>
/// After an outage of 72 hours with mail coming in all the time every recipient was delivered or bounced, and every
/// sender told, exactly as the bounce profile says (contract §4): one by one, against <see cref="ProfilePromise"/>.
/// </summary>
public sealed class LongOutageTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 3)]
    public void Every_recipient_goes_as_its_profile_says(int seed, int restarts)
    {
        var outage = new LongOutage(seed);
        outage.Run(every: TimeSpan.FromMinutes(1), restarts);

        var promise = new ProfilePromise(outage.End);
        var complaints = outage.Seen.Select(r => (Recipient: r, Complaint: promise.Complaint(r)))
            .Where(c => c.Complaint is not null).ToList();
        Assert.True(complaints.Count == 0, $"{complaints.Count} of {outage.Seen.Count}, the first:\n"
            + string.Join('\n', complaints.Take(10).Select(c => $"{c.Recipient}: {c.Complaint}; offered "
                + string.Join(", ", c.Recipient.Attempts.TakeLast(4).Select(a => $"{a.At:dd HH:mm:ss} {a.Mood}"))
                + $"; ended {c.Recipient.Ended:dd HH:mm:ss}; told "
                + string.Join(", ", c.Recipient.Told.Select(t => $"{t.At:dd HH:mm:ss} {t.Action}")))));
        Assert.Empty(outage.World.Stored);

        // Each way to end, and each thing that a sender is told or spared, has happened often.
        Assert.All(
            [
                outage.Seen.Count(r => r.Failure is null),
                outage.Seen.Count(r => r.Failure is null && r.Attempts.Count > 1),
                outage.Seen.Count(r => r.Failure is not null && !ProfilePromise.IsOutOfRounds(r)),
                outage.Seen.Count(ProfilePromise.IsOutOfRounds),
                outage.Seen.Count(r => r.Failure is not null && r.Told.All(t => t.Action != DsnAction.Failed)),
                outage.Seen.Count(r => r.Told.Any(t => t.Action == DsnAction.Failed)),
                outage.Seen.Count(r => r.Told.Any(t => t.Action == DsnAction.Delayed)),
            ],
            count => Assert.True(count > 100, $"{count}"));
    }
}
