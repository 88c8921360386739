using System.Net;
using System.Text;
using Postern.Mail;
using Postern.Reporting;
using Postern.Smtp.Server;
using Postern.Spool;

namespace Postern.Reception;

/// <summary>What one session needs to know, as it was when the session began.</summary>
internal sealed record SessionPolicy(
    ReceptionOptions Options, ListenerOptions Listener, IPAddress Client, bool MayRelay);

/// <summary>
/// Answers a session's questions about mail and takes its messages into the spool. One a session; its members are
/// called by one thread at a time.
/// </summary>
internal sealed class MailReceiver(
    SessionPolicy policy, SessionLog log, MailSpool spool, IAcceptedMail delivery, TimeProvider time,
    ReceptionTimes times) : ISmtpReceiver
{
    private readonly List<EnvelopeRecipient> _recipients = [];
    private MailRequest _request;
    private Mid _mid;
    private MessageWriter? _writer;
    private HeaderScanner? _header;
    private long _octets;
    private bool _hasEightBit;
    private SpoolException? _storeFailure;

    /// <inheritdoc/>
    public ServerReply? Mail(in MailRequest request)
    {
        // V1: refused before the client has sent what cannot be kept.
        if (!spool.IsOpen) return CannotStore(new SpoolException("the spool is closed"));
        if (!spool.HasRoomFor(request.Size)) return CannotStore(new SpoolFullException());
        try
        {
            _mid = spool.NextMid();
        }
        catch (SpoolException failed)
        {
            return CannotStore(failed);
        }

        _request = request;
        _recipients.Clear();
        (_header, _octets, _hasEightBit, _storeFailure) = (null, 0, false, null);
        log.Publish(new MessageStarted(_mid, log.Icid));
        log.Publish(new MessageFrom(_mid, log.Icid, request.Envelope.ReversePath));
        return null;
    }

    /// <inheritdoc/>
    public ServerReply? Recipient(in RecipientRequest request)
    {
        // RFC 5321 §4.5.1: postmaster without a domain is ours, whoever asks.
        var forwardPath = request.ForwardPath.WithDomain(policy.Options.Smtp.HostName);
        if (!request.ForwardPath.IsBarePostmaster && !policy.MayRelay && !IsAccepted(forwardPath))
        {
            log.Publish(new RecipientRejected(_mid, log.Icid, forwardPath.Text));
            return Replies.RelayDenied;
        }

        var rid = new Rid(_recipients.Count);
        _recipients.Add(new EnvelopeRecipient(rid, forwardPath)
        {
            Notify = request.Notify,
            OriginalRecipient = request.OriginalRecipient,
        });
        log.Publish(new RecipientAccepted(_mid, log.Icid, rid, forwardPath));
        return null;
    }

    /// <inheritdoc/>
    public void Abort(string reason) => log.Publish(new MessageAborted(_mid, log.Icid, reason));

    /// <inheritdoc/>
    public async ValueTask AppendAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        _octets += content.Length;
        if (_storeFailure is not null) return;
        _header ??= new HeaderScanner();
        if (!_header.HasEnded) _header.Scan(content.Span);
        _hasEightBit = _hasEightBit || !Ascii.IsValid(content.Span);
        try
        {
            _writer ??= await BeginAsync().ConfigureAwait(false);
            await _writer.AppendAsync(content, cancellationToken).ConfigureAwait(false);
        }
        catch (SpoolException failed)
        {
            await DropWriterAsync().ConfigureAwait(false);
            _storeFailure = failed;
        }
    }

    /// <inheritdoc/>
    public async ValueTask RefuseContentAsync(string reason)
    {
        await DropWriterAsync().ConfigureAwait(false);
        Abort(reason);
    }

    /// <inheritdoc/>
    public async ValueTask<ServerReply> CommitAsync()
    {
        var began = time.GetTimestamp();
        if (_header?.ReceivedFields > policy.Options.MaxReceivedFields)
        {
            await RefuseContentAsync(Replies.MailLoop.ToString()).ConfigureAwait(false);
            return Replies.MailLoop;
        }

        if (_header?.MessageId is { } messageId) log.Publish(new MessageIdSeen(_mid, messageId));
        if (_header?.Subject is { } subject) log.Publish(new SubjectSeen(_mid, subject));
        log.Publish(new MessageReady(_mid, _octets, _request.Envelope.ReversePath));
        if (await StoreAsync().ConfigureAwait(false) is not { } message)
        {
            var reply = ReplyTo(_storeFailure!);
            await RefuseContentAsync($"{reply}: {_storeFailure!.Message}").ConfigureAwait(false);
            return reply;
        }

        // P1: from here on the message is ours. The event is first, so that the log tells it before its delivery.
        log.Publish(new MessageQueued(_mid));
        delivery.Accepted(message);
        times.FinalDot.Add(time.GetElapsedTime(began));
        return new ServerReply(Encoding.ASCII.GetBytes($"250 2.0.0 MID {_mid} queued"));
    }

    /// <inheritdoc/>
    public void Problem(string text) => log.Publish(new IncomingProblem(log.Icid, text));

    // Null: not durable, and never to be delivered (P3).
    private async ValueTask<StoredMessage?> StoreAsync()
    {
        if (_storeFailure is not null) return null;
        try
        {
            // A message without any content still has our field.
            _writer ??= await BeginAsync().ConfigureAwait(false);
            var message = new StoredMessage(_mid, log.Icid, _request.Envelope, time.GetUtcNow())
            {
                Size = _writer.Octets,
                HasEightBit = _hasEightBit,
                Recipients = [.. _recipients.Select(recipient => new StoredRecipient(recipient, RecipientState.Fresh))],
            };
            await delivery.RoomAsync().ConfigureAwait(false);
            var began = time.GetTimestamp();
            await _writer.CommitAsync(message).ConfigureAwait(false);
            times.Commit.Add(time.GetElapsedTime(began));
            await DropWriterAsync().ConfigureAwait(false);
            return message;
        }
        catch (SpoolException failed)
        {
            _storeFailure = failed;
            return null;
        }
    }

    private async ValueTask<MessageWriter> BeginAsync()
    {
        var writer = spool.BeginMessage(_mid);
        _writer = writer;
        await writer.AppendAsync(ReceivedField.Format(_request, policy.Client, log.VerifiedName,
            policy.Options.Smtp.HostName, _mid, time.GetLocalNow()), CancellationToken.None).ConfigureAwait(false);
        return writer;
    }

    private async ValueTask DropWriterAsync()
    {
        if (_writer is not { } writer) return;
        _writer = null;
        await writer.DisposeAsync().ConfigureAwait(false);
    }

    // Open-relay list §2.7, 5, 6, 20, 23: a local part that names a further host would make a relay of the next hop,
    // which trusts us.
    private bool IsAccepted(Mailbox forwardPath) => forwardPath.Domain is { } domain
        && policy.Listener.AcceptFor.Contains(domain)
        && forwardPath.LocalPart.AsSpan().IndexOfAny('@', '%', '!') < 0;

    private ServerReply CannotStore(SpoolException failure)
    {
        Problem($"answered {ReplyTo(failure)}: {failure.Message}");
        return ReplyTo(failure);
    }

    private static ServerReply ReplyTo(SpoolException failure) =>
        failure is SpoolFullException ? Replies.DiskFull : Replies.CannotStore;
}
