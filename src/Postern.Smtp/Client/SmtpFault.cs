using Postern.Mail;

namespace Postern.Smtp.Client;

/// <summary>Why a stage did not end with a usable reply.</summary>
public enum SmtpFaultKind
{
    /// <summary>The connection was refused, reset, closed, or the network said no.</summary>
    Lost,
    /// <summary>No reply within the time-out of the stage.</summary>
    TimedOut,
    /// <summary>Not a reply: no three digits, a code that differs in a continuation line, or past a limit.</summary>
    Malformed,
    /// <summary>A reply of a class the command does not have, such as 354 to MAIL or 250 to DATA.</summary>
    WrongClass,
    /// <summary>
    /// TLS failed after its 220, or what is asked of TLS or credentials cannot be had from this host. Stage
    /// <see cref="SmtpStage.StartTls"/> or <see cref="SmtpStage.Auth"/>.
    /// </summary>
    Unmet,
}

/// <summary>
/// What broke, where. <see cref="Details"/> is for the log; <see cref="Reply"/> is set for a wrong class.
/// </summary>
public sealed record SmtpFault(SmtpStage Stage, SmtpFaultKind Kind, string Details, SmtpReply? Reply = null);
