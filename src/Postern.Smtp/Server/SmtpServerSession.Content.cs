using System.Buffers;
using Postern.Smtp.Data;

namespace Postern.Smtp.Server;

/// <content>From the 354 to the reply to the final dot.</content>
public sealed partial class SmtpServerSession
{
    private DotDecoder _decoder = new();
    private long _contentSize;
    private ServerReply? _contentRefusal;

    // False: the session ends, with _farewell, or without one when the client left.
    private async ValueTask<bool> ReceiveContentAsync(CancellationToken cancellationToken)
    {
        // Whatever the end is, the transaction is over with it, and a next message needs a MAIL of its own.
        _state = SessionState.Ready;
        (_decoder, _contentSize, _contentRefusal) = (new DotDecoder(), 0, null);
        var ended = false;
        try
        {
            ended = await ReadContentAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (!ended && _contentRefusal is null)
            {
                await _receiver.RefuseContentAsync(_farewell?.ToString() ?? "client left").ConfigureAwait(false);
            }
        }

        if (!ended) return false;
        var reply = _contentRefusal ?? await _receiver.CommitAsync().ConfigureAwait(false);
        if (!reply.IsError) _errors = _idleCommands = _refusedRecipients = 0;
        Write(reply.Wire);
        return true;
    }

    private async ValueTask<bool> ReadContentAsync(CancellationToken cancellationToken)
    {
        if (!await FlushAsync().ConfigureAwait(false)) return false;
        _waitsForCommand = false;
        _clock.BeginContent();
        while (true)
        {
            if (!_input.TryRead(out var result))
            {
                _clock.BeginContentWait();
                result = await _input.ReadAsync(CancellationToken.None).ConfigureAwait(false);
                _clock.EndContentWait();
            }

            _farewell = ContentFarewell();
            if (_farewell is not null) return false;
            var consumed = await TakeAsync(result.Buffer, cancellationToken).ConfigureAwait(false);
            _input.AdvanceTo(result.Buffer.GetPosition(consumed));
            _clock.CountContent(consumed);
            if (_decoder.HasEnded) return true;
            if (result.IsCompleted) return false;
        }
    }

    // Content goes on to the receiver from the pipe's own memory, so that a session costs a few buffers whatever the size
    // of the message (V3), and the pipe stops reading the socket while the receiver is busy (V4).
    private async ValueTask<long> TakeAsync(ReadOnlySequence<byte> input, CancellationToken cancellationToken)
    {
        var consumed = 0L;
        foreach (var segment in input)
        {
            for (var rest = segment; !rest.IsEmpty && !_decoder.HasEnded;)
            {
                var read = _decoder.Read(rest.Span, out var run);
                var content = rest[run];
                rest = rest[read..];
                consumed += read;
                _contentSize += content.Length;
                if (_contentRefusal is not null) continue;
                _contentRefusal = _decoder.HasBareLineEnd ? Replies.BareLineEnd
                    : _contentSize > _options.MaxMessageSize ? Replies.TooBig : null;
                if (_contentRefusal is not null)
                {
                    // The true end is still read for, so that the reply comes in its place (D8).
                    await _receiver.RefuseContentAsync(_contentRefusal.ToString()).ConfigureAwait(false);
                }
                else if (!content.IsEmpty)
                {
                    await _receiver.AppendAsync(content, cancellationToken).ConfigureAwait(false);
                }
            }
        }

        return consumed;
    }

    private ServerReply? ContentFarewell()
    {
        var interruption = (SessionInterruption)Volatile.Read(ref _interruption);
        return (interruption & ~SessionInterruption.StopWhenIdle) == 0 ? null : PendingFarewell();
    }
}
