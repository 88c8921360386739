using Postern.Mail;
using Postern.Smtp.Client;

namespace Postern.Delivery.Deciding;

/// <summary>
/// The table "What moves mail on to the next host" of contract §3: facts in, verdict out, no state.
/// </summary>
public static class OutcomeTable
{
    /// <summary>Judges one transaction.</summary>
    /// <param name="report">The facts.</param>
    /// <param name="addresses">The recipients' forward-paths, by index.</param>
    /// <param name="wasReused">The connection had done a transaction before this one.</param>
    /// <param name="possibleDelivery">No reply after the dot counts as delivered.</param>
    /// <param name="afterRcpt4xx">What becomes of a recipient that was answered 4xx, as the route says: to the next
    /// host, or held.</param>
    public static Verdict Judge(
        TransactionReport report, IReadOnlyList<Mailbox> addresses, bool wasReused, bool possibleDelivery,
        RecipientFate afterRcpt4xx = RecipientFate.NextHost)
    {
        var count = addresses.Count;
        if (report.ContentError is not null && report.DotWritten is null)
            return All(count, new(RecipientFate.HeldHere), HostMark.None);
        if (report.Mail is null or { IsPositive: false }) return JudgeMail(report, count, wasReused);
        var fates = new RecipientVerdict[count];
        var scan = ScanRecipients(report, addresses, fates, afterRcpt4xx);
        // The client ends such a transaction before its content, so that nobody can have been taken.
        if (scan.Credentials is { } demand) return WithoutCredentials(demand, count);
        if (scan.Closing is { } closing && report.DotWritten is null)
            return Spread(fates, new(RecipientFate.NextHost, closing, true), StrengthOf421(closing), scan);
        if (scan.Taken == 0 && report.Fault is null) return WithoutRecipients(fates, scan);
        return JudgeContent(report, fates, scan, possibleDelivery);
    }

    /// <summary>
    /// Judges an opening that failed: TLS and credentials are about their policy or profile, all else about the host.
    /// </summary>
    public static HostMark MarkOf(SessionOpening opening)
    {
        var isScoped = opening.Fault is { Kind: SmtpFaultKind.Unmet } || opening.Refusal is { Code: not 421 };
        return opening.Stage switch
        {
            SmtpStage.StartTls when isScoped => HostMark.LeftOutForTls,
            SmtpStage.Auth when isScoped => HostMark.LeftOutForProfile,
            _ when opening.Refusal is { Code: not 421 } => HostMark.LeftOut,
            _ => MarkOf(opening.Fault),
        };
    }

    // What is said wrong is no word about the number of connections.
    private static HostMark MarkOf(SmtpFault? fault) =>
        fault is { Kind: not (SmtpFaultKind.Lost or SmtpFaultKind.TimedOut) } ? HostMark.LeftOut
        : HostMark.NoConnection;

    /// <summary>The strike of a 4xx: none for 4.7.x, strong for 4.3.1 and 4.3.2, else weak.</summary>
    public static HostMark StrikeOf(SmtpReply reply) => reply.Status switch
    {
        { Subject: 7 } => HostMark.None,
        { Subject: 3, Detail: 1 or 2 } => HostMark.Strong,
        _ => HostMark.Weak,
    };

    private static Verdict JudgeMail(TransactionReport report, int count, bool wasReused)
    {
        if (report.Mail is not { } reply)
        {
            var dead = wasReused && report.Fault is { Kind: SmtpFaultKind.Lost };
            return dead ? All(count, new(RecipientFate.FreshConnection), HostMark.None)
                : All(count, new(RecipientFate.NextHost), MarkOf(report.Fault));
        }
        if (reply.Code == 421)
        {
            return wasReused ? All(count, new(RecipientFate.FreshConnection, reply), HostMark.None)
                : All(count, new(RecipientFate.NextHost, reply, true), HostMark.NoConnection);
        }
        if (reply.IsAboutCredentials) return WithoutCredentials(reply, count);
        if (reply.IsTransient) return All(count, new(RecipientFate.NextHost, reply, true), StrikeOf(reply));
        if (reply.Code is (>= 500 and <= 504) or 555)
            return All(count, new(RecipientFate.NextHost, reply), HostMark.Weak);
        if (reply.IsPermanent) return All(count, new(RecipientFate.Bounce, reply), HostMark.None);
        return All(count, new(RecipientFate.NextHost, reply), HostMark.LeftOut);
    }

    private sealed class Scan
    {
        public int Taken;
        public SmtpReply? Closing;
        public SmtpReply? Credentials;
        public List<string>? Refused;
    }

