using System.Collections.Frozen;

namespace Postern.Mail;

/// <summary>
/// What an enhanced status code says in words, and which one a reply without one stands for. The codes are those of
/// the IANA registry "SMTP Enhanced Status Codes" (RFC 5248); the words are short, those of an ESA where they are
/// known. Pure.
/// </summary>
public static class EnhancedStatusText
{
    private static readonly FrozenDictionary<(int Subject, int Detail), string> Words =
        new Dictionary<(int, int), string>
        {
            [(0, 0)] = "Other undefined status",
            [(1, 0)] = "Unknown address error",
            [(1, 1)] = "Bad destination email address",
            [(1, 2)] = "Bad destination host",
            [(1, 3)] = "Bad destination email address syntax",
            [(1, 4)] = "Destination email address ambiguous",
            [(1, 5)] = "Destination address valid",
            [(1, 6)] = "Destination mailbox has moved, no forwarding address",
            [(1, 7)] = "Bad sender's email address syntax",
            [(1, 8)] = "Bad sender's host",
            [(1, 9)] = "Message relayed to non-compliant mailer",
            [(1, 10)] = "Recipient address has null MX",
            [(2, 0)] = "Other mailbox problem",
            [(2, 1)] = "Mailbox disabled, not accepting messages",
            [(2, 2)] = "Mailbox full",
            [(2, 3)] = "Message length exceeds administrative limit",
            [(2, 4)] = "Mailing list expansion problem",
            [(3, 0)] = "Other mail system problem",
            [(3, 1)] = "Mail system full",
            [(3, 2)] = "Not accepting messages at this time",
            [(3, 3)] = "Not capable of selected features",
            [(3, 4)] = "Message too big for system",
            [(3, 5)] = "System incorrectly configured",
            [(3, 6)] = "Requested priority was changed",
            [(4, 0)] = "Other network problem",
            [(4, 1)] = "No answer from host",
            [(4, 2)] = "Bad connection",
            [(4, 3)] = "Directory server failure",
            [(4, 4)] = "Unable to route",
            [(4, 5)] = "Mail system congestion",
            [(4, 6)] = "Routing loop detected",
            [(4, 7)] = "Delivery expired (message too old)",
            [(5, 0)] = "Other protocol problem",
            [(5, 1)] = "Invalid command",
            [(5, 2)] = "Syntax error",
            [(5, 3)] = "Too many recipients",
            [(5, 4)] = "Invalid command arguments",
            [(5, 5)] = "Wrong protocol version",
            [(5, 6)] = "Authentication exchange line is too long",
            [(6, 0)] = "Other media problem",
            [(6, 1)] = "Media not supported",
            [(6, 2)] = "Conversion required and prohibited",
            [(6, 3)] = "Conversion required but not supported",
            [(6, 4)] = "Conversion with loss performed",
            [(6, 5)] = "Conversion failed",
            [(6, 6)] = "Message content not available",
            [(6, 7)] = "Non-ASCII addresses not permitted for that sender/recipient",
            [(6, 8)] = "UTF-8 string reply is required, but not permitted by the SMTP client",
            [(6, 9)] = "UTF-8 header message cannot be transferred to one or more recipients",
            [(6, 10)] = "UTF-8 string reply is required, but not permitted by the SMTP client",
            [(7, 0)] = "Other security problem",
            [(7, 1)] = "Delivery not authorized, message refused",
            [(7, 2)] = "Mailing list expansion prohibited",
            [(7, 3)] = "Security conversion required but not possible",
            [(7, 4)] = "Security features not supported",
            [(7, 5)] = "Cryptographic failure",
            [(7, 6)] = "Cryptographic algorithm not supported",
            [(7, 7)] = "Message integrity failure",
            [(7, 8)] = "Authentication credentials invalid",
            [(7, 9)] = "Authentication mechanism is too weak",
            [(7, 10)] = "Encryption needed",
            [(7, 11)] = "Encryption required for requested authentication mechanism",
            [(7, 12)] = "A password transition is needed",
            [(7, 13)] = "User account disabled",
            [(7, 14)] = "Trust relationship required",
            [(7, 15)] = "Priority level is too low",
            [(7, 16)] = "Message is too big for the specified priority",
            [(7, 17)] = "Mailbox owner has changed",
            [(7, 18)] = "Domain owner has changed",
            [(7, 19)] = "RRVS test cannot be completed",
            [(7, 20)] = "No passing DKIM signature found",
            [(7, 21)] = "No acceptable DKIM signature found",
            [(7, 22)] = "No valid author-matched DKIM signature found",
            [(7, 23)] = "SPF validation failed",
            [(7, 24)] = "SPF validation error",
            [(7, 25)] = "Reverse DNS validation failed",
            [(7, 26)] = "Multiple authentication checks failed",
            [(7, 27)] = "Sender address has null MX",
            [(7, 28)] = "Mail flood detected",
            [(7, 29)] = "ARC validation failure",
            [(7, 30)] = "REQUIRETLS support required",
        }.ToFrozenDictionary();

    /// <summary>
    /// The words for a status; for a detail nobody registered those of its subject, then of the whole.
    /// </summary>
    public static string Of(EnhancedStatus status) =>
        Words.TryGetValue((status.Subject, status.Detail), out var words) ? words
        : Words.TryGetValue((status.Subject, 0), out words) ? words
        : Words[(0, 0)];

    /// <summary>
    /// The status of a reply: the one it gives, else the one its code stands for by RFC 5321 §4.2.3 and the
    /// "associated basic status codes" of the registry, else <c>class.0.0</c>.
    /// </summary>
    public static EnhancedStatus Of(SmtpReply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        return reply.Status ?? Of(reply.Code);
    }

    /// <summary>
    /// The status a code without one stands for. A code that is neither 2xx, 4xx nor 5xx counts as 4xx.
    /// </summary>
    public static EnhancedStatus Of(int code)
    {
        var (subject, detail) = code switch
        {
            421 or 453 or 521 => (3, 2),
            422 or 552 => (2, 2),
            432 => (7, 12),
            450 => (2, 0),
            451 or 554 => (3, 0),
            452 => (3, 1),
            454 or 530 => (7, 0),
            455 or 501 or 504 or 555 => (5, 4),
            500 => (5, 2),
            502 or 503 => (5, 1),
            525 => (7, 13),
            534 => (7, 9),
            535 => (7, 8),
            538 => (7, 11),
            550 => (1, 0),
            551 => (1, 6),
            553 => (1, 3),
            556 => (1, 10),
            _ => (0, 0),
        };
        return new EnhancedStatus(code / 100 is 2 or 5 ? code / 100 : 4, subject, detail);
    }
}
