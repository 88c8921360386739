using Postern.Delivery.Scheduling;
using Postern.Mail;
using Postern.Mail.Dsn;
using Postern.Spool;

namespace Postern.Delivery.Acting;

/// <summary>
/// Writes the reports of a settlement into its commit (contract §4), beside the scheduler's thread.
/// </summary>
internal sealed class ReportWriter(MailSpool spool, TimeProvider time, IMailEventSink events)
{
    // The last settlement of each message with reports that the scheduler does not know to be durable yet.
    private readonly Dictionary<Mid, Commit> _last = [];

    private sealed record Commit(Settlement Settlement, Task Ended)
    {
        public bool IsWhole => Ended.IsCompletedSuccessfully && !Settlement.KeepsMessage;
    }

    /// <summary>
    /// Makes a settlement durable, with its reports, which are composed beside the caller. Settlements of one message
    /// go to the store in their order: the outcome that removes it never overtakes a report on it, and removes nothing
    /// when that could not be written. For the scheduler's thread.
    /// </summary>
    /// <exception cref="SpoolException">The spool was shut down before it was written.</exception>
    public ValueTask CommitAsync(Settlement settlement, string hostName)
    {
        var mid = settlement.Message.Mid;
        var before = _last.GetValueOrDefault(mid);
        if (settlement.Reports.Count == 0 && before is null) return spool.CommitAsync(settlement.Change);
        var ended = CommitAsync(before, settlement, hostName);
        _last[mid] = new Commit(settlement, ended);
        return new ValueTask(ended);
    }

    /// <summary>
    /// The scheduler knows what became of a settlement: one that it makes from now on does not wait for it. For the
    /// scheduler's thread.
    /// </summary>
    public void Settled(Settlement settlement)
    {
        var mid = settlement.Message.Mid;
        if (_last.TryGetValue(mid, out var last) && ReferenceEquals(last.Settlement, settlement)) _last.Remove(mid);
    }

    private async Task CommitAsync(Commit? before, Settlement settlement, string hostName)
    {
        if (before is not null)
        {
            await before.Ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!before.IsWhole) settlement.KeepMessage();
        }
        if (settlement.Reports.Count > 0) await Task.Run(() => Write(settlement, hostName)).ConfigureAwait(false);
        await spool.CommitAsync(settlement.Change).ConfigureAwait(false);
    }

    private void Write(Settlement settlement, string hostName)
    {
        foreach (var report in settlement.Reports.Where(r => !r.IsDropped))
        {
            try
            {
                Write(settlement, report, hostName);
            }
            // Doubt is temporary: nothing has become of what could not be reported, and all else has happened.
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                settlement.Retract(report);
                var (name, outcome) = report.Action switch
                {
                    DsnAction.Failed => ("bounce", "they stay in the queue and are tried again later"),
                    DsnAction.Delayed => ("delay warning", "their sender is not told"),
                    _ => ("report on the delivery", "their sender is not told"),
                };
                events.Publish(new GatewayNotice("Critical", $"MID {settlement.Message.Mid}: "
                    + $"the {name} of RID [{string.Join(", ", report.Rids)}] cannot be written, {outcome}: {e}"));
            }
        }
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
