using System.Collections.Concurrent;
using Postern.Delivery.Scheduling;
using Postern.Mail;
using Postern.Mail.Dsn;
using Postern.Spool;

namespace Postern.Delivery.Acting;

/// <summary>
/// Writes the reports of a settlement into its commit (contract §4). May be used by several threads.
/// </summary>
internal sealed class ReportWriter(MailSpool spool, TimeProvider time, IMailEventSink events)
{
    private readonly ConcurrentDictionary<Mid, Task> _composing = new();

    /// <summary>
    /// Composes the reports of a settlement beside the caller and adds them to its change, so that they become durable
    /// with the outcome they tell. For the scheduler's thread.
    /// </summary>
    /// <returns>
    /// Ends when this is done, and the same for earlier settlements of the message: the outcome that removes it never
    /// overtakes a report on it.
    /// </returns>
    public Task ComposeAsync(Settlement settlement, string hostName)
    {
        var mid = settlement.Message.Mid;
        var before = _composing.GetValueOrDefault(mid, Task.CompletedTask);
        if (settlement.Reports.Count == 0) return before;
        var all = Task.WhenAll(before, Task.Run(() => Write(settlement, hostName)));
        _composing[mid] = all;
        _ = ForgetAsync(mid, all);
        return all;
    }

    private async Task ForgetAsync(Mid mid, Task composed)
    {
        await composed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _composing.TryRemove(new(mid, composed));
    }

    private void Write(Settlement settlement, string hostName)
    {
        foreach (var report in settlement.Reports)
            if (!report.IsDropped) Write(settlement, report, hostName);
    }

    private void Write(Settlement settlement, PlannedReport planned, string hostName)
    {
        var original = settlement.Stored;
        var mid = spool.NextMid();
        var report = DeliveryReport.Compose(new ReportRequest
        {
            Action = planned.Action,
            HostName = hostName,
            MessageId = $"<bounce.{mid}@{hostName}>",
            Date = Local(time.GetUtcNow()),
            Mid = original.Mid,
            Original = original.Envelope,
            Arrived = Local(original.Accepted),
            RetryUntil = planned.RetryUntil is { } until ? Local(until) : null,
            Recipients = planned.Recipients,
            Content = ReadStart(original, planned.Profile.MaxBounceCopy),
            ContentSize = original.Size,
            MaxCopy = planned.Profile.MaxBounceCopy,
            Language = planned.Profile.Language,
            Template = planned.Profile.Template,
        });
        var state = planned.NotBefore is { } due
            ? new RecipientState { Reason = WaitReason.Pace, Due = due } : RecipientState.Fresh;
        planned.Stored = new StoredMessage(mid, default, report.Envelope, time.GetUtcNow())
        {
            Size = report.Content.Length,
            HasEightBit = report.HasEightBit,
            Recipients = [new StoredRecipient(report.Recipient, state)],
        };
        settlement.Change.Generated.Add((planned.Stored, report.Content));
    }

    private DateTimeOffset Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, time.LocalTimeZone);

    // A report without the message it is about is worth more than none.
    private byte[] ReadStart(StoredMessage message, long octets)
    {
        var wanted = (int)Math.Min(message.Size, octets);
        var start = new byte[wanted];
        var length = 0;
        try
        {
            using var reader = spool.OpenBody(message.Mid);
            while (length < wanted && reader.ReadNext() is { Length: > 0 } piece)
            {
                var taken = Math.Min(piece.Length, wanted - length);
                piece.Span[..taken].CopyTo(start.AsSpan(length));
                length += taken;
            }
        }
        catch (SpoolException e)
        {
            events.Publish(
                new GatewayNotice("Critical", $"MID {message.Mid} cannot be read for a report on it: {e.Message}"));
        }
        return length == wanted ? start : start[..length];
    }
}
