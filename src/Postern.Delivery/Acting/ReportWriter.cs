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
    // The last of each message that was not handed to the store yet.
    private readonly ConcurrentDictionary<Mid, Task> _handingIn = new();

    /// <summary>
    /// Makes a settlement durable, with its reports, which are composed beside the caller. Settlements of one message
    /// go to the store in their order: the outcome that removes it never overtakes a report on it. For the scheduler's
    /// thread.
    /// </summary>
    /// <exception cref="SpoolException">The spool was shut down before it was written.</exception>
    public ValueTask CommitAsync(Settlement settlement, string hostName)
    {
        var mid = settlement.Message.Mid;
        var before = _handingIn.GetValueOrDefault(mid);
        if (settlement.Reports.Count == 0 && before is null) return spool.CommitAsync(settlement.Change);
        var handedIn = HandInAsync(before ?? Task.CompletedTask, settlement, hostName);
        _handingIn[mid] = handedIn;
        _ = ForgetAsync(mid, handedIn);
        return EndAsync(handedIn);
    }

    private async Task<Task> HandInAsync(Task before, Settlement settlement, string hostName)
    {
        await before.ConfigureAwait(false);
        if (settlement.Reports.Count > 0) await Task.Run(() => Write(settlement, hostName)).ConfigureAwait(false);
        return spool.CommitAsync(settlement.Change).AsTask();
    }

    private static async ValueTask EndAsync(Task<Task> handedIn) =>
        await (await handedIn.ConfigureAwait(false)).ConfigureAwait(false);

    private async Task ForgetAsync(Mid mid, Task handedIn)
    {
        await handedIn.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _handingIn.TryRemove(new(mid, handedIn));
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
