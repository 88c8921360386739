using System.Net;
using Postern.Mail;
using Postern.Smtp.Client;

namespace Postern.Delivery.Tests.Simulation;

/// <summary>How a simulated host behaves now.</summary>
internal enum Mood
{
    Well,
    Refuses,
    Silent,
    SilentAtMail,
    BannerBusy,
    MailTransient,
    MailFull,
    RcptTransient,
    DotTransient,
    DropsAtData,
    DropsAfterDot,
    RefusesSome,
}

/// <summary>A destination host of the simulation: it keeps what it accepted.</summary>
internal sealed class SimHost(string address, int port = 25)
{
    public IPAddress Address { get; } = IPAddress.Parse(address);
    public int Port { get; } = port;
    public Mood Mood { get; set; } = Mood.Well;
    public TimeSpan Latency { get; set; } = TimeSpan.FromMilliseconds(5);
    /// <summary>How long a connection waits for the banner; null: <see cref="Latency"/>.</summary>
    public TimeSpan? BannerDelay { get; set; }
    public SmtpExtensions Extensions { get; set; } = new()
    {
        Pipelining = true,
        EightBitMime = true,
        SmtpUtf8 = true,
        Dsn = true,
    };

    public List<(Mid Mid, Rid Rid)> Accepted { get; } = [];
    public List<(DateTimeOffset At, Mid Mid)> Offered { get; } = [];
    public int Connections { get; set; }
    public int Open { get; set; }
    /// <summary>Connections it takes at a time: the next is answered 421. It counts one until that is closed.</summary>
    public int Limit { get; set; } = int.MaxValue;
    public int Present { get; set; }
    public int MostOpen { get; set; }

    /// <summary>Opening: null means no answer at all.</summary>
    public SessionOpening? OnOpen() => Mood switch
    {
        _ when Present > Limit => new(SmtpStage.Banner, Reply(421, "4.3.2 too many connections"), null),
        Mood.Refuses => new(SmtpStage.Connect, null, Lost(SmtpStage.Connect, "[Errno 111] Connection refused")),
        Mood.Silent => null,
        Mood.BannerBusy => new(SmtpStage.Banner, Reply(431, "?example.com ESMTP", "Mail system full"), null),
        _ => new(SmtpStage.Ehlo, null, null),
    };

    /// <summary>A transaction: null means no answer at all.</summary>
    public TransactionReport? OnTransaction(Mid mid, IReadOnlyList<EnvelopeRecipient> recipients, DateTimeOffset now)
    {
        Offered.Add((now, mid));
        var none = new SmtpReply?[recipients.Count];
        switch (Mood)
        {
            case Mood.Silent or Mood.SilentAtMail:
                return null;
            case Mood.Refuses or Mood.BannerBusy:
                return new() { Recipients = none, Fault = Lost(SmtpStage.Mail, "closed"), IsUsable = false };
            case Mood.MailTransient:
                return new() { Mail = Reply(450, "4.0.0 not now"), Recipients = none, IsUsable = true };
            case Mood.MailFull:
                var full = Reply(452, "4.3.1 Insufficient system resources");
                return new() { Mail = full, Recipients = none, IsUsable = true };
            case Mood.RcptTransient:
                var later = recipients.Select(_ => Reply(451, "4.3.0 try later"));
                return new() { Mail = Ok, Recipients = [.. later], IsUsable = true };
        }
        var replies = recipients.Select(r => Mood == Mood.RefusesSome && (mid.Value + r.Rid.Value) % 3 == 0
            ? Reply(450, "4.2.1 mailbox busy") : Ok).ToArray();
        if (replies.All(r => r.Code != 250)) return new() { Mail = Ok, Recipients = replies, IsUsable = true };
        switch (Mood)
        {
            case Mood.DropsAtData:
                return new()
                {
                    Mail = Ok,
                    Recipients = replies,
                    IsUsable = false,
                    Fault = Lost(SmtpStage.Content, "[Errno 104] Connection reset by peer"),
                };
            case Mood.DotTransient:
                return Answered(Reply(451, "4.3.0 no"));
        }
        for (var i = 0; i < recipients.Count; i++)
            if (replies[i].Code == 250) Accepted.Add((mid, recipients[i].Rid));
        return Mood == Mood.DropsAfterDot
            ? new()
            {
                Mail = Ok,
                Recipients = replies,
                Data = Go,
                DotWritten = now,
                IsUsable = false,
                Fault = Lost(SmtpStage.FinalDot, "[Errno 104] Connection reset by peer"),
            }
            : Answered(Reply(250, "2.0.0 accepted"));

        TransactionReport Answered(SmtpReply dot) => new()
        {
            Mail = Ok,
            Recipients = replies,
            Data = Go,
            FinalDot = dot,
            DotWritten = now,
            IsUsable = true,
        };
    }

    public static SmtpReply Reply(int code, params string[] lines)
    {
        var first = lines[0].Split(' ')[0].Split('.');
        var status = first.Length == 3 && first.All(p => int.TryParse(p, out _))
            ? new EnhancedStatus(int.Parse(first[0]), int.Parse(first[1]), int.Parse(first[2])) : (EnhancedStatus?)null;
        return new(code, lines) { Status = status };
    }

    private static SmtpFault Lost(SmtpStage stage, string details) => new(stage, SmtpFaultKind.Lost, details);

    private static SmtpReply Ok => Reply(250, "2.0.0 ok");
    private static SmtpReply Go => Reply(354, "go ahead");
}
