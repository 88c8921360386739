using Postern.Delivery.Reports;
using Postern.Mail;
using Postern.Reporting;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// Counts what becomes of mail by receiving domain, since the start. For the scheduler's thread only.
/// </summary>
public sealed class DestinationTallies
{
    /// <summary>Receiving domains that are counted; what goes to further ones is not.</summary>
    public const int MaxDomains = 100_000;

    private readonly Dictionary<string, Tally> _tallies = new(StringComparer.Ordinal);
    // The same, each at a place that it keeps.
    private readonly List<Tally> _places = [];

    private sealed class Tally(string domain)
    {
        public string Domain { get; } = domain;
        public long Delivered;
        public long SoftBounced;
        public long HardBounced;
        public Bounced? LastRefusal;
        public DateTimeOffset LastRefusalAt;
    }

    /// <summary>
    /// From the acceptance of a message to the final result of a recipient that was delivered or failed.
    /// </summary>
    public DurationHistogram QueueTime { get; } = new(DurationHistogram.Stays);

    /// <summary>How many domains are counted.</summary>
    public int Domains => _places.Count;

    /// <summary>What became of the mail for a domain; null: nothing yet.</summary>
    public DestinationCounts? Of(string domain) => !_tallies.TryGetValue(domain, out var tally) ? null
        : new(tally.Delivered, tally.SoftBounced, tally.HardBounced,
            tally.LastRefusal is { } refusal ? $"{refusal.Code} {string.Join(' ', refusal.Lines)}" : null,
            tally.LastRefusal is null ? null : tally.LastRefusalAt);

    /// <summary>One of the domains that are counted, by its place, which it keeps: the counts alone.</summary>
    public DestinationStanding At(int place)
    {
        var tally = _places[place];
        return new(tally.Domain, 0, 0, tally.Delivered, tally.SoftBounced, tally.HardBounced);
    }

    /// <summary>Counts a durable outcome; other events change nothing.</summary>
    /// <param name="domain">The receiving domain.</param>
    /// <param name="outcome">What was published.</param>
    /// <param name="accepted">When the message was accepted.</param>
    /// <param name="now">When the outcome was durable.</param>
    public void Count(string domain, MailEvent outcome, DateTimeOffset accepted, DateTimeOffset now)
    {
        if (FinalIn(outcome) is > 0 and var final) QueueTime.Add(now - accepted, final);
        if (outcome is not (Delivered or PossibleDelivery or Delayed or Bounced)) return;
        if (!_tallies.TryGetValue(domain, out var tally))
        {
            if (_tallies.Count >= MaxDomains) return;
            _tallies[domain] = tally = new Tally(domain);
            _places.Add(tally);
        }
        switch (outcome)
        {
            case Delivered delivered:
                tally.Delivered += delivered.Recipients.Count;
                break;
            case PossibleDelivery possible:
                tally.Delivered += possible.Recipients.Count;
                break;
            case Delayed:
                tally.SoftBounced++;
                break;
            case Bounced bounced:
                tally.HardBounced++;
                (tally.LastRefusal, tally.LastRefusalAt) = (bounced, now);
                break;
        }
    }

    private static int FinalIn(MailEvent outcome) => outcome switch
    {
        Delivered delivered => delivered.Recipients.Count,
        PossibleDelivery possible => possible.Recipients.Count,
        Bounced => 1,
        _ => 0,
    };
}
