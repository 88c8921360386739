using System.Net;
using Postern.Mail.Dsn;

namespace Postern.Mail;

/// <summary>
/// Something that happened to mail: one line of the mail log. Text from peers is raw; Reporting escapes it.
/// </summary>
public abstract record MailEvent;

/// <summary>A client connected. <see cref="ReverseName"/> null: unknown.</summary>
public sealed record IncomingConnection(
    Icid Icid, string Listener, IPAddress LocalAddress, IPAddress Client, string? ReverseName, bool Verified)
    : MailEvent;

/// <summary>What the client may do: RELAY with the network that matched, or ACCEPT.</summary>
public sealed record SenderGroupMatched(Icid Icid, bool Relay, string Group, string Match) : MailEvent;

/// <summary>A session ended.</summary>
public sealed record IncomingClosed(Icid Icid) : MailEvent;

/// <summary>
/// A session met bad input, a limit or a broken connection; <see cref="Text"/> says what was answered and why.
/// </summary>
public sealed record IncomingProblem(Icid Icid, string Text) : MailEvent;

/// <summary>MAIL was accepted, or the gateway began a message of its own (ICID 0).</summary>
public sealed record MessageStarted(Mid Mid, Icid Icid) : MailEvent;

/// <summary>The reverse-path; null: <c>&lt;&gt;</c>.</summary>
public sealed record MessageFrom(Mid Mid, Icid Icid, Mailbox? ReversePath) : MailEvent;

/// <summary>A recipient was accepted.</summary>
public sealed record RecipientAccepted(Mid Mid, Icid Icid, Rid Rid, Mailbox ForwardPath) : MailEvent;

/// <summary>A recipient was refused because neither the client nor the domain may relay.</summary>
public sealed record RecipientRejected(Mid Mid, Icid Icid, string ForwardPath) : MailEvent;

/// <summary>The Message-ID field as it stands, without surrounding white space; null when there is none.</summary>
public sealed record MessageIdSeen(Mid Mid, string? MessageId) : MailEvent;

/// <summary>The Subject as it stands in the header, unfolded; null when there is none.</summary>
public sealed record SubjectSeen(Mid Mid, string? Subject) : MailEvent;

/// <summary>The message is whole; octets as received, without our Received field.</summary>
public sealed record MessageReady(Mid Mid, long Octets, Mailbox? ReversePath) : MailEvent;

/// <summary>The message is durable and waits for delivery.</summary>
public sealed record MessageQueued(Mid Mid) : MailEvent;

/// <summary>
/// A message that had a MID was not taken: refused, too large, the client left, or the commit failed.
/// </summary>
public sealed record MessageAborted(Mid Mid, Icid Icid, string Reason) : MailEvent;

/// <summary>A message of our own was made because of another: its bounce, or what <see cref="Action"/> says.</summary>
public sealed record BounceGenerated(Mid Bounce, Mid Original, DsnAction Action = DsnAction.Failed) : MailEvent;

/// <summary>A message of our own was made to tell an operator what is wrong.</summary>
public sealed record AlertGenerated(Mid Mid) : MailEvent;

/// <summary>
/// A report was not written: too many go to the domain of the sender, and it would be too old when its turn comes.
/// </summary>
public sealed record ReportDropped(Mid Mid, IReadOnlyList<Rid> Recipients, Mailbox Sender) : MailEvent;

/// <summary>A bounce could not be delivered, and no bounce is made of it.</summary>
public sealed record DoubleBounce(Mid Mid, Rid Rid) : MailEvent;

/// <summary>TCP is connected.</summary>
public sealed record OutgoingConnection(Dcid Dcid, IPAddress Interface, IPAddress Address, int Port) : MailEvent;

/// <summary>
/// A connection failed before a message began. <see cref="Address"/> is the name where there is no address.
/// <see cref="Details"/> for a reply: code, hyphen and its lines joined by line feeds; else the error.
/// <see cref="Reason"/>: <c>unexpected SMTP response</c> or <c>network error</c>.
/// </summary>
public sealed record OutgoingConnectionError(
    Dcid Dcid, string Domain, string Address, int Port, string Details, IPAddress? Interface, string Reason)
    : MailEvent;

/// <summary>TLS is up.</summary>
public sealed record OutgoingTls(Dcid Dcid, string Protocol, string Cipher) : MailEvent;

/// <summary>A message is offered on a connection.</summary>
public sealed record DeliveryStarted(Dcid Dcid, Mid Mid, IReadOnlyList<Rid> Recipients) : MailEvent;

/// <summary>A host took the message for these recipients; the text of its reply follows in a line of its own.</summary>
public sealed record Delivered(Dcid Dcid, Mid Mid, IReadOnlyList<Rid> Recipients, string Response) : MailEvent;

/// <summary>A host answered a 4xx for this recipient.</summary>
public sealed record Delayed(Dcid Dcid, Mid Mid, Rid Rid, SmtpReply Reply) : MailEvent;

/// <summary>Recipients are held: one line a round. <see cref="Profile"/> is the bounce profile.</summary>
public sealed record RecipientsPending(
    Mid Mid, IReadOnlyList<Rid> Recipients, DateTimeOffset Till, string Profile) : MailEvent;

/// <summary>
/// A recipient failed for good. <see cref="Code"/> "000" and <see cref="Lines"/> our own words where no host spoke.
/// </summary>
public sealed record Bounced(
    Dcid Dcid, Mid Mid, Rid Rid, EnhancedStatus Status, string Code, IReadOnlyList<string> Lines) : MailEvent;

/// <summary>No reply after the final dot, taken as delivered.</summary>
public sealed record PossibleDelivery(Dcid Dcid, Mid Mid, IReadOnlyList<Rid> Recipients) : MailEvent;

/// <summary>No reply after the final dot; tried again later. <see cref="Alert"/> from the third time on.</summary>
public sealed record Uncertain(
    Dcid Dcid, Mid Mid, IReadOnlyList<Rid> Recipients, DateTimeOffset Till, string Profile, bool Alert) : MailEvent;

/// <summary>A recipient whose route is /dev/null was discarded.</summary>
public sealed record Discarded(Mid Mid, IReadOnlyList<Rid> Recipients) : MailEvent;

/// <summary>Recipients that an operator deleted from the queue.</summary>
public sealed record Deleted(Mid Mid, IReadOnlyList<Rid> Recipients) : MailEvent;

/// <summary>Recipients that an operator sends to other hosts than their route says.</summary>
public sealed record Redirected(Mid Mid, IReadOnlyList<Rid> Recipients, string Hosts) : MailEvent;

/// <summary>No recipient is left.</summary>
public sealed record MessageFinished(Mid Mid) : MailEvent;

/// <summary>An outgoing connection ended.</summary>
public sealed record OutgoingClosed(Dcid Dcid) : MailEvent;

/// <summary>
/// A host was left out, is probed, or is back. <see cref="Text"/> follows <c>Host NAME: </c> in the log.
/// </summary>
public sealed record HostHealthChanged(string Host, string Text) : MailEvent;

/// <summary>
/// Something about the gateway itself: start, stop, a reload, a failed sync. <see cref="Level"/> Info, Warning or
/// Critical.
/// </summary>
public sealed record GatewayNotice(string Level, string Text) : MailEvent;

/// <summary>The log itself lost events: its queue was full, or its disk was for longer than it can remember.</summary>
public sealed record EventsNotLogged(long Count) : MailEvent;
