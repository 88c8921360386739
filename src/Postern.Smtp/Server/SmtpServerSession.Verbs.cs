using System.Text;

namespace Postern.Smtp.Server;

/// <content>What each verb does once its check has passed.</content>
public sealed partial class SmtpServerSession
{
    /// <summary>Octets of a refused line that the log shows.</summary>
    private const int MaxLoggedLine = 200;

    private SessionState _state;
    private ClientGreeting? _greeting;
    private bool _smtpUtf8;
    private int _recipients;
    private bool _anyRecipientRefused;
    private int _refusedRecipients;
    private int _errors;
    private int _idleCommands;

    private Step Execute(ReadOnlySpan<byte> line)
    {
        // RFC 5321 §4.1.1: white space before the CRLF is tolerated.
        line = line.TrimEnd(" \t"u8);
        if (line.ContainsAnyInRange((byte)0, (byte)0x1F) || line.Contains((byte)0x7F))
            return Refuse(Replies.BadLine, line);
        var verb = CommandTable.Find(line, out var arguments);
        if (verb is not (Verb.Mail or Verb.Rcpt or Verb.Data) && ++_idleCommands > _options.MaxIdleCommands
            && verb != Verb.Quit)
        {
            return CloseWithProblem(Replies.TooManyIdle, line);
        }

        if (CommandTable.CheckOrder(verb, _state, _anyRecipientRefused) is { } outOfOrder)
            return Refuse(outOfOrder, line);
        return verb switch
        {
            Verb.Mail => ProceedMail(arguments, line),
            Verb.Rcpt => ProceedRcpt(arguments, line),
            Verb.Data => ProceedData(arguments, line),
            Verb.Ehlo or Verb.Helo => ProceedHello(arguments, verb == Verb.Ehlo, line),
            Verb.Rset => ProceedReset(arguments, line),
            Verb.Quit => ProceedQuit(arguments, line),
            Verb.Noop => Answer(Replies.Ok),
            Verb.Help => Answer(Replies.Help),
            Verb.Vrfy => ProceedVerify(arguments, line),
            Verb.Http => CloseWithProblem(Replies.NotHttp, line),
            Verb.NotImplemented => Refuse(Replies.NotImplemented, line),
            _ => Refuse(Replies.UnknownCommand, line),
        };
    }

    private Step ProceedHello(ReadOnlySpan<byte> arguments, bool extended, ReadOnlySpan<byte> line)
    {
        if (HelloCommand.Check(arguments, extended, out var greeting) is { } refusal) return Refuse(refusal, line);
        // RFC 5321 §4.1.4: EHLO in a session does what RSET does (SV04).
        EndTransaction("EHLO");
        _greeting = greeting;
        _state = SessionState.Ready;
        if (extended)
        {
            _wire.Write(_options.EhloReply);
        }
        else
        {
            _wire.Write("250 "u8);
            _wire.Write(Encoding.ASCII.GetBytes(_options.HostName.Name));
            _wire.Write("\r\n"u8);
        }

        return Step.Next;
    }

    private Step ProceedMail(ReadOnlySpan<byte> arguments, ReadOnlySpan<byte> line)
    {
        if (MailCommand.Check(arguments, _options, out var envelope, out var size) is { } refusal)
            return Refuse(refusal, line);
        if (_receiver.Mail(new MailRequest(_greeting!, envelope!, size)) is { } notNow) return Answer(notNow);
        _state = SessionState.Mail;
        _smtpUtf8 = envelope!.SmtpUtf8;
        _recipients = 0;
        _anyRecipientRefused = false;
        return Answer(Replies.SenderOk);
    }

    private Step ProceedRcpt(ReadOnlySpan<byte> arguments, ReadOnlySpan<byte> line)
    {
        if (RcptCommand.Check(arguments, _smtpUtf8, out var recipient) is { } refusal)
        {
            _anyRecipientRefused = true;
            return Refuse(refusal, line);
        }

        // RFC 5321 §4.5.3.1.10: 452 for the recipient that is too many; those before it stay (SV19).
        if (_recipients == _options.MaxRecipients)
        {
            if (!_anyRecipientRefused) _receiver.Problem($"answered {Replies.TooManyRecipients}");
            return RefuseRecipient(Replies.TooManyRecipients, line);
        }

        if (_receiver.Recipient(recipient) is { } rejected) return RefuseRecipient(rejected, line);
        _recipients++;
        _state = SessionState.Recipients;
        return Answer(Replies.RecipientOk);
    }

