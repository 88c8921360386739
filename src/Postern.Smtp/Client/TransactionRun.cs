using Postern.Mail;

namespace Postern.Smtp.Client;

/// <summary>
/// One transaction on a wire: RSET if the one before left something behind, MAIL, RCPT, DATA, content. With PIPELINING
/// (RFC 2920 §3.1) as many commands as fit go out in one group; replies are read while the group is still being
/// written, so that a host which answers before it has read all cannot stop both sides. Without, a group is one
/// command.
/// </summary>
internal sealed class TransactionRun
{
    /// <summary>
    /// Octets after which a group ends: about 250 recipients. It keeps what is written ahead within what a host's
    /// and our socket buffers hold, and bounds the memory of a session.
    /// </summary>
    public const int GroupOctets = 16 * 1024;

    private const int MailStep = 1;
    private const int FirstRcptStep = 2;

    private readonly ClientWire _wire;
    private readonly SmtpClientOptions _options;
    private readonly SmtpExtensions _offered;
    private readonly CommandBuffer _commands;
    private readonly TimeProvider _time;
    private readonly OutgoingTransaction _transaction;
    private readonly SmtpReply?[] _recipients;
    private readonly int _dataStep;
    private SmtpReply? _mail;
    private SmtpReply? _data;
    private SmtpReply? _finalDot;
    private SmtpFault? _fault;
    private DateTimeOffset? _dotWritten;
    private string? _contentError;
    private int _accepted;
    private bool _acceptedBehindFailedMail;
    private bool _credentialsDemanded;
    private bool _close;

    public TransactionRun(
        ClientWire wire, SmtpClientOptions options, SmtpExtensions offered, CommandBuffer commands, TimeProvider time,
        OutgoingTransaction transaction)
    {
        (_wire, _options, _offered, _commands) = (wire, options, offered, commands);
        (_time, _transaction) = (time, transaction);
        _recipients = new SmtpReply?[transaction.Recipients.Count];
        _dataStep = FirstRcptStep + transaction.Recipients.Count;
    }

    /// <summary>The host holds a transaction that was begun and not ended: RSET before the next one.</summary>
    public bool NeedsReset { get; private set; }

    private bool MailAccepted => _mail is { IsPositive: true };

    /// <summary>Nothing more is asked: MAIL failed, or a RCPT was answered that credentials are wanted.</summary>
    private bool IsOver => !MailAccepted || _credentialsDemanded;

    /// <summary>Runs to its end. Never throws for what the peer or the network does.</summary>
    public async ValueTask<TransactionReport> RunAsync(bool resetFirst)
    {
        if (await SendEnvelopeAsync(resetFirst ? 0 : MailStep).ConfigureAwait(false))
        {
            if (_accepted > 0) await SendContentAsync().ConfigureAwait(false);
            else await EndWithoutRecipientsAsync().ConfigureAwait(false);
        }

        if (_fault is not null || _contentError is not null) _close = true;
        return new TransactionReport
        {
            Mail = _mail,
            Recipients = _recipients,
            Data = _data,
            FinalDot = _finalDot,
            DotWritten = _dotWritten,
            Fault = _fault,
            ContentError = _contentError,
            IsUsable = !_close && _wire.IsOpen,
        };
    }

    /// <summary>Sends the commands, group by group.</summary>
    /// <returns>True when DATA was answered 354, so that a dot is due.</returns>
    private async ValueTask<bool> SendEnvelopeAsync(int step)
    {
        while (step <= _dataStep)
        {
            // Nothing is sent for nobody: a group that is only DATA stays away.
            if (step == _dataStep && _accepted == 0) break;
            if (_wire.HostSpoke() && !await TakeUnsolicitedAsync(step).ConfigureAwait(false)) return false;
            var end = WriteGroup(step);
            if (!_commands.IsClean)
            {
                _contentError = "the envelope holds a control character";
                return false;
            }

            _wire.Owe(afterDot: false);
            _wire.SetDeadline(_options.CommandTimeout);
            var write = _wire.WriteAsync(_commands.Octets);
            var pending = write.IsCompleted ? null : write.AsTask();
            var dotDue = false;
            var inStep = true;
            for (; inStep && step < end; step++)
            {
                var answer = await _wire.ReadReplyAsync(
                    StageOf(step), TimeoutOf(step), stillOwed: step + 1 < end).ConfigureAwait(false);
                inStep = Take(step, answer, out dotDue);
            }

            if (!inStep) _wire.Abort(WireEnd.Closed);
            if (pending is not null)
            {
                // The buffer is the write's until it ends. A host may have answered without reading, hence the
                // deadline.
                _wire.SetDeadline(_options.CommandTimeout);
                await pending.ConfigureAwait(false);
                _wire.ClearDeadline();
            }

            if (!inStep) return false;
            if (dotDue) return true;
            if (step > MailStep && IsOver) break;
        }

        NeedsReset = MailAccepted || _acceptedBehindFailedMail;
        return false;
    }

    /// <summary>Writes the commands from <paramref name="step"/> on that go out together.</summary>
    /// <returns>The step behind the last.</returns>
    private int WriteGroup(int step)
    {
        _commands.Clear();
        do
        {
            if (step == 0) _commands.Verb("RSET\r\n"u8);
            else if (step == MailStep) _commands.Mail(_transaction, _offered);
            else if (step == _dataStep) _commands.Verb("DATA\r\n"u8);
            else _commands.Rcpt(_transaction.Recipients[step - FirstRcptStep], _offered);
            step++;
        }
        while (_offered.Pipelining && step <= _dataStep && _commands.Octets.Length < GroupOctets);
        return step;
    }

