using Postern.Delivery.Scheduling;
using Postern.Mail;
using Postern.Mail.Dsn;
using Postern.Spool;

namespace Postern.Delivery.Acting;

/// <summary>Writes the bounce of a settlement into its commit (contract §4). May be used by several threads.</summary>
internal sealed class BounceWriter(MailSpool spool, TimeProvider time, IMailEventSink events)
{
    /// <summary>
    /// Composes the bounce and adds it to the change, so that it becomes durable with the outcome it reports.
    /// </summary>
    public void Write(Settlement settlement, string hostName)
    {
        var original = settlement.Message.Stored;
        var mid = spool.NextMid();
        var report = BounceReport.Compose(new BounceRequest
        {
            HostName = hostName,
            MessageId = $"<bounce.{mid}@{hostName}>",
            Date = TimeZoneInfo.ConvertTime(time.GetUtcNow(), time.LocalTimeZone),
            Arrived = TimeZoneInfo.ConvertTime(original.Accepted, time.LocalTimeZone),
            Original = original.Envelope,
            Recipients = settlement.Report,
            Content = ReadStart(original, settlement.ReturnOctets),
            ContentSize = original.Size,
            MaxCopy = settlement.ReturnOctets,
        });
        settlement.Bounce = new StoredMessage(mid, default, report.Envelope, time.GetUtcNow())
        {
            Size = report.Content.Length,
            HasEightBit = report.HasEightBit,
            Recipients = [new StoredRecipient(report.Recipient, RecipientState.Fresh)],
        };
        settlement.Change.Generated.Add((settlement.Bounce, report.Content));
    }

    // A bounce without the message it is about is worth more than none.
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
                new GatewayNotice("Critical", $"MID {message.Mid} cannot be read for its bounce: {e.Message}"));
        }
        return length == wanted ? start : start[..length];
    }
}
