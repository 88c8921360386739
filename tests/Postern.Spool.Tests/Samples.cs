using System.Globalization;
using Postern.Mail;

namespace Postern.Spool.Tests;

/// <summary>Messages and bodies for tests.</summary>
internal static class Samples
{
    public static readonly DateTimeOffset Accepted = new(2026, 3, 4, 5, 6, 7, 890, TimeSpan.Zero);

    public static StoredMessage Message(Mid mid, int recipients = 1) =>
        new(mid, new Icid(3), new Envelope { ReversePath = Mailbox.Parse("alice@src.example") }, Accepted)
        {
            Size = 1,
            Recipients = Enumerable.Range(0, recipients)
                .Select(rid => new EnvelopeRecipient(new Rid(rid), Mailbox.Parse($"r{rid}@example.com")))
                .Select(recipient => new StoredRecipient(recipient, RecipientState.Fresh)).ToList(),
        };

    /// <summary>A message and states that use every field.</summary>
    public static StoredMessage Full(Mid mid) =>
        new(mid, new Icid(77), new Envelope
        {
            ReversePath = Mailbox.Parse("\"a b\"@src.example"),
            EightBitMime = true,
            SmtpUtf8 = true,
            Return = DsnReturn.Headers,
            EnvelopeId = "QQ314159+2B",
        }, Accepted)
        {
            Size = 123_456_789_012,
            HasEightBit = true,
            Recipients =
            [
                new(new EnvelopeRecipient(new Rid(0), Mailbox.Parse("jürgen@bücher.example"))
                {
                    Notify = DsnNotify.Success | DsnNotify.Failure | DsnNotify.Delay,
                    OriginalRecipient = "utf-8;j+C3+BCrgen@example.com",
                }, FullState),
                new(new EnvelopeRecipient(new Rid(4), Mailbox.Parse("u@[10.1.2.3]")) { Notify = DsnNotify.Never },
                    RecipientState.Fresh),
                new(new EnvelopeRecipient(new Rid(9), Mailbox.Parse("u@[IPv6:2001:db8::1]")),
                    new RecipientState { Rounds = 1, Reason = WaitReason.Pace }),
            ],
        };

    public static readonly RecipientState FullState = new()
    {
        Rounds = 99,
        Reason = WaitReason.Uncertain,
        Due = Accepted.AddHours(1),
        Uncertainty = new StoredUncertainty("[mx.example]", "2001:db8::25", 65535, 3, Accepted.AddTicks(1)),
        IsWarned = true,
        Attempts = Enumerable.Range(0, RecipientState.MaxAttempts).Select(i => new StoredAttempt(
            Accepted.AddMinutes(i), $"host{i}", i == 0 ? "" : "10.0.0.1:25", new Dcid(i), "rcpt", 400 + i, "4.2.2 d é"))
            .ToList(),
    };

    public static byte[] Body(int seed, int octets)
    {
        var body = new byte[octets];
        new Random(seed).NextBytes(body);
        return body;
    }

    /// <summary>Streams a body in pieces of odd sizes and commits it.</summary>
    public static async Task CommitAsync(MailSpool spool, StoredMessage message, byte[] body)
    {
        await using var writer = spool.BeginMessage(message.Mid);
        for (var from = 0; from < body.Length; from += 1999)
            await writer.AppendAsync(body.AsMemory(from, Math.Min(1999, body.Length - from)), CancellationToken.None);
        await writer.CommitAsync(message);
    }

    public static byte[] ReadBody(MailSpool spool, Mid mid)
    {
        using var reader = spool.OpenBody(mid);
        var body = new MemoryStream();
        for (var piece = reader.ReadNext(); piece.Length > 0; piece = reader.ReadNext())
            body.Write(piece.Span);
        return body.ToArray();
    }

    /// <summary>Every field as text, because records compare their lists by reference.</summary>
    public static string Describe(StoredMessage message) => string.Create(CultureInfo.InvariantCulture,
        $"{message.Mid} {message.Icid} {message.Envelope} {message.Accepted:O} {message.Size} {message.HasEightBit}\n"
        + $"{string.Concat(message.Recipients.Select(Describe))}");

    private static string Describe(StoredRecipient recipient) => string.Create(CultureInfo.InvariantCulture,
        $"  {recipient.Recipient} {recipient.State.Rounds} {recipient.State.Reason} {recipient.State.Due:O} "
        + $"{recipient.State.Uncertainty} [{string.Join(',', recipient.State.Attempts)}]\n");
}
