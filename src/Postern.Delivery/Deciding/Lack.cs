using Postern.Mail;
using Postern.Smtp.Client;

namespace Postern.Delivery.Deciding;

/// <summary>What a next hop lacks for a message (contract §3, rules under the table).</summary>
/// <param name="Status">The status of the hard bounce when every host lacks it.</param>
/// <param name="Text">In words.</param>
public sealed record Lack(EnhancedStatus Status, string Text)
{
    private static readonly Lack SmtpUtf8 = new(new(5, 6, 7), "the next hop does not offer SMTPUTF8");
    private static readonly Lack EightBit = new(new(5, 6, 3), "the next hop does not offer 8BITMIME");
    private static readonly Lack Size = new(new(5, 3, 4), "the message is larger than the next hop takes");

    /// <summary>
    /// What is missing; null: nothing. SMTPUTF8: RFC 6531 §3.5; 8BITMIME: RFC 6152 §3; SIZE: RFC 1870 §6.1, where 0 is
    /// no limit.
    /// </summary>
    public static Lack? Of(SmtpExtensions offered, bool smtpUtf8, bool eightBit, long size) =>
        smtpUtf8 && !offered.SmtpUtf8 ? SmtpUtf8
        : eightBit && !offered.EightBitMime ? EightBit
        : offered.MaxSize is > 0 and var max && size > max ? Size
        : null;
}
