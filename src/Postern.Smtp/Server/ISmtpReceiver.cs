using Postern.Mail;

namespace Postern.Smtp.Server;

/// <summary>How the client greeted: its name, printable ASCII of at most 255 octets, and EHLO or HELO.</summary>
public sealed record ClientGreeting(string Name, bool Extended);

/// <summary>A MAIL command that is right by syntax and limits.</summary>
/// <param name="Greeting">The EHLO or HELO before it.</param>
/// <param name="Envelope">What it says.</param>
/// <param name="Size">Octets that the client says the content has (RFC 1870 §4); 0: it does not say.</param>
public readonly record struct MailRequest(ClientGreeting Greeting, Envelope Envelope, long Size = 0);

/// <summary>A RCPT command that is right by syntax and limits. The bare <c>postmaster</c> has no domain yet.</summary>
public readonly record struct RecipientRequest(Mailbox ForwardPath, DsnNotify Notify, string? OriginalRecipient);

/// <summary>
/// What a session asks about mail. One a session, called by one thread at a time, in the order MAIL, RCPT, content,
/// end. Every accepted <see cref="Mail"/> is ended by exactly one of <see cref="Abort"/>,
/// <see cref="RefuseContentAsync"/> and <see cref="CommitAsync"/>. Failures are replies, not exceptions.
/// </summary>
public interface ISmtpReceiver
{
    /// <summary>May a transaction begin? Null: yes.</summary>
    ServerReply? Mail(in MailRequest request);

    /// <summary>Is the recipient accepted? Null: yes.</summary>
    ServerReply? Recipient(in RecipientRequest request);

    /// <summary>The transaction ends before its content began.</summary>
    /// <param name="reason">For the log: what the client did, or the reply.</param>
    void Abort(string reason);

    /// <summary>
    /// Takes content as it comes, without stuffed dots; the memory is reused when the task has ended. What cannot be
    /// stored is dropped, and <see cref="CommitAsync"/> says so.
    /// </summary>
    ValueTask AppendAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>The content is refused or the client left within it; nothing of it stays.</summary>
    /// <param name="reason">For the log: what the client did, or the reply.</param>
    ValueTask RefuseContentAsync(string reason);

    /// <summary>The content is whole and well formed: makes it durable. The reply to the final dot.</summary>
    ValueTask<ServerReply> CommitAsync();

    /// <summary>Something for the log: bad input, a limit, a broken connection. Text of the client is raw.</summary>
    void Problem(string text);
}
