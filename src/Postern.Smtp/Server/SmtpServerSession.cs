using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Postern.Smtp.Server;

/// <summary>
/// One SMTP session as server (RFC 5321 §4), from banner to close, over any duplex pipe. Owned by whoever accepted the
/// connection. Runs on one thread at a time; <see cref="RequestStop"/> may be called from any thread. This file reads
/// lines; what the verbs do is in SmtpServerSession.Verbs.cs, content in ContentIntake.
/// </summary>
public sealed partial class SmtpServerSession : IDisposable
{
    /// <summary>Octets of one over-long line that are read and dropped before the session ends (D1).</summary>
    private const int MaxSkipped = 1_000_000;

    /// <summary>The first octet of a TLS record with a handshake (RFC 8446 §5.1); no command begins with it.</summary>
    private const byte TlsHandshake = 0x16;

    private readonly SessionWire _wire;
    private readonly SmtpServerOptions _options;
    private readonly ISmtpReceiver _receiver;
    private byte[]? _lineBuffer;
    private bool _heardAnything;
    private int _longLines;
    private int _skipped = -1;
    private ServerReply? _farewell;

    /// <summary>Makes a session that has not begun.</summary>
    public SmtpServerSession(IDuplexPipe pipe, SmtpServerOptions options, ISmtpReceiver receiver, TimeProvider time)
    {
        _wire = new SessionWire(pipe, options, time);
        _options = options;
        _receiver = receiver;
    }

    /// <summary>What comes after the lines in the buffer were executed.</summary>
    private enum Step
    {
        /// <summary>The next line.</summary>
        Next,
        /// <summary>No whole line is left.</summary>
        Wait,
        /// <summary>Many replies wait.</summary>
        Flush,
        /// <summary>354 was answered.</summary>
        Content,
        /// <summary><see cref="_farewell"/> is the last reply.</summary>
        Close,
    }

    /// <summary>
    /// Ends the session with 421 4.3.2: as soon as no transaction is in progress, or now. A message whose final dot was
    /// read is committed and answered in both cases.
    /// </summary>
    public void RequestStop(bool now) =>
        _wire.Interrupt(now ? SessionInterruption.StopNow : SessionInterruption.StopWhenIdle);

    /// <summary>
    /// Runs the session to its end and completes both sides of the pipe. A lost connection is no exception.
    /// </summary>
    /// <param name="cancellationToken">Gives up what is not being committed.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var reason = "client left";
        try
        {
            _wire.Write("220 "u8);
            _wire.Write(Encoding.ASCII.GetBytes(_options.HostName.Name));
            _wire.Write(" ESMTP Postern\r\n"u8);
            if (await ServeAsync(cancellationToken).ConfigureAwait(false) is { } farewell)
            {
                reason = farewell.ToString();
                EndTransaction(reason);
                _wire.Write(farewell.Wire);
                await _wire.FlushAsync().ConfigureAwait(false);
                if (farewell != Replies.Bye && farewell != Replies.ShuttingDown)
                    await _wire.LingerAsync(MaxSkipped).ConfigureAwait(false);
            }
        }
        catch (Exception lost) when (lost is IOException or OperationCanceledException)
        {
            reason = "connection lost: " + lost.Message;
        }
        finally
        {
            EndTransaction(reason);
            await _wire.CompleteAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _wire.Dispose();

    // Returns the last reply, or null when the client left.
    private async ValueTask<ServerReply?> ServeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // A stop that came while content was read has used up its interruption of the wait.
            if (_wire.Farewell(inTransaction: _state >= SessionState.Mail) is { } farewell) return farewell;
            if (!_wire.Input.TryRead(out var result))
            {
                // RFC 2920 §3.2: replies are sent when no command is left in the input (SV42).
                if (!await _wire.FlushAsync().ConfigureAwait(false)) return null;
                _wire.ArmForCommand();
                result = await _wire.Input.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            }

            var buffer = result.Buffer;
            var step = ExecuteLines(ref buffer);
            _wire.Input.AdvanceTo(buffer.Start, step == Step.Wait ? buffer.End : buffer.Start);
            switch (step)
            {
                case Step.Close:
                    return _farewell;
                case Step.Content:
                    if (!await ReceiveContentAsync(cancellationToken).ConfigureAwait(false)) return _farewell;
                    break;
                case Step.Flush:
                    if (!await _wire.FlushAsync().ConfigureAwait(false)) return null;
                    break;
                case Step.Wait when result.IsCompleted:
                    return null;
            }
        }
    }

    private Step ExecuteLines(ref ReadOnlySequence<byte> buffer)
    {
        while (true)
        {
            if (_wire.Farewell(inTransaction: _state >= SessionState.Mail) is { } farewell) return Close(farewell);
            if (buffer.IsEmpty) return Step.Wait;
            if (!_heardAnything && buffer.FirstSpan[0] == TlsHandshake) return CloseWithProblem(Replies.NotTls, []);
            _heardAnything = true;
            var step = _skipped >= 0 ? SkipLongLine(ref buffer) : ExecuteLine(ref buffer);
            if (step != Step.Next) return step;
            _wire.CommandEnded();
            if (_wire.HasManyReplies) return Step.Flush;
        }
    }

    private Step ExecuteLine(ref ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> line, "\r\n"u8))
        {
            return buffer.Length < _options.MaxCommandLine ? Step.Wait : RefuseLongLine(buffer, 0);
        }

        buffer = buffer.Slice(reader.Position);
        if (line.Length + 2 > _options.MaxCommandLine) return RefuseLongLine(line, -1);
        if (line.IsSingleSegment) return Execute(line.FirstSpan);
        _lineBuffer ??= new byte[_options.MaxCommandLine];
        line.CopyTo(_lineBuffer);
        return Execute(_lineBuffer.AsSpan(0, (int)line.Length));
    }

    // D1: the reply does not wait for an end of the line that may never come; the rest of the line is dropped.
    private Step RefuseLongLine(in ReadOnlySequence<byte> line, int skipped)
    {
        var beginning = line.Slice(0, Math.Min(line.Length, MaxLoggedLine)).ToArray();
        if (++_longLines > 1) return CloseWithProblem(Replies.EndlessLine, beginning);
        _skipped = skipped;
        return Refuse(Replies.LineTooLong, beginning);
    }

    private Step SkipLongLine(ref ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer);
        if (reader.TryReadTo(out ReadOnlySequence<byte> _, "\r\n"u8))
        {
            buffer = buffer.Slice(reader.Position);
            _skipped = -1;
            return Step.Next;
        }

        // A CR at the end may be half of the line's end.
        var keep = buffer.Slice(buffer.Length - 1).FirstSpan[0] == (byte)'\r' ? 1 : 0;
        _skipped += (int)Math.Min(buffer.Length - keep, MaxSkipped);
        buffer = buffer.Slice(buffer.Length - keep);
        return _skipped > MaxSkipped ? CloseWithProblem(Replies.EndlessLine, []) : Step.Wait;
    }
}
