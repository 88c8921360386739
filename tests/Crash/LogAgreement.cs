using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Crash;

/// <summary>
/// What the mail log, the search in it and the queue say of every message, against what clients and host saw (O9). The
/// log is not synced: lines from just before a crash may be missing. The rule is therefore that a line that is there is
/// true, whichever the run, and that of a message that began behind the last crash every line is there.
/// </summary>
internal static partial class LogAgreement
{
    /// <summary>What is wrong in the log; empty: nothing.</summary>
    /// <param name="events">The log, over all runs.</param>
    /// <param name="lastRun">Where the run behind the last crash begins in it.</param>
    /// <param name="messages">All that were handed in, and are drained.</param>
    public static IReadOnlyList<string> Faults(
        IReadOnlyList<string> events, int lastRun, IReadOnlyList<MailOracle.Injected> messages)
    {
        var faults = new List<string>();
        var byMid = messages.Where(message => message.Mid > 0).ToDictionary(message => message.Mid);
        faults.AddRange(events.Where(line => Begun().IsMatch(line)).GroupBy(line => Begun().Match(line).Value)
            .Where(same => same.Count() > 1).Select(same => $"O9: '{same.Key}' is in the log {same.Count()} times"));
        foreach (var line in events)
        {
            if (Subject().Match(line) is { Success: true } subject
                && byMid.TryGetValue(Mid(subject), out var named) && named.Name != subject.Groups[2].Value)
                faults.Add($"O9: the log says '{line}' of {named.Name}");
            if (Recipient().Match(line) is { Success: true } to && byMid.TryGetValue(Mid(to), out var sent)
                && sent.Recipients[Number(to.Groups[2])] != to.Groups[3].Value)
                faults.Add($"O9: the log says '{line}' of {string.Join(", ", sent.Recipients)}");
            if (Done().Match(line) is { Success: true } done && byMid.TryGetValue(Mid(done), out var taken))
                faults.AddRange(Rids(done).Where(rid => !taken.Delivered.ContainsKey(taken.Recipients[rid]))
                    .Select(rid => $"O9: the log says '{line}', and no host took {taken.Recipients[rid]}"));
        }

        var last = events.Skip(lastRun).ToList();
        var whole = last.Select(line => Begun().Match(line)).Where(begun => begun.Success && begun.Groups[1].Success)
            .Select(begun => Number(begun.Groups[1])).ToHashSet();
        faults.AddRange(byMid.Values.Where(message => message.IsAcked && whole.Contains((int)message.Mid))
            .SelectMany(message => Missing(message, last)));
        return faults;
    }

    /// <summary>What the queue says that waits, by MID; the gateway runs.</summary>
    public static async Task<Dictionary<long, List<string>>> QueuedAsync(GatewayProcess gateway)
    {
        using var page = JsonDocument.Parse(
            await gateway.RunAsync("showrecipients", "--all", "--limit", "1000", "--json"));
        return page.RootElement.GetProperty("recipients").EnumerateArray()
            .GroupBy(row => row.GetProperty("mid").GetInt64()).ToDictionary(rows => rows.Key, rows => rows.SelectMany(
                row => row.GetProperty("to").EnumerateArray().Select(to => to.GetString()!)).Order().ToList());
    }

    /// <summary>What <c>findevent</c> says otherwise than the log; the gateway runs.</summary>
    /// <param name="gateway">Whose.</param>
    /// <param name="message">Of which message.</param>
    /// <param name="lines">The log's.</param>
    public static async Task<IReadOnlyList<string>> FoundOtherwiseAsync(
        GatewayProcess gateway, MailOracle.Injected message, IReadOnlyList<string> lines)
    {
        using var found = JsonDocument.Parse(
            await gateway.RunAsync("findevent", "--subject", message.Name, "--limit", "1000", "--json"));
        var story = found.RootElement.GetProperty("messages").EnumerateArray()
            .Single(one => one.GetProperty("mid").GetInt64() == message.Mid).GetProperty("lines").EnumerateArray()
            .Select(line => line.GetProperty("line").GetString()!).Where(line => Names(line, message.Mid)).ToList();
        var log = lines.Where(line => Names(line, message.Mid)).ToList();
        return [.. story.Except(log).Concat(log.Except(story))];
    }

    // The first MID of a line is the one that it is about.
    private static bool Names(string line, long mid) =>
        AnyMid().Match(line) is { Success: true } first && Mid(first) == mid;

    private static IEnumerable<string> Missing(MailOracle.Injected message, IReadOnlyList<string> events)
    {
        var lines = events.Where(line => Names(line, message.Mid)).ToList();
        var done = lines.Select(line => Done().Match(line)).Where(match => match.Success).SelectMany(Rids);
        var bounced = lines.Select(line => Bounced().Match(line)).Where(match => match.Success)
            .Select(match => Number(match.Groups[1]));
        List<(string What, bool IsThere)> demanded =
        [
            ("Subject", lines.Contains($"MID {message.Mid} Subject \"{message.Name}\"")),
            ("queued", lines.Contains($"MID {message.Mid} queued for delivery")),
            ("finished", lines.Contains($"Message finished MID {message.Mid} done")),
            ("each recipient", lines.Count(line => Recipient().IsMatch(line)) == message.Recipients.Count),
            ("each end, once",
                done.Concat(bounced).Order().SequenceEqual(Enumerable.Range(0, message.Recipients.Count))),
        ];
        return demanded.Where(one => !one.IsThere)
            .Select(one => $"O9: of MID {message.Mid} the log lacks: {one.What}\n{string.Join('\n', lines)}");
    }

    private static IEnumerable<int> Rids(Match match) =>
        match.Groups[2].Value.Split(", ").Select(rid => int.Parse(rid, CultureInfo.InvariantCulture));

    private static long Mid(Match match) => Number(match.Groups[1]);

    private static int Number(Group digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?:Start MID (\d+)|New SMTP [ID]CID \d+)\b")]
    private static partial Regex Begun();

    [GeneratedRegex(@"\bMID (\d+)")]
    private static partial Regex AnyMid();

    [GeneratedRegex("^MID (\\d+) Subject \"(.*)\"$")]
    private static partial Regex Subject();

    [GeneratedRegex(@"^MID (\d+) ICID [1-9]\d* RID (\d+) To: <(.*)>$")]
    private static partial Regex Recipient();

    [GeneratedRegex(@"^Message done DCID \d+ MID (\d+) to RID \[([\d, ]+)\]")]
    private static partial Regex Done();

    [GeneratedRegex(@"^Bounced: DCID \d+ MID \d+ to RID (\d+) ")]
    private static partial Regex Bounced();
}
