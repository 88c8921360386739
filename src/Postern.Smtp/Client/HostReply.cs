using Postern.Mail;

namespace Postern.Smtp.Client;

/// <summary>What came where a reply was due: a reply, or the fault in its place. Exactly one is set.</summary>
internal readonly record struct HostReply(SmtpReply? Reply, SmtpFault? Fault);
