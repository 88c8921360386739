using Postern.Mail;

namespace Postern.Spool;

/// <summary>
/// The record of a message: what never changes from its commit to its end. The head has a fixed place at the front, so
/// that removing a message and reading its body need the first octets only.
/// </summary>
internal static class MessageCodec
{
    /// <summary>How many octets of a record <see cref="ReadHead"/> may need.</summary>
    public const int MaxHeadLength = 1 + 10 + 10 + 10;

    private const byte Version = 1;

    [Flags]
    private enum Fields
    {
        None = 0,
        ReversePath = 1,
        EightBitMime = 2,
        SmtpUtf8 = 4,
        EnvelopeId = 8,
        HasEightBit = 16,
        All = 31,
    }

    /// <summary>Writes the record of a message.</summary>
    public static void Write(RecordWriter to, StoredMessage message, BodySize body)
    {
        to.Byte(Version);
        to.Number(body.Chunks);
        to.Number(body.Octets);
        var ridEnd = 0;
        foreach (var recipient in message.Recipients)
            ridEnd = Math.Max(ridEnd, recipient.Recipient.Rid.Value + 1);
        to.Number(ridEnd);

        var envelope = message.Envelope;
        to.Number((long)(
            (envelope.ReversePath is null ? Fields.None : Fields.ReversePath)
            | (envelope.EightBitMime ? Fields.EightBitMime : Fields.None)
            | (envelope.SmtpUtf8 ? Fields.SmtpUtf8 : Fields.None)
            | (envelope.EnvelopeId is null ? Fields.None : Fields.EnvelopeId)
            | (message.HasEightBit ? Fields.HasEightBit : Fields.None)));
        to.Number(message.Icid.Value);
        to.Time(message.Accepted);
        to.Number(message.Size);
        to.Byte((byte)envelope.Return);
        if (envelope.ReversePath is not null)
            to.Text(envelope.ReversePath.Text);
        if (envelope.EnvelopeId is not null)
            to.Text(envelope.EnvelopeId);
        to.Number(message.Recipients.Count);
        foreach (var recipient in message.Recipients)
            WriteRecipient(to, recipient.Recipient);
    }

    /// <summary>Reads the front of a record.</summary>
    /// <returns>False when it is damaged or of a version that is not known.</returns>
    public static bool ReadHead(ReadOnlySpan<byte> record, out BodySize body, out int ridEnd)
    {
        var reader = new RecordReader(record);
        (body, ridEnd) = TakeHead(ref reader);
        return !reader.Failed;
    }

    /// <summary>Reads a record; the states of the recipients are fresh.</summary>
    /// <param name="mid">The MID.</param>
    /// <param name="record">The record.</param>
    /// <param name="only">The recipients to read; null: all.</param>
    /// <returns>Null when it is damaged or of a version that is not known.</returns>
    public static StoredMessage? Read(Mid mid, ReadOnlySpan<byte> record, HashSet<Rid>? only = null)
    {
        var reader = new RecordReader(record);
        TakeHead(ref reader);
        var fields = (Fields)reader.Number((long)Fields.All);
        var icid = new Icid(reader.Number());
        var accepted = reader.Time();
        var size = reader.Number();
        var envelope = new Envelope
        {
            Return = (DsnReturn)reader.Byte(),
            EightBitMime = fields.HasFlag(Fields.EightBitMime),
            SmtpUtf8 = fields.HasFlag(Fields.SmtpUtf8),
            ReversePath = fields.HasFlag(Fields.ReversePath) ? ReadMailbox(ref reader) : null,
            EnvelopeId = fields.HasFlag(Fields.EnvelopeId) ? reader.Text() : null,
        };
        // A recipient takes at least four octets, so a count that the record cannot hold never sizes the list.
        var count = (int)reader.Number(record.Length / 4);
        var recipients = new List<StoredRecipient>(only?.Count ?? count);
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            if (ReadRecipient(ref reader, only) is { } recipient)
                recipients.Add(new StoredRecipient(recipient, RecipientState.Fresh));
        }
        return !reader.EndedWell || envelope.Return > DsnReturn.Headers ? null
            : new StoredMessage(mid, icid, envelope, accepted)
            {
                Size = size,
                HasEightBit = fields.HasFlag(Fields.HasEightBit),
                Recipients = recipients,
            };
    }

    private static (BodySize Body, int RidEnd) TakeHead(ref RecordReader reader)
    {
        if (reader.Byte() != Version)
            reader.Fail();
        var chunks = (int)reader.Number(int.MaxValue);
        var octets = reader.Number();
        return (new BodySize(chunks, octets), (int)reader.Number(int.MaxValue));
    }

    private static void WriteRecipient(RecordWriter to, EnvelopeRecipient recipient)
    {
        to.Number(recipient.Rid.Value);
        to.Byte((byte)((byte)recipient.Notify << 1 | (recipient.OriginalRecipient is null ? 0 : 1)));
        to.Text(recipient.ForwardPath.Text);
        if (recipient.OriginalRecipient is not null)
            to.Text(recipient.OriginalRecipient);
    }

    private static EnvelopeRecipient? ReadRecipient(ref RecordReader reader, HashSet<Rid>? only)
    {
        var rid = new Rid((int)reader.Number(int.MaxValue));
        var flags = reader.Byte();
        if (only?.Contains(rid) == false)
        {
            reader.Octets();
            if ((flags & 1) != 0) reader.Octets();
            return null;
        }
        return new EnvelopeRecipient(rid, ReadMailbox(ref reader)!)
        {
            Notify = (DsnNotify)(flags >> 1),
            OriginalRecipient = (flags & 1) == 0 ? null : reader.Text(),
        };
    }

    private static Mailbox? ReadMailbox(ref RecordReader reader)
    {
        var octets = reader.Octets();
        if (!reader.Failed && Mailbox.TryParse(octets, smtpUtf8: true, out var mailbox))
            return mailbox;
        reader.Fail();
        return null;
    }
}
