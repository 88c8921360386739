using Postern.Mail;

namespace Postern.Smtp.Client;

/// <summary>
/// How opening a session ended: ready, or refused by a reply, or broken. Exactly one of the last two is set unless
/// ready.
/// </summary>
public sealed record SessionOpening(SmtpStage Stage, SmtpReply? Refusal, SmtpFault? Fault)
{
    /// <summary>The session takes transactions.</summary>
    public bool IsReady => Refusal is null && Fault is null;
}
