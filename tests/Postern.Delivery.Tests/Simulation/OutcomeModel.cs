using Postern.Mail;
using Postern.Smtp.Client;

namespace Postern.Delivery.Tests.Simulation;

/// <summary>What becomes of a recipient by the table of contract §3.</summary>
internal enum Fate { Accepted, NextHost, Held, Bounced, SameHost, Uncertain, Fresh }

/// <summary>The fate of one recipient.</summary>
/// <param name="Fate">What becomes of it.</param>
/// <param name="AnsweredMail">A 4xx to the mail itself; null: a 421, of which that may be said or not.</param>
/// <param name="IsStored">The host has spoken, so that the outcome is durable before the next attempt.</param>
internal readonly record struct FateModel(Fate Fate, bool? AnsweredMail = false, bool IsStored = false);

/// <summary>The table "What moves mail on to the next host", read off the facts once more for the tests.</summary>
internal static class OutcomeModel
{
    public static Effect OfOpening(SessionOpening opening)
    {
        var aboutUs = opening.Fault?.Kind == SmtpFaultKind.Unmet || opening.Refusal is { Code: not 421 };
        return !aboutUs ? OfNothing(opening.Fault)
            : opening.Stage == SmtpStage.StartTls ? Effect.OutForTls
            : opening.Stage == SmtpStage.Auth ? Effect.OutForProfile
            : Effect.Out;
    }

    // Refused, closed, answered 421 or not at all.
    private static Effect OfNothing(SmtpFault? fault) =>
        fault is { Kind: SmtpFaultKind.Malformed or SmtpFaultKind.WrongClass } ? Effect.Out : Effect.NoConnection;

    public static (Effect Effect, FateModel[] Fates, List<int> Refused) OfTransaction(
        TransactionReport report, int count, bool wasReused, bool holdsAfterRcpt4xx)
    {
        var fates = new FateModel[count];
        if (report.Mail is not { Code: >= 200 and <= 299 })
        {
            var (effect, fate) = OfMail(report, wasReused);
            Array.Fill(fates, fate);
            return (effect, fates, []);
        }
        if (report.Recipients.Append(report.Data).FirstOrDefault(r => r?.Code is 530 or 534 or 535 or 538) is not null)
        {
            Array.Fill(fates, new(Fate.NextHost, false, true));
            return (Effect.OutForProfile, fates, []);
        }
        var taken = 0;
        var refused = new List<int>();
        for (var i = 0; i < count; i++)
        {
            fates[i] = OfRcpt(report.Recipients[i], taken, holdsAfterRcpt4xx ? Fate.Held : Fate.NextHost);
            if (fates[i].Fate == Fate.Accepted) taken++;
            if (fates[i].Fate is Fate.NextHost or Fate.Held && report.Recipients[i] is { } reply && IsAboutHost(reply))
                refused.Add(i);
        }
        if (report.Recipients.Any(r => r?.Code == 421))
            return (Effect.Strong, Rest(fates, new(Fate.NextHost, null)), []);
        if (taken == 0) return (refused.Count > 0 ? Effect.NoneAccepted : Effect.None, fates, refused);
        return OfContent(report, fates);
    }

    private static (Effect, FateModel) OfMail(TransactionReport report, bool wasReused)
    {
        if (report.Mail is not { } mail)
        {
            return wasReused && report.Fault?.Kind == SmtpFaultKind.Lost ? (Effect.None, new(Fate.Fresh))
                : (OfNothing(report.Fault), new(Fate.NextHost));
        }
        return mail.Code switch
        {
            421 => wasReused ? (Effect.None, new(Fate.Fresh)) : (Effect.NoConnection, new(Fate.NextHost, null)),
            530 or 534 or 535 or 538 => (Effect.OutForProfile, new(Fate.NextHost, false, true)),
            < 500 => (StrikeOf(mail), new(Fate.NextHost, true, true)),
            <= 504 or 555 => (Effect.Weak, new(Fate.NextHost, false, true)),
            _ => (Effect.None, new(Fate.Bounced, false, true)),
        };
    }

    private static FateModel OfRcpt(SmtpReply? reply, int taken, Fate after4xx) => reply switch
    {
        null => new(Fate.NextHost),
        { Code: < 300 } => new(Fate.Accepted),
        { Code: 452, Status: { Subject: 5, Detail: 3 } } when taken > 0 => new(Fate.SameHost),
        { Code: 421 } => new(Fate.NextHost, null),
        { Code: < 500 } => new(after4xx, true, true),
        _ => new(Fate.Bounced, false, true),
    };

    private static (Effect, FateModel[], List<int>) OfContent(TransactionReport report, FateModel[] fates)
    {
        var answer = report.FinalDot ?? report.Data;
        if (report.FinalDot is { Code: < 300 })
        {
            for (var i = 0; i < fates.Length; i++)
                if (fates[i].Fate == Fate.Accepted) fates[i] = new(Fate.Accepted, false, true);
            return (Effect.Accepted, fates, []);
        }
        if (answer is { Code: 421 }) return (Effect.Strong, Rest(fates, new(Fate.NextHost, null)), []);
        if (answer is { Code: >= 400 and < 500 })
            return (StrikeOf(answer), Rest(fates, new(Fate.NextHost, true, true)), []);
        if (report.FinalDot is { Code: >= 500 }) return (Effect.None, Rest(fates, new(Fate.Bounced, false, true)), []);
        if (report.DotWritten is null) return (Effect.Strong, Rest(fates, new(Fate.NextHost)), []);
        for (var i = 0; i < fates.Length; i++)
            if (fates[i].Fate == Fate.Accepted) fates[i] = new(Fate.Uncertain, false, true);
        return (Effect.Strong, fates, []);
    }

    // Every one without a final result.
    private static FateModel[] Rest(FateModel[] fates, FateModel fate)
    {
        for (var i = 0; i < fates.Length; i++)
            if (fates[i].Fate is Fate.Accepted or Fate.SameHost) fates[i] = fate;
        return fates;
    }

    private static Effect StrikeOf(SmtpReply reply) => reply.Status switch
    {
        { Subject: 7 } => Effect.None,
        { Subject: 3, Detail: 1 or 2 } => Effect.Strong,
        _ => Effect.Weak,
    };

    private static bool IsAboutHost(SmtpReply reply) => reply.Status is not ({ Subject: 7 } or { Subject: 2 });
}
