using System.Net;
using Postern.Delivery.Deciding;
using Postern.Mail;
using Postern.Smtp.Client;

namespace Postern.Delivery.Tests.Simulation;

/// <summary>How a simulated host behaves now.</summary>
internal enum Mood
{
    Well,
    Refuses,
    Silent,
    SilentAtEhlo,
    SilentAtMail,
    SilentAtDot,
    BannerBusy,
    Banner421,
    BannerMalformed,
    EhloTransient,
    Ehlo421,
    ClosesAtEhlo,
    TlsMissing,
    TlsExpired,
    TlsBreaks,
    AuthRefused,
    Auth421,
    DemandsAuth,
    MailTransient,
    MailFull,
    MailGreylisted,
    Mail421,
    MailUnknown,
    MailMalformed,
    ClosesAtMail,
    RcptTransient,
    RcptDemandsAuth,
    Rcpt421,
    TakesOneRecipient,
    RefusesSome,
    RejectsSome,
    DataTransient,
    DataDemandsAuth,
    Data421,
    DropsAtData,
    DotTransient,
    DotDemandsAuth,
    DotFull,
    Dot421,
    DropsAfterDot,
    LosesAfterDot,
    Flaps,
}

/// <summary>What a host does with a transaction.</summary>
/// <param name="Report">The facts, as a client sees them.</param>
/// <param name="After">When they are complete.</param>
/// <param name="SilentAfterDot">Everything before was answered; the reply to the dot never comes.</param>
internal readonly record struct SimAnswer(TransactionReport Report, TimeSpan After, bool SilentAfterDot = false);

/// <summary>A destination host of the simulation: it keeps what it accepted.</summary>
internal sealed class SimHost(string address, int port = 25)
{
    private int _turn;

    public IPAddress Address { get; } = IPAddress.Parse(address);
    public int Port { get; } = port;
    public HostKey Key => new(Address.ToString(), Port);
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
    /// <summary>How long a message takes beyond its latency: the place where a host that can collapse does.</summary>
    public Func<DateTimeOffset, TimeSpan>? Burden { get; set; }

    /// <summary>Opening: null means no answer at all.</summary>
    public SessionOpening? OnOpen(Access access) => Mood switch
    {
        _ when Present > Limit => new(SmtpStage.Banner, Reply(421, "4.3.2 too many connections"), null),
        Mood.Refuses => Broken(SmtpStage.Connect, "[Errno 111] Connection refused"),
        Mood.Flaps when ++_turn % 2 == 0 => Broken(SmtpStage.Connect, "[Errno 111] Connection refused"),
        Mood.Silent or Mood.SilentAtEhlo => null,
        Mood.BannerBusy => new(SmtpStage.Banner, Reply(431, "?example.com ESMTP", "Mail system full"), null),
        Mood.Banner421 => new(SmtpStage.Banner, Reply(421, "4.3.2 not now"), null),
        Mood.BannerMalformed => Broken(SmtpStage.Banner, "SSH-2.0", SmtpFaultKind.Malformed),
        Mood.EhloTransient => new(SmtpStage.Ehlo, Reply(451, "4.3.0 not now"), null),
        Mood.Ehlo421 => new(SmtpStage.Ehlo, Reply(421, "4.3.2 not now"), null),
        Mood.ClosesAtEhlo => Broken(SmtpStage.Ehlo, "[Errno 104] Connection reset by peer"),
        Mood.TlsMissing when access.Tls is TlsPolicy.Required or TlsPolicy.Verify =>
            Broken(SmtpStage.StartTls, "STARTTLS is not offered", SmtpFaultKind.Unmet),
        Mood.TlsExpired when access.Tls is TlsPolicy.Verify =>
            Broken(SmtpStage.StartTls, "the certificate has expired", SmtpFaultKind.Unmet),
        Mood.TlsBreaks when access.Tls is not TlsPolicy.None => Broken(SmtpStage.StartTls, "closed"),
        Mood.AuthRefused when access.Profile is not null =>
            new(SmtpStage.Auth, Reply(535, "5.7.8 credentials invalid"), null),
        Mood.Auth421 when access.Profile is not null => new(SmtpStage.Auth, Reply(421, "4.7.0 later"), null),
        _ => new(SmtpStage.Ehlo, null, null),
    };

    /// <summary>It has closed the connections on which nothing was under way.</summary>
    public bool EndsIdle => Mood is Mood.Refuses or Mood.BannerBusy or Mood.Banner421 or Mood.BannerMalformed
        or Mood.ClosesAtMail or Mood.ClosesAtEhlo;

    /// <summary>A transaction, and what it leaves behind.</summary>
    public SimAnswer OnTransaction(
        Mid mid, IReadOnlyList<EnvelopeRecipient> recipients, DateTimeOffset now, DeliveryOptions options)
    {
        Offered.Add((now, mid));
        if (OnMail(recipients.Count) is { } early)
        {
            var silent = early.Fault is { Kind: SmtpFaultKind.TimedOut };
            return new(early, silent ? options.CommandTimeout : Latency);
        }
        var replies = new SmtpReply?[recipients.Count];
        for (var i = 0; i < replies.Length; i++) replies[i] = OnRcpt(i, replies.Length, mid, recipients[i].Rid);
        if (Mood == Mood.Rcpt421) return Answered(new() { Mail = Ok, Recipients = replies, IsUsable = false });
        if (Mood == Mood.RcptDemandsAuth) return Answered(new() { Mail = Ok, Recipients = replies, IsUsable = true });
        if (replies.All(r => r!.Code != 250))
            return Answered(new() { Mail = Ok, Recipients = replies, IsUsable = true });
        return OnContent(mid, recipients, replies, now, options);
    }

