using Postern.Mail;

namespace Postern.Smtp.Client;

/// <summary>One message for some recipients of it.</summary>
public sealed record OutgoingTransaction(
    Envelope Envelope, IReadOnlyList<EnvelopeRecipient> Recipients, long Size, bool HasEightBit,
    Func<IContentSource> OpenContent);
