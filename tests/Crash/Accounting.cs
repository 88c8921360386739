using System.Text.Json;
using System.Text.RegularExpressions;

namespace Crash;

/// <summary>
/// The books of one run of a gateway, by recipient: what came in is what went out and what still waits (O7). They are
/// kept twice, from the counters of <c>postern status</c> and from the mail log alone.
/// </summary>
/// <param name="Accepted">Recipients of messages that clients handed in.</param>
/// <param name="Generated">Recipients of our own reports and alerts, each of which has one.</param>
/// <param name="Delivered">Recipients that a host took.</param>
/// <param name="Bounced">Recipients that failed for good, other than those that expired.</param>
/// <param name="Expired">Recipients that expired.</param>
/// <param name="Discarded">Recipients that were discarded or deleted.</param>
internal sealed partial record Accounting(
    long Accepted, long Generated, long Delivered, long Bounced, long Expired, long Discarded)
{
    /// <summary>Recipients that wait now, when so many waited at the start.</summary>
    public long Queued(long before) =>
        before + Accepted + Generated - Delivered - Bounced - Expired - Discarded;

    /// <summary>The counters; what waits now by the queue itself, and how many of these were never tried.</summary>
    public static async Task<(Accounting Books, long Queued, long Untried)> OfCountersAsync(GatewayProcess gateway)
    {
        using var status = JsonDocument.Parse(await gateway.RunAsync("status", "--json"));
        var counters = status.RootElement.GetProperty("counters");
        var queue = status.RootElement.GetProperty("delivery");
        long Count(string name) => counters.GetProperty(name).GetInt64();
        return (new Accounting(Count("injectedRecipients"), Count("generatedBounceRecipients"),
            Count("deliveredRecipients"),
            Count("hardBouncedRecipients") - Count("expiredHardBouncedRecipients"),
            Count("expiredHardBouncedRecipients"), Count("deletedRecipients")),
            queue.GetProperty("activeRecipients").GetInt64(), queue.GetProperty("unattemptedRecipients").GetInt64());
    }

    /// <summary>What the mail log says since the last start.</summary>
    public static Accounting OfLog(IReadOnlyList<string> events)
    {
        var (accepted, generated, delivered, bounced, expired, discarded) = (0L, 0L, 0L, 0L, 0L, 0L);
        var incoming = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in events.Skip(events.ToList().FindLastIndex(line => Start().IsMatch(line))))
        {
            if (Recipient().Match(line) is { Success: true } to)
                incoming[to.Groups[1].Value] = incoming.GetValueOrDefault(to.Groups[1].Value) + 1;
            else if (Taken().Match(line) is { Success: true } taken)
                accepted += incoming.GetValueOrDefault(taken.Groups[1].Value);
            else if (Report().IsMatch(line))
                generated++;
            else if (Done().Match(line) is { Success: true } done)
                delivered += Rids(done);
            else if (Late().IsMatch(line))
                expired++;
            else if (Failed().IsMatch(line))
                bounced++;
            else if (Dropped().Match(line) is { Success: true } dropped)
                discarded += Rids(dropped);
        }

        return new Accounting(accepted, generated, delivered, bounced, expired, discarded);
    }

    /// <summary>Recipients without a final result in the store of a gateway that does not run.</summary>
    public static async Task<long> InStoreAsync(GatewayProcess gateway)
    {
        using var stats = JsonDocument.Parse(await gateway.RunAsync("spool", "stats", "--json"));
        return stats.RootElement.GetProperty("recipients").EnumerateObject().Sum(reason => reason.Value.GetInt64());
    }

    private static int Rids(Match match) => match.Groups[1].Value.Split(',').Length;

    [GeneratedRegex("^Postern .* starts as ")]
    private static partial Regex Start();

    // ICID 0 is the gateway itself: a report is generated, not accepted.
    [GeneratedRegex(@"^MID (\d+) ICID [1-9]\d* RID \d+ To: ")]
    private static partial Regex Recipient();

    [GeneratedRegex(@"^MID (\d+) queued for delivery")]
    private static partial Regex Taken();

    [GeneratedRegex(@"^MID \d+ was generated for ")]
    private static partial Regex Report();

    [GeneratedRegex(@"^(?:Message done|Possible Delivery:) DCID \d+ MID \d+ to (?:RID )?\[([\d, ]+)\]")]
    private static partial Regex Done();

    [GeneratedRegex(@"^Bounced: DCID 0 MID \d+ to RID \d+ - 5\.4\.7 - ")]
    private static partial Regex Late();

    [GeneratedRegex("^Bounced: ")]
    private static partial Regex Failed();

    [GeneratedRegex(@"^(?:Discarded|Deleted): .* RID \[([\d, ]+)\]")]
    private static partial Regex Dropped();
}