    private static Scan ScanRecipients(
        TransactionReport report, IReadOnlyList<Mailbox> addresses, RecipientVerdict[] fates,
        RecipientFate afterRcpt4xx)
    {
        var scan = new Scan();
        for (var i = 0; i < fates.Length; i++)
        {
            var reply = report.Recipients[i];
            if (reply is null or { IsIntermediate: true })
            {
                fates[i] = new(RecipientFate.NextHost);
            }
            else if (reply.IsPositive)
            {
                scan.Taken++;
                fates[i] = new(RecipientFate.Accepted, reply);
            }
            else if (reply.Code == 421)
            {
                scan.Closing ??= reply;
                fates[i] = new(RecipientFate.NextHost, reply, true);
            }
            else if (reply.IsAboutCredentials)
            {
                scan.Credentials ??= reply;
                fates[i] = new(RecipientFate.NextHost, reply);
            }
            else if (scan.Taken > 0 && SaysTooMany(reply))
            {
                fates[i] = new(RecipientFate.Again, reply);
            }
            else if (reply.IsTransient)
            {
                if (!IsMailboxOrPolicy(reply)) (scan.Refused ??= []).Add(addresses[i].Text);
                fates[i] = new(afterRcpt4xx, reply, true);
            }
            else
            {
                fates[i] = new(RecipientFate.Bounce, reply);
            }
        }
        return scan;
    }

    // RFC 5321 §4.5.3.1.10: 452 for too many recipients; a 552 of older hosts means the same. With an enhanced status
    // only 4.5.3 says so.
    private static bool SaysTooMany(SmtpReply reply) =>
        (reply.Code == 452 && reply.Status is null or { Subject: 5, Detail: 3 })
        || (reply.Code == 552 && reply.Status is null);

    // Greylists (4.7.x) and full mailboxes (4.2.x) are about a message or a mailbox, never about the host.
    private static bool IsMailboxOrPolicy(SmtpReply reply) => reply.Status is { Subject: 7 or 2 };

    private static Verdict WithoutRecipients(RecipientVerdict[] fates, Scan scan) => new()
    {
        Recipients = fates,
        Mark = scan.Refused is null ? HostMark.None : HostMark.RecipientsRefused,
        RefusedAddresses = scan.Refused ?? [],
    };

    // Credentials were demanded or refused at MAIL, RCPT or DATA: that is about the profile, not about the mail.
    private static Verdict WithoutCredentials(SmtpReply demand, int count) =>
        All(count, new(RecipientFate.NextHost, demand), HostMark.LeftOutForProfile) with { Alert = true };

    private static Verdict JudgeContent(
        TransactionReport report, RecipientVerdict[] fates, Scan scan, bool possibleDelivery)
    {
        if (report.Data is { IsAboutCredentials: true } demand) return WithoutCredentials(demand, fates.Length);
        if (report.DotWritten is not null && report.FinalDot is { IsPositive: true })
            return Taken(fates, scan) with { Mark = HostMark.Accepted };
        var answer = report.DotWritten is not null ? report.FinalDot : EarlyAnswer(report) ?? report.Data;
        if (answer is { IsTransient: true } or { IsPermanent: true }) return JudgeRefusal(answer, fates, scan);
        if (report.DotWritten is not null)
        {
            return possibleDelivery ? Taken(fates, scan) with { Mark = HostMark.Strong }
                : Spread(fates, new(RecipientFate.Uncertain), HostMark.Strong, scan);
        }
        // Lost, timed out, malformed or of the wrong class before the final dot was written.
        return Spread(fates, new(RecipientFate.NextHost), HostMark.Strong, scan);
    }

    // A host may refuse while the content is still being written; what it says counts like its reply to the dot.
    private static SmtpReply? EarlyAnswer(TransactionReport report) =>
        report.Fault is { Stage: SmtpStage.Content, Reply: { } reply } ? reply : null;

    private static Verdict JudgeRefusal(SmtpReply answer, RecipientVerdict[] fates, Scan scan)
    {
        if (answer.IsPermanent) return Spread(fates, new(RecipientFate.Bounce, answer), HostMark.None, scan);
        var mark = answer.Code == 421 ? StrengthOf421(answer) : StrikeOf(answer);
        return Spread(fates, new(RecipientFate.NextHost, answer, true), mark, scan);
    }

    // A 421 after MAIL was answered is a strong strike, except where it speaks of policy (4.7.x).
    private static HostMark StrengthOf421(SmtpReply reply) =>
        reply.Status is { Subject: 7 } ? HostMark.None : HostMark.Strong;

    private static Verdict All(int count, RecipientVerdict verdict, HostMark mark)
    {
        var all = new RecipientVerdict[count];
        Array.Fill(all, verdict);
        return new() { Recipients = all, Mark = mark };
    }

    private static Verdict Taken(RecipientVerdict[] fates, Scan scan) =>
        new() { Recipients = fates, AnyRecipientTaken = scan.Taken > 0 };

    // Gives all that have no final result yet, those that RCPT accepted among them, one fate.
    private static Verdict Spread(RecipientVerdict[] fates, RecipientVerdict fate, HostMark mark, Scan scan)
    {
        for (var i = 0; i < fates.Length; i++)
        {
            var undecided = fates[i].Fate == RecipientFate.Accepted
                || (fate.Fate == RecipientFate.NextHost && fates[i] is { Fate: RecipientFate.Again });
            if (undecided) fates[i] = fate;
        }
        return new() { Recipients = fates, Mark = mark, AnyRecipientTaken = scan.Taken > 0 };
    }
}
