using Postern.Mail;

namespace Postern.Delivery.Deciding;

/// <summary>What becomes of one recipient after an attempt at one host.</summary>
public enum RecipientFate
{
    /// <summary>The host took it.</summary>
    Accepted,
    /// <summary>To the next host at once.</summary>
    NextHost,
    /// <summary>Its round is over with the host's 4xx: held for the wait of its profile.</summary>
    Held,
    /// <summary>A hard bounce.</summary>
    Bounce,
    /// <summary>A further transaction on this host.</summary>
    Again,
    /// <summary>No usable reply after the final dot.</summary>
    Uncertain,
    /// <summary>Nobody's failure: a fresh connection to the same host.</summary>
    FreshConnection,
    /// <summary>The content could not be read here: held, and no host's failure.</summary>
    HeldHere,
}

/// <summary>One recipient after an attempt. <see cref="Reply"/> is the host's word that decided, if it spoke.</summary>
/// <param name="Fate">What becomes of it.</param>
/// <param name="Reply">The reply; null: none.</param>
/// <param name="AnswersMail">The reply is a 4xx to the mail itself, so that the profile's wait holds (contract §3,
/// round).</param>
public readonly record struct RecipientVerdict(RecipientFate Fate, SmtpReply? Reply = null, bool AnswersMail = false);

/// <summary>What an attempt says of the host.</summary>
public enum HostMark
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>A 250 to a dot.</summary>
    Accepted,
    /// <summary>A strong strike.</summary>
    Strong,
    /// <summary>A weak strike.</summary>
    Weak,
    /// <summary>Recipients were answered 4xx and none was accepted.</summary>
    RecipientsRefused,
    /// <summary>Left out.</summary>
    LeftOut,
    /// <summary>
    /// Refused, closed, answered 421 or not at all before MAIL was taken: left out; or, while other connections
    /// prosper, it wants no more of them (contract §3, choosing, 4).
    /// </summary>
    NoConnection,
    /// <summary>Left out for the profile of credentials.</summary>
    LeftOutForProfile,
    /// <summary>Left out for the TLS policy.</summary>
    LeftOutForTls,
}

/// <summary>The verdict on an attempt.</summary>
public sealed record Verdict
{
    /// <summary>By index of the recipient in the transaction.</summary>
    public required IReadOnlyList<RecipientVerdict> Recipients { get; init; }
    /// <summary>What it says of the host.</summary>
    public HostMark Mark { get; init; }
    /// <summary>Addresses behind <see cref="HostMark.RecipientsRefused"/>.</summary>
    public IReadOnlyList<string> RefusedAddresses { get; init; } = [];
    /// <summary>Some recipient was accepted at RCPT: the row of refused messages ends.</summary>
    public bool AnyRecipientTaken { get; init; }
    /// <summary>Credentials were refused or demanded: an alert.</summary>
    public bool Alert { get; init; }
}
