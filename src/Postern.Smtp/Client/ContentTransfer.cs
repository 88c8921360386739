using System.Buffers;
using Postern.Mail;
using Postern.Smtp.Data;

namespace Postern.Smtp.Client;

/// <summary>
/// Sends the content of a message behind a 354, block by block, and reads the reply to the final dot. A block waits
/// until the network took the one before. A host that speaks or closes meanwhile ends it before the dot. The last block
/// and the final dot are one write; from the moment that write begins the host may have the whole message, so whatever
/// breaks from there on is a fault at <see cref="SmtpStage.FinalDot"/>, and before it never is.
/// </summary>
internal sealed class ContentTransfer
{
    /// <summary>Octets of a block. A message that fits goes out in one write.</summary>
    public const int BlockOctets = 32 * 1024;

    private const int MaxFinish = 5;

    private readonly ClientWire _wire;
    private readonly SmtpClientOptions _options;
    private readonly TimeProvider _time;
    private DotStuffer _stuffer;
    private int _filled;

    public ContentTransfer(ClientWire wire, SmtpClientOptions options, TimeProvider time) =>
        (_wire, _options, _time) = (wire, options, time);

    /// <summary>The reply to the final dot.</summary>
    public SmtpReply? Reply { get; private set; }

    /// <summary>What broke.</summary>
    public SmtpFault? Fault { get; private set; }

    /// <summary>When the write that holds the final dot began.</summary>
    public DateTimeOffset? DotWritten { get; private set; }

    /// <summary>Why the content cannot be sent as it is.</summary>
    public string? ContentError { get; private set; }

    /// <summary>Runs to the reply of the dot, or to what ended it.</summary>
    public async ValueTask RunAsync(OutgoingTransaction transaction)
    {
        var block = ArrayPool<byte>.Shared.Rent(BlockOctets);
        try
        {
            if (!await SendBlocksAsync(transaction, block).ConfigureAwait(false)) return;
            await FinishAsync(block).ConfigureAwait(false);
        }
        finally
        {
            // An unfinished write was awaited, so that the block is nobody's any more.
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private async ValueTask<bool> SendBlocksAsync(OutgoingTransaction transaction, byte[] block)
    {
        IContentSource? source = null;
        while (true)
        {
            ReadOnlyMemory<byte> piece;
            try
            {
                source ??= transaction.OpenContent();
                piece = await source.ReadNextAsync(CancellationToken.None).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Whatever the source throws, the content cannot be read.
            catch (Exception error)
#pragma warning restore CA1031
            {
                ContentError = $"the content cannot be read: {error.Message}";
                return false;
            }

            if (piece.IsEmpty) return true;
            if (!await SendPieceAsync(piece, block).ConfigureAwait(false)) return false;
        }
    }

    private async ValueTask<bool> SendPieceAsync(ReadOnlyMemory<byte> piece, byte[] block)
    {
        while (true)
        {
            // Room for the final dot stays free, so that it always shares the last write.
            var status = _stuffer.Write(
                piece.Span, block.AsSpan(_filled, BlockOctets - MaxFinish - _filled),
                out var consumed, out var written);
            _filled += written;
            piece = piece[consumed..];
            if (status == OperationStatus.Done) return true;
            if (status == OperationStatus.InvalidData)
            {
                ContentError = "the content holds a bare CR or LF";
                return false;
            }

            if (!await SendBlockAsync(block).ConfigureAwait(false)) return false;
        }
    }

    /// <summary>Sends a block that is not the last.</summary>
    private async ValueTask<bool> SendBlockAsync(byte[] block)
    {
        if (_wire.HostSpoke()) return await TakeEarlyReplyAsync().ConfigureAwait(false);
        _wire.SetDeadline(_options.DataTimeout);
        var write = _wire.WriteAsync(block.AsMemory(0, _filled));
        var whole = write.IsCompleted
            ? await write.ConfigureAwait(false)
            : await AwaitSlowWriteAsync(write.AsTask()).ConfigureAwait(false);
        if (Fault is not null) return false;
        if (!whole) return await TakeEarlyReplyAsync().ConfigureAwait(false);
        _wire.ClearDeadline();
        _filled = 0;
        return true;
    }

    /// <summary>
    /// The host takes its time. While it does, it may also say that it wants no more, and then read nothing.
    /// </summary>
    private async ValueTask<bool> AwaitSlowWriteAsync(Task<bool> pending)
    {
        await Task.WhenAny(pending, _wire.Watch()).ConfigureAwait(false);
        if (!pending.IsCompleted)
        {
            await TakeEarlyReplyAsync().ConfigureAwait(false);
            _wire.Abort(WireEnd.Closed);
        }

        return await pending.ConfigureAwait(false);
    }

    /// <summary>A reply before the dot, or the end: the transaction is over and nobody has the message.</summary>
    private async ValueTask<bool> TakeEarlyReplyAsync()
    {
        var spoken = await _wire.ReadUnsolicitedAsync(SmtpStage.Content, _options.DataTimeout).ConfigureAwait(false);
        Fault = spoken.Fault ?? new SmtpFault(
            SmtpStage.Content, SmtpFaultKind.WrongClass,
            $"reply before the final dot: {spoken.Reply!.Code} {spoken.Reply.Lines[^1]}", spoken.Reply);
        return false;
    }

    private async ValueTask FinishAsync(byte[] block)
    {
        if (!_stuffer.TryFinish(block.AsSpan(_filled), out var written))
        {
            ContentError = "the content ends with a bare CR";
            return;
        }

        _filled += written;
        if (_wire.HostSpoke())
        {
            await TakeEarlyReplyAsync().ConfigureAwait(false);
            return;
        }

        DotWritten = _time.GetUtcNow();
        _wire.Owe(afterDot: true);
        _wire.SetDeadline(_options.DataTimeout);
        var write = _wire.WriteAsync(block.AsMemory(0, _filled));
        var pending = write.IsCompleted ? null : write.AsTask();
        // A host that takes its time may refuse before it has read all; its refusal ends the wait.
        if (pending is not null) await Task.WhenAny(pending, _wire.Watch()).ConfigureAwait(false);
        var answer = await _wire.ReadReplyAsync(
            SmtpStage.FinalDot, _options.FinalDotTimeout, stillOwed: false).ConfigureAwait(false);
        var whole = pending is null
            ? await write.ConfigureAwait(false)
            : await EndLastWriteAsync(pending, answer).ConfigureAwait(false);
        Fault = answer.Fault;
        if (answer.Reply is not { } reply) return;
        // Where the dot did not leave, only a refusal can be believed: a 2xx cannot be the reply to it.
        if (reply.IsIntermediate || (reply.IsPositive && !whole))
        {
            Fault = new SmtpFault(
                SmtpStage.FinalDot, SmtpFaultKind.WrongClass,
                $"wrong reply to the final dot: {reply.Code} {reply.Lines[^1]}", reply);
            return;
        }

        Reply = reply;
    }

    /// <summary>
    /// A 2xx may be seen before the end of the write that it answers, so that end is waited for. With any other answer
    /// the rest of the write is of no use to anybody.
    /// </summary>
    private async ValueTask<bool> EndLastWriteAsync(Task<bool> pending, HostReply answer)
    {
        if (answer.Reply is { IsPositive: true }) _wire.SetDeadline(_options.DataTimeout);
        else if (!pending.IsCompleted) _wire.Abort(WireEnd.Closed);
        var whole = await pending.ConfigureAwait(false);
        _wire.ClearDeadline();
        return whole;
    }
}
