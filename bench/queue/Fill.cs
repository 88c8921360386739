using System.Globalization;
using System.Text;
using Postern.Mail;
using Postern.Spool;

namespace HeldQueue;

/// <summary>Fills a spool with held mail, as an outage leaves it.</summary>
internal sealed class Fill(string folder, Options options, int perMessage)
{
    /// <summary>Messages for the host that is up, which become due one after the other.</summary>
    public const int Timed = 40;

    /// <summary>The receiving domain whose host is up.</summary>
    public const string LiveDomain = "live.example";

    /// <summary>How long after the filling the first of them is due, and the time between two.</summary>
    private static readonly TimeSpan FirstDue = TimeSpan.FromSeconds(75);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(250);

    private const int MessagesACommit = 1000;

    private readonly Random _random = new(1);
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    /// <summary>Messages that were written, without the timed ones.</summary>
    public int Messages { get; } = options.Recipients / perMessage;

    /// <summary>Writes them all through the spool's own commit, a thousand messages at a time.</summary>
    /// <returns>When each of the timed messages is due, by its local part.</returns>
    public async Task<IReadOnlyDictionary<string, DateTimeOffset>> RunAsync()
    {
        await using var spool = MailSpool.Open(new SpoolOptions(folder), TimeProvider.System);
        var number = 0;
        while (number < Messages)
        {
            var change = new SpoolChange();
            for (var i = 0; i < MessagesACommit && number < Messages; i++, number++)
            {
                change.Generated.Add(Message(spool.NextMid(), number));
            }

            await spool.CommitAsync(change);
        }

        var due = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        var timed = new SpoolChange();
        var first = TimeProvider.System.GetUtcNow() + FirstDue;
        for (var i = 0; i < Timed; i++)
        {
            var name = $"timed{i}";
            due[name] = first + (i * Between);
            timed.Generated.Add(Timely(spool.NextMid(), name, due[name]));
        }

        await spool.CommitAsync(timed);
        return due;
    }

    // Half of it was answered a 452, half waits for want of a host.
    private (StoredMessage Message, ReadOnlyMemory<byte> Content) Message(Mid mid, int number)
    {
        var content = Content(number);
        var accepted = _now - TimeSpan.FromHours(12) + TimeSpan.FromMilliseconds(number % 10_000_000);
        var state = number % 2 == 0 ? Answered(accepted) : Unreached(accepted);
        var recipients = new StoredRecipient[perMessage];
        for (var i = 0; i < perMessage; i++)
        {
            var recipient = ((long)number * perMessage) + i;
            var path = Mailbox.Parse(string.Create(
                CultureInfo.InvariantCulture, $"user{recipient}@d{recipient % options.Domains}.example"));
            recipients[i] = new StoredRecipient(new EnvelopeRecipient(new Rid(i), path), state);
        }

        var sender = string.Create(CultureInfo.InvariantCulture, $"news{number % 1000}@src{number % 100}.example");
        var envelope = new Envelope { ReversePath = Mailbox.Parse(sender) };
        return (new StoredMessage(mid, new Icid(1), envelope, accepted)
        {
            Size = content.Length,
            Recipients = recipients,
        }, content);
    }

    private static (StoredMessage Message, ReadOnlyMemory<byte> Content) Timely(
        Mid mid, string name, DateTimeOffset due)
    {
        var content = Content(0);
        var accepted = TimeProvider.System.GetUtcNow();
        var path = Mailbox.Parse($"{name}@{LiveDomain}");
        var state = new RecipientState { Rounds = 1, Reason = WaitReason.Mail, Due = due };
        return (new StoredMessage(mid, new Icid(1), new Envelope { ReversePath = Mailbox.Parse("a@src.example") },
            accepted)
        {
            Size = content.Length,
            Recipients = [new StoredRecipient(new EnvelopeRecipient(new Rid(0), path), state)],
        }, content);
    }

    private RecipientState Answered(DateTimeOffset accepted) => new()
    {
        Rounds = 3,
        Reason = WaitReason.Mail,
        Due = _now + TimeSpan.FromHours(2 + (2 * _random.NextDouble())),
        Attempts = [.. Enumerable.Range(1, 3).Select(i => new StoredAttempt(
            accepted + TimeSpan.FromMinutes(i), "127.0.0.1:9", "127.0.0.1:9", new Dcid(_random.Next(1, 1_000_000)),
            "rcpt", 452, $"452-4.2.2 user is over quota (queue id {_random.Next():X8})"))],
    };

    private RecipientState Unreached(DateTimeOffset accepted) => new()
    {
        Rounds = 3,
        Reason = WaitReason.Host,
        Due = _now + TimeSpan.FromHours(1),
        Attempts = [.. Enumerable.Range(1, 3).Select(i => new StoredAttempt(
            accepted + TimeSpan.FromMinutes(i), "127.0.0.1:9", "127.0.0.1:9", new Dcid(_random.Next(1, 1_000_000)),
            "connect", 0, "[Errno 111] Connection refused"))],
    };

    private static byte[] Content(int number) => Encoding.ASCII.GetBytes(
        $"Received: from src.example by gw.example; Thu, 26 Nov 2026 12:00:00 +0000\r\n"
        + $"From: news@src.example\r\nSubject: number {number}\r\nMessage-ID: <{number}@src.example>\r\n\r\n"
        + "A short text.\r\n");
}
