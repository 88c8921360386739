using System.Buffers;
using Postern.Smtp.Data;

namespace Postern.Smtp.Server;

/// <summary>
/// The content of one message, from the 354 to the reply to its final dot. Used once, by one thread. Whatever happens,
/// the receiver is told once that the transaction is over.
/// </summary>
internal sealed class ContentIntake(SessionWire wire, SmtpServerOptions options, ISmtpReceiver receiver)
{
    private readonly DotDecoder _decoder = new();
    private long _size;
    private ServerReply? _refusal;

    /// <summary>Set when the session ends within the content for another reason than that the client left.</summary>
    public ServerReply? Farewell { get; private set; }

    /// <summary>Reads to the end of the content.</summary>
    /// <returns>The reply to the final dot; null when that did not come.</returns>
    public async ValueTask<ServerReply?> RunAsync(CancellationToken cancellationToken)
    {
        var ended = false;
        try
        {
            ended = await ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (!ended && _refusal is null)
            {
                await receiver.RefuseContentAsync(Farewell?.ToString() ?? "client left").ConfigureAwait(false);
            }
        }

        if (!ended) return null;
        return _refusal ?? await receiver.CommitAsync().ConfigureAwait(false);
    }

    private async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        if (!await wire.FlushAsync().ConfigureAwait(false)) return false;
        wire.CommandEnded();
        wire.Clock.BeginContent();
        while (true)
        {
            if (!wire.Input.TryRead(out var result))
            {
                wire.Clock.BeginContentWait();
                result = await wire.Input.ReadAsync(CancellationToken.None).ConfigureAwait(false);
                wire.Clock.EndContentWait();
            }

            Farewell = wire.Farewell(inTransaction: true);
            if (Farewell is not null) return false;
            var consumed = await TakeAsync(result.Buffer, cancellationToken).ConfigureAwait(false);
            wire.Input.AdvanceTo(result.Buffer.GetPosition(consumed));
            wire.Clock.CountContent(consumed);
            if (_decoder.HasEnded) return true;
            if (result.IsCompleted) return false;
        }
    }

    // Content goes on to the receiver from the pipe's own memory, so that a session costs a few buffers whatever the
    // size of the message (V3), and the pipe stops reading the socket while the receiver is busy (V4).
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
                _size += content.Length;
                if (_refusal is not null) continue;
                _refusal = _decoder.HasBareLineEnd ? Replies.BareLineEnd
                    : _size > options.MaxMessageSize ? Replies.TooBig : null;
                if (_refusal is not null)
                {
                    // The true end is still read for, so that the reply comes in its place (D8).
                    await receiver.RefuseContentAsync(_refusal.ToString()).ConfigureAwait(false);
                }
                else if (!content.IsEmpty)
                {
                    await receiver.AppendAsync(content, cancellationToken).ConfigureAwait(false);
                }
            }
        }

        return consumed;
    }
}