    // Refused recipients are no errors of the protocol; a bound of their own ends a session that only collects them
    // (D4).
    private Step RefuseRecipient(ServerReply reply, ReadOnlySpan<byte> line)
    {
        _anyRecipientRefused = true;
        return ++_refusedRecipients > _options.MaxRefusedRecipients
            ? CloseWithProblem(Replies.TooManyErrors, line) : Answer(reply);
    }

    private Step ProceedData(ReadOnlySpan<byte> arguments, ReadOnlySpan<byte> line)
    {
        if (CommandTable.CheckNoArgument(arguments) is { } refusal) return Refuse(refusal, line);
        _wire.Write(Replies.StartContent.Wire);
        return Step.Content;
    }

    private Step ProceedReset(ReadOnlySpan<byte> arguments, ReadOnlySpan<byte> line)
    {
        if (CommandTable.CheckNoArgument(arguments) is { } refusal) return Refuse(refusal, line);
        EndTransaction("RSET");
        return Answer(Replies.Ok);
    }

    private Step ProceedQuit(ReadOnlySpan<byte> arguments, ReadOnlySpan<byte> line)
    {
        if (CommandTable.CheckNoArgument(arguments) is { } refusal) return Refuse(refusal, line);
        EndTransaction("QUIT");
        return Close(Replies.Bye);
    }

    // an address beyond ASCII without SMTPUTF8 is refused and leaves the state as it is.
    private Step ProceedVerify(ReadOnlySpan<byte> arguments, ReadOnlySpan<byte> line)
    {
        if (arguments.IsEmpty) return Refuse(Replies.BadArgument, line);
        var utf8 = arguments.Length > 9 && Ascii.EqualsIgnoreCase(arguments[^9..], " SMTPUTF8"u8);
        if (!utf8 && !Ascii.IsValid(arguments)) return Refuse(Replies.NeedsSmtpUtf8, line);
        return Answer(Replies.CannotVerify);
    }

    // False: the session ends, with _farewell, or without one when the client left.
    private async ValueTask<bool> ReceiveContentAsync(CancellationToken cancellationToken)
    {
        // Whatever the end is, the transaction is over with it, and a next message needs a MAIL of its own.
        _state = SessionState.Ready;
        var intake = new ContentIntake(_wire, _options, _receiver);
        var reply = await intake.RunAsync(cancellationToken).ConfigureAwait(false);
        _farewell = intake.Farewell;
        if (reply is null) return false;
        if (!reply.IsError) _errors = _idleCommands = _refusedRecipients = 0;
        _wire.Write(reply.Wire);
        return true;
    }

    private void EndTransaction(string reason)
    {
        if (_state >= SessionState.Mail)
        {
            _receiver.Abort(reason);
            _state = SessionState.Ready;
        }
    }

    private Step Answer(ServerReply reply)
    {
        _wire.Write(reply.Wire);
        return Step.Next;
    }

    // D5: each error is answered and logged, up to a number that no working client reaches.
    private Step Refuse(ServerReply reply, ReadOnlySpan<byte> line)
    {
        if (++_errors > _options.MaxErrors) return CloseWithProblem(Replies.TooManyErrors, line);
        _receiver.Problem(Describe(reply, line));
        return Answer(reply);
    }

    private Step CloseWithProblem(ServerReply reply, ReadOnlySpan<byte> line)
    {
        _receiver.Problem(Describe(reply, line));
        return Close(reply);
    }

    private Step Close(ServerReply reply)
    {
        _farewell = reply;
        return Step.Close;
    }

    private static string Describe(ServerReply reply, ReadOnlySpan<byte> line) => line.IsEmpty
        ? $"answered {reply}"
        : $"'{Encoding.UTF8.GetString(line.Length > MaxLoggedLine ? line[..MaxLoggedLine] : line)}' answered {reply}";
}