    /// <summary>Takes one reply down.</summary>
    /// <returns>False: the connection is at its end.</returns>
    private bool Take(int step, HostReply answer, out bool dotDue)
    {
        dotDue = false;
        if (answer.Fault is { } fault)
        {
            if (IsConsequence(step)) _close = true;
            else _fault = fault;
            return false;
        }

        var reply = answer.Reply!;
        if (step == 0) TakeReset(reply);
        else if (step == MailStep) TakeMail(reply);
        else if (step == _dataStep) dotDue = TakeData(reply);
        else TakeRcpt(step - FirstRcptStep, reply);
        // RFC 5321 §3.8: a host that says 421 closes, whatever it was asked.
        if (reply.Code == 421) _close = true;
        return !_close && _fault is null;
    }

    /// <summary>
    /// The reply decides nothing any more: it was pipelined behind a MAIL that failed, or is DATA's when no recipient
    /// was accepted or credentials are wanted. It is read, so that the session stays in step, and kept from the report.
    /// </summary>
    private bool IsConsequence(int step) =>
        step > MailStep && (!MailAccepted || (step == _dataStep && (_accepted == 0 || _credentialsDemanded)));

    private void TakeReset(SmtpReply reply)
    {
        if (reply.IsPositive) return;
        // A connection that ends before MAIL is answered says so where Delivery looks for it.
        if (reply.Code == 421) _mail = reply;
        else _fault = WrongClass(SmtpStage.Mail, "RSET", reply);
    }

    private void TakeMail(SmtpReply reply)
    {
        if (reply.IsIntermediate) _fault = WrongClass(SmtpStage.Mail, "MAIL", reply);
        else _mail = reply;
    }

    private void TakeRcpt(int recipient, SmtpReply reply)
    {
        if (!MailAccepted)
        {
            _acceptedBehindFailedMail |= reply.IsPositive || reply.IsIntermediate;
            return;
        }

        if (reply.IsIntermediate)
        {
            _fault = WrongClass(SmtpStage.Rcpt, "RCPT", reply);
            return;
        }

        _recipients[recipient] = reply;
        if (reply.IsPositive) _accepted++;
        _credentialsDemanded |= reply.IsAboutCredentials;
    }

    private bool TakeData(SmtpReply reply)
    {
        if (IsConsequence(_dataStep))
        {
            // A host that took a recipient, also without a MAIL, or DATA without one, may take an empty message for
            // somebody: it gets no dot. A 354 alone is allowed by RFC 2920 §3.1 and is answered with a dot alone.
            var hasSomebody = _accepted > 0 || _acceptedBehindFailedMail;
            _close |= reply.IsPositive || (reply.IsIntermediate && hasSomebody);
            return reply.IsIntermediate && !_close;
        }

        if (reply.IsPositive)
        {
            _fault = WrongClass(SmtpStage.Data, "DATA", reply);
            return false;
        }

        _data = reply;
        return reply.IsIntermediate;
    }

    /// <summary>
    /// DATA was answered 354 although nobody was accepted: the empty message that RFC 2920 §3.1 asks for, which goes to
    /// nobody. Its reply is read to stay in step and says nothing about the recipients.
    /// </summary>
    private async ValueTask EndWithoutRecipientsAsync()
    {
        if (_wire.HostSpoke())
        {
            _close = true;
            return;
        }

        _wire.Owe(afterDot: false);
        _wire.SetDeadline(_options.CommandTimeout);
        await _wire.WriteAsync(EmptyMessage).ConfigureAwait(false);
        var answer = await _wire.ReadReplyAsync(
            SmtpStage.FinalDot, _options.FinalDotTimeout, stillOwed: false).ConfigureAwait(false);
        _close = answer.Fault is not null || answer.Reply!.Code == 421 || answer.Reply.IsIntermediate;
        NeedsReset = true;
    }

    private static readonly ReadOnlyMemory<byte> EmptyMessage = ".\r\n"u8.ToArray();

    private async ValueTask SendContentAsync()
    {
        var content = new ContentTransfer(_wire, _options, _time);
        await content.RunAsync(_transaction).ConfigureAwait(false);
        _finalDot = content.Reply;
        _fault = content.Fault;
        _dotWritten = content.DotWritten;
        _contentError = content.ContentError;
        if (_finalDot is { Code: 421 }) _close = true;
    }

    /// <summary>
    /// The host spoke, or closed, while it owed nothing. Only a 421 can be meant for what is about to be sent.
    /// </summary>
    private async ValueTask<bool> TakeUnsolicitedAsync(int step)
    {
        var stage = StageOf(step);
        var spoken = await _wire.ReadUnsolicitedAsync(stage, _options.CommandTimeout).ConfigureAwait(false);
        if (spoken.Reply is { Code: 421 }) return Take(step, spoken, out _);
        _fault = spoken.Fault ?? new SmtpFault(
            stage, SmtpFaultKind.Malformed, "the host spoke out of turn", spoken.Reply);
        _close = true;
        return false;
    }

    private SmtpStage StageOf(int step) =>
        step <= MailStep ? SmtpStage.Mail : step == _dataStep ? SmtpStage.Data : SmtpStage.Rcpt;

    // RFC 5321 §4.5.3.2.4: DATA has a time-out of its own.
    private TimeSpan TimeoutOf(int step) =>
        step == _dataStep ? _options.DataInitiationTimeout : _options.CommandTimeout;

    private static SmtpFault WrongClass(SmtpStage stage, string command, SmtpReply reply) =>
        new(stage, SmtpFaultKind.WrongClass, $"wrong reply to {command}: {reply.Code} {reply.Lines[^1]}", reply);
}
