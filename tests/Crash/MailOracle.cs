using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Postern.TestHosts;

namespace Crash;

/// <summary>
/// Knows what was handed in and what arrived, and checks the one against the other (hardening §1.7). Clients and hosts
/// tell it as it happens; safe for several threads.
/// </summary>
internal sealed partial class MailOracle
{
    /// <summary>A wait that began so shortly before a crash may not have been durable.</summary>
    private static readonly TimeSpan CommitBound = TimeSpan.FromSeconds(1);

    /// <summary>The wait between two rounds of <see cref="CrashRun.Brisk"/>, less its tenth of chance.</summary>
    private static readonly TimeSpan LeastWait = TimeSpan.FromSeconds(2.7);

    private readonly ConcurrentDictionary<string, Injected> _messages = new(StringComparer.Ordinal);
    // No recipient is of two messages.
    private readonly ConcurrentDictionary<string, Injected> _unknownUsers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _mids = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];
    private readonly Lock _lock = new();
    private int _acked;
    private int _unknown;
    private int _rejected;
    private int _missing;
    private int _copies;
    private readonly List<(long Begin, long End)> _crashes = [];
    private readonly HashSet<string> _again = new(StringComparer.Ordinal);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A message that was handed in.</summary>
    public sealed record Injected(string Name, string Content, IReadOnlyList<string> Recipients)
    {
        public Dictionary<string, int> Delivered { get; } = new(StringComparer.Ordinal);
        /// <summary>The reports that the sender has of a recipient, by their Message-ID.</summary>
        public Dictionary<string, HashSet<string>> Reports { get; } = new(StringComparer.Ordinal);
        public string Reply { get; set; } = "";
        /// <summary>As its reply said, or our field in what arrived; 0: neither came.</summary>
        public long Mid { get; set; }
        public bool IsAcked => Reply.StartsWith("250", StringComparison.Ordinal);
        public bool IsRejected => Reply.Length > 0 && !IsAcked;
        public bool IsDone(string recipient) =>
            IsUnknown(recipient) ? Reports.ContainsKey(recipient) : Delivered.ContainsKey(recipient);
    }

    /// <summary>All that were handed in so far, in no order that matters.</summary>
    public IReadOnlyList<Injected> Messages => [.. _messages.Values.OrderBy(message => message.Mid)];

    /// <summary>False: the disk is so full that a wait is kept in memory only.</summary>
    public bool KeepsWaits { get; init; } = true;

    /// <summary>Messages that were answered 250.</summary>
    public int Acked => Volatile.Read(ref _acked);

    /// <summary>Messages of which no reply to the dot was seen.</summary>
    public int Unknown => Volatile.Read(ref _unknown);

    /// <summary>Transactions that brought a host what a host had already taken.</summary>
    public int Duplicates => Volatile.Read(ref _copies);

    /// <summary>Messages that were answered 4xx or 5xx.</summary>
    public int Rejected => Volatile.Read(ref _rejected);

    /// <summary>How the address of a recipient begins that no host knows.</summary>
    public const string UnknownMark = "unknown";

    /// <summary>No host knows this recipient: its sender gets one report.</summary>
    public static bool IsUnknown(string recipient) => recipient.StartsWith(UnknownMark, StringComparison.Ordinal);

    /// <summary>A message is about to be handed in.</summary>
    public Injected Injecting(string name, string content, IReadOnlyList<string> recipients)
    {
        var message = new Injected(name, content, recipients);
        foreach (var recipient in recipients.Where(IsUnknown)) _unknownUsers[recipient] = message;
        return _messages[name] = message;
    }

    /// <summary>The client saw the reply to the dot, or to what was refused before it; "": none.</summary>
    public void Answered(Injected message, string reply)
    {
        lock (_lock)
        {
            message.Reply = reply;
            if (reply.Length == 0) _unknown++;
            if (message.IsRejected) _rejected++;
            if (message.IsAcked)
            {
                _acked++;
                // O9: ids are unique over all crashes.
                if (!_mids.Add(reply)) _faults.Add($"O9: {message.Name} was answered '{reply}', and another before");
                Is(message, MidInReply().Match(reply));
                _missing += message.Recipients.Count(recipient => !message.IsDone(recipient));
            }

            Pulse();
        }
    }

    /// <summary>A host takes a message.</summary>
    public void Taken(HostTransaction transaction)
    {
        lock (_lock)
        {
            var text = transaction.Text;
            if (transaction.ReversePath.Length == 0)
            {
                TakeReport(text);
                Pulse();
                return;
            }

            if (!_messages.TryGetValue(NameIn(text), out var message))
            {
                _faults.Add($"a message that nobody sent: {text[..Math.Min(200, text.Length)]}");
                return;
            }

            // O4: behind one field of our own the octets are those that were handed in.
            var field = text.Length - message.Content.Length;
            var isOurs = field > 0 && text.StartsWith("Received: ", StringComparison.Ordinal);
            if (!isOurs || text[field..] != message.Content)
                _faults.Add($"O4: {NameIn(text)} arrived altered");
            else Is(message, MidInField().Match(text[..field]));
            if (transaction.Accepted.Any(message.Delivered.ContainsKey)) _copies++;
            foreach (var recipient in transaction.Accepted)
            {
                if (!message.Recipients.Contains(recipient)) _faults.Add($"{NameIn(text)} went to {recipient}");
                if (!message.Delivered.TryGetValue(recipient, out var times) && message.IsAcked) _missing--;
                message.Delivered[recipient] = times + 1;
            }

            Pulse();
        }
    }

    /// <summary>The gateway crashes now.</summary>
    public void Crashing()
    {
        var now = Stopwatch.GetTimestamp();
        lock (_lock) _crashes.Add((now, now));
    }

    /// <summary>It has crashed, and the host is at the end of what it had sent: no reply reaches it any more.</summary>
    public void Crashed()
    {
        lock (_lock) _crashes[^1] = (_crashes[^1].Begin, Stopwatch.GetTimestamp());
    }

    /// <summary>A recipient that a host has deferred, at this timestamp, is offered to it again.</summary>
    public void OfferedAgain(string recipient, long deferred)
    {
        lock (_lock)
        {
            // What a crash doubles comes once more, and is no matter of waiting.
            var after = Stopwatch.GetElapsedTime(deferred);
            if (!_again.Add(recipient) || after >= LeastWait || !KeepsWaits) return;
            // What was deferred while it crashed, or while its commit may have been under way, counts as not tried.
            var isInFlight = _crashes.Exists(crash => deferred <= crash.End
                && (deferred >= crash.Begin || Stopwatch.GetElapsedTime(deferred, crash.Begin) < CommitBound));
            if (isInFlight) return;
            _faults.Add($"O8: {recipient} was offered again {after.TotalSeconds:0.0} s after it was deferred");
        }
    }

    /// <summary>Waits until so many messages were answered 4xx or 5xx.</summary>
    public Task RejectedAsync(int messages, CancellationToken bound) =>
        UntilAsync(() => Rejected >= messages, bound);

    /// <summary>Waits until so many messages were answered 250.</summary>
    public Task AckedAsync(int messages, CancellationToken bound) => UntilAsync(() => Acked >= messages, bound);

    /// <summary>
    /// Waits until every recipient of every message that was answered 250 has it, or the patience is over: the verdict
    /// names what is lost.
    /// </summary>
    public async Task DrainAsync(TimeSpan patient, CancellationToken bound)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(bound);
        patience.CancelAfter(patient);
        try
        {
            await UntilAsync(() => Volatile.Read(ref _missing) == 0, patience.Token);
        }
        catch (OperationCanceledException) when (!bound.IsCancellationRequested)
        {
            _faults.Add($"{_missing} recipients wait in vain");
        }
    }

    /// <summary>What is wrong, by the numbers of hardening §1.7; empty: nothing.</summary>
    /// <param name="onTheWire">O5: the connections that were open at the crashes; each may double one message.</param>
    public IReadOnlyList<string> Verdict(int onTheWire)
    {
        lock (_lock)
        {
            var faults = new List<string>(_faults);
            foreach (var (name, message) in _messages)
            {
                var lost = message.Recipients.Where(recipient => !message.IsDone(recipient)).ToList();
                if (message.IsAcked && lost.Count > 0)
                    faults.Add($"O1: {name} was answered '{message.Reply}', did not reach {string.Join(", ", lost)}");
                if (message.IsRejected && message.Delivered.Count > 0)
                    faults.Add($"O2: {name} was answered {message.Reply} and delivered all the same");
                faults.AddRange(message.Reports.Where(reports => reports.Value.Count > 1).Select(
                    reports => $"O1: {name} has {reports.Value.Count} reports of {reports.Key}"));
            }

            if (_copies > onTheWire) faults.Add($"O5: {_copies} duplicates, {onTheWire} are explained");
            return faults;
        }
    }

    // O9: reply, our field and every copy say the same MID.
    private void Is(Injected message, Match said)
    {
        var mid = said.Success ? long.Parse(said.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 0;
        if (message.Mid != 0 && mid != message.Mid)
            _faults.Add($"O9: {message.Name} is MID {message.Mid}, and MID {mid}");
        message.Mid = mid;
    }

    // A crash may bring the same report twice, as any mail; two reports of one recipient are a fault.
    private void TakeReport(string text)
    {
        var id = FieldsIn(text, "Message-ID: ").FirstOrDefault() ?? "";
        var isCopy = false;
        foreach (var recipient in FieldsIn(text, "Final-Recipient: rfc822; "))
        {
            if (!_unknownUsers.TryGetValue(recipient, out var message))
            {
                _faults.Add($"a report of {recipient}, who exists: {text[..Math.Min(2000, text.Length)]}");
                continue;
            }

            if (message.IsAcked && !message.IsDone(recipient)) _missing--;
            if (!message.Reports.TryGetValue(recipient, out var reports)) message.Reports[recipient] = reports = [];
            isCopy |= !reports.Add(id);
        }

        if (isCopy) _copies++;
    }

    private static IEnumerable<string> FieldsIn(string text, string name) => text.Split("\r\n")
        .Where(line => line.StartsWith(name, StringComparison.Ordinal)).Select(line => line[name.Length..]);

    private static string NameIn(string text)
    {
        const string Field = "\r\nSubject: ";
        var start = text.IndexOf(Field, StringComparison.Ordinal) + Field.Length;
        var end = text.IndexOf('\r', start);
        return end < start ? "" : text[start..end];
    }

    private async Task UntilAsync(Func<bool> condition, CancellationToken bound)
    {
        while (true)
        {
            Task changed;
            lock (_lock) changed = _changed.Task;
            if (condition()) return;
            await changed.WaitAsync(bound);
        }
    }

    private void Pulse()
    {
        _changed.TrySetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [GeneratedRegex(@"^250 2\.0\.0 MID (\d+) ")]
    private static partial Regex MidInReply();

    [GeneratedRegex(@" id (\d+);\r\n")]
    private static partial Regex MidInField();
}
