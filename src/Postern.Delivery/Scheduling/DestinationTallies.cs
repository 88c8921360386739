using Postern.Delivery.Reports;
using Postern.Mail;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// Counts what becomes of mail by receiving domain, since the start. For the scheduler's thread only.
/// </summary>
public sealed class DestinationTallies
{
    /// <summary>Receiving domains that are counted; what goes to further ones is not.</summary>
    public const int MaxDomains = 100_000;

    private readonly Dictionary<string, Tally> _tallies = new(StringComparer.Ordinal);

    private sealed class Tally
    {
        public long Delivered;
        public long SoftBounced;
        public long HardBounced;
        public Bounced? LastRefusal;
        public DateTimeOffset LastRefusalAt;
    }

    /// <summary>The domains that are counted.</summary>
    public IEnumerable<string> Domains => _tallies.Keys;

    /// <summary>What became of the mail for a domain; null: nothing yet.</summary>
    public DestinationCounts? Of(string domain) => !_tallies.TryGetValue(domain, out var tally) ? null
        : new(tally.Delivered, tally.SoftBounced, tally.HardBounced,
            tally.LastRefusal is { } refusal ? $"{refusal.Code} {string.Join(' ', refusal.Lines)}" : null,
            tally.LastRefusal is null ? null : tally.LastRefusalAt);

    /// <summary>Counts a durable outcome; other events change nothing.</summary>
    public void Count(string domain, MailEvent outcome, DateTimeOffset now)
    {
        if (outcome is not (Delivered or PossibleDelivery or Delayed or Bounced)) return;
        if (!_tallies.TryGetValue(domain, out var tally))
        {
            if (_tallies.Count >= MaxDomains) return;
            _tallies[domain] = tally = new Tally();
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
}