    private TransactionReport? OnMail(int count)
    {
        var none = new SmtpReply?[count];
        TransactionReport Said(SmtpReply reply) => new() { Mail = reply, Recipients = none, IsUsable = true };
        TransactionReport Failed(SmtpFaultKind kind, string details) =>
            new() { Recipients = none, Fault = new(SmtpStage.Mail, kind, details), IsUsable = false };
        return Mood switch
        {
            Mood.Silent or Mood.SilentAtEhlo or Mood.SilentAtMail =>
                Failed(SmtpFaultKind.TimedOut, "no reply to MAIL"),
            _ when EndsIdle => Failed(SmtpFaultKind.Lost, "closed"),
            Mood.Flaps when ++_turn % 3 == 0 => Failed(SmtpFaultKind.Lost, "closed"),
            Mood.MailMalformed => Failed(SmtpFaultKind.Malformed, "25O ok"),
            Mood.DemandsAuth => Said(Reply(530, "5.7.0 authentication required")),
            Mood.MailTransient => Said(Reply(450, "4.0.0 not now")),
            Mood.MailFull => Said(Reply(452, "4.3.1 Insufficient system resources")),
            Mood.MailGreylisted => Said(Reply(451, "4.7.1 greylisted")),
            Mood.MailUnknown => Said(Reply(501, "5.5.4 what?")),
            Mood.Mail421 => Said(Reply(421, "4.3.2 closing")) with { IsUsable = false },
            _ => null,
        };
    }

    // Null: the host has closed before it.
    private SmtpReply? OnRcpt(int index, int count, Mid mid, Rid rid) => Mood switch
    {
        Mood.RcptTransient => Reply(451, "4.3.0 try later"),
        Mood.RcptDemandsAuth when index == count / 2 => Reply(530, "5.7.0 authentication required"),
        Mood.Rcpt421 when index == count / 2 => Reply(421, "4.3.0 closing"),
        Mood.Rcpt421 when index > count / 2 => null,
        Mood.TakesOneRecipient when index > 0 => Reply(452, "4.5.3 too many recipients"),
        Mood.RefusesSome when (mid.Value + rid.Value) % 3 == 0 => Reply(450, "4.2.1 mailbox busy"),
        Mood.RejectsSome when (mid.Value + rid.Value) % 5 == 0 => Reply(550, "5.1.1 no such user"),
        _ => Ok,
    };

    private SimAnswer OnContent(
        Mid mid, IReadOnlyList<EnvelopeRecipient> recipients, SmtpReply?[] replies, DateTimeOffset now,
        DeliveryOptions options)
    {
        var before = new TransactionReport { Mail = Ok, Recipients = replies, IsUsable = true };
        switch (Mood)
        {
            case Mood.DataTransient:
                return Answered(before with { Data = Reply(451, "4.3.0 no") });
            case Mood.DataDemandsAuth:
                return Answered(before with { Data = Reply(530, "5.7.0 authentication required") });
            case Mood.Data421:
                return Answered(before with { Data = Reply(421, "4.3.0 closing"), IsUsable = false });
            case Mood.DropsAtData:
                return Answered(before with { IsUsable = false, Fault = Reset(SmtpStage.Content) });
            case Mood.DotTransient:
                return Answered(Dot(Reply(451, "4.3.0 no")));
            case Mood.DotFull:
                return Answered(Dot(Reply(452, "4.3.1 full")));
            case Mood.DotDemandsAuth:
                return Answered(Dot(Reply(535, "5.7.8 credentials invalid")));
            case Mood.Dot421:
                return Answered(Dot(Reply(421, "4.3.2 closing")) with { IsUsable = false });
        }
        // Of those whose reply never comes, half were taken.
        if (Mood != Mood.LosesAfterDot && (Mood != Mood.SilentAtDot || mid.Value % 2 == 0))
            for (var i = 0; i < recipients.Count; i++)
                if (replies[i]!.Code == 250) Accepted.Add((mid, recipients[i].Rid));
        var open = Dot(null) with { IsUsable = false };
        var burden = Burden?.Invoke(now) ?? TimeSpan.Zero;
        return Mood switch
        {
            Mood.DropsAfterDot or Mood.LosesAfterDot => Answered(open with { Fault = Reset(SmtpStage.FinalDot) }),
            Mood.SilentAtDot => new(open with
            {
                Fault = new(SmtpStage.FinalDot, SmtpFaultKind.TimedOut, "no reply after the final dot"),
            }, options.FinalDotTimeout, SilentAfterDot: true),
            _ => new(Dot(Reply(250, "2.0.0 accepted")), Latency + burden),
        };

        TransactionReport Dot(SmtpReply? reply) =>
            before with { Data = Reply(354, "go ahead"), FinalDot = reply, DotWritten = now };
    }

    private SimAnswer Answered(TransactionReport report) => new(report, Latency);

    public static SmtpReply Reply(int code, params string[] lines)
    {
        var first = lines[0].Split(' ')[0].Split('.');
        var status = first.Length == 3 && first.All(p => int.TryParse(p, out _))
            ? new EnhancedStatus(int.Parse(first[0]), int.Parse(first[1]), int.Parse(first[2])) : (EnhancedStatus?)null;
        return new(code, lines) { Status = status };
    }

    private static SessionOpening Broken(
        SmtpStage stage, string details, SmtpFaultKind kind = SmtpFaultKind.Lost) =>
        new(stage, null, new(stage, kind, details));

    private static SmtpFault Reset(SmtpStage stage) =>
        new(stage, SmtpFaultKind.Lost, "[Errno 104] Connection reset by peer");

    private static readonly SmtpReply Ok = Reply(250, "2.0.0 ok");
}
