namespace Postern.Smtp.Server;

/// <summary>The fixed replies of the server (RFC 5321 §4.2.3, enhanced codes of RFC 3463 and RFC 5248).</summary>
public static class Replies
{
    internal static readonly ServerReply Ok = new("250 2.0.0 OK"u8);
    internal static readonly ServerReply SenderOk = new("250 2.1.0 Sender OK"u8);
    internal static readonly ServerReply RecipientOk = new("250 2.1.5 Recipient OK"u8);
    internal static readonly ServerReply StartContent = new("354 Start mail input; end with <CRLF>.<CRLF>"u8);
    internal static readonly ServerReply Bye = new("221 2.0.0 Bye"u8);
    internal static readonly ServerReply Help =
        new("214 2.0.0 EHLO HELO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT (RFC 5321)"u8);
    // RFC 5321 §7.3: 252 where VRFY is disabled for security.
    internal static readonly ServerReply CannotVerify =
        new("252 2.5.2 Cannot VRFY user, but will accept message and attempt delivery"u8);

    internal static readonly ServerReply UnknownCommand = new("500 5.5.1 Command not recognized"u8);
    internal static readonly ServerReply BadLine = new("500 5.5.2 Only CRLF ends a line, and no control characters"u8);
    internal static readonly ServerReply LineTooLong = new("500 5.5.2 Command line too long"u8);
    internal static readonly ServerReply NotImplemented = new("502 5.5.1 Command not implemented"u8);
    internal static readonly ServerReply BadArgument = new("501 5.5.4 Syntax error in parameters"u8);
    internal static readonly ServerReply NoArgument = new("501 5.5.4 No parameters allowed"u8);
    internal static readonly ServerReply BadHello = new("501 5.5.4 EHLO and HELO need a domain or address literal"u8);
    internal static readonly ServerReply BadMailSyntax = new("501 5.5.4 Syntax: MAIL FROM:<address> [parameters]"u8);
    internal static readonly ServerReply BadRcptSyntax = new("501 5.5.4 Syntax: RCPT TO:<address> [parameters]"u8);
    internal static readonly ServerReply BadSender = new("501 5.1.7 Bad sender address syntax"u8);
    internal static readonly ServerReply BadRecipient = new("501 5.1.3 Bad recipient address syntax"u8);
    internal static readonly ServerReply DuplicateParameter = new("501 5.5.4 Parameter given twice"u8);
    internal static readonly ServerReply BadParameterValue = new("501 5.5.4 Bad value of a parameter"u8);
    internal static readonly ServerReply UnknownParameter = new("555 5.5.4 Parameter not recognized"u8);
    internal static readonly ServerReply NeedsSmtpUtf8 = new("553 5.6.7 Address needs SMTPUTF8"u8);
    internal static readonly ServerReply TooBig = new("552 5.3.4 Message is larger than SIZE"u8);
    internal static readonly ServerReply HelloFirst = new("503 5.5.1 Send EHLO or HELO first"u8);
    internal static readonly ServerReply MailFirst = new("503 5.5.1 Need MAIL first"u8);
    internal static readonly ServerReply RcptFirst = new("503 5.5.1 Need RCPT first"u8);
    internal static readonly ServerReply NestedMail = new("503 5.5.1 A transaction is in progress; RSET ends it"u8);
    internal static readonly ServerReply NoRecipients = new("554 5.5.1 No valid recipients"u8);
    internal static readonly ServerReply TooManyRecipients = new("452 4.5.3 Too many recipients"u8);
    internal static readonly ServerReply BareLineEnd =
        new("550 5.5.2 Message refused: a CR or LF stands alone, only CRLF ends a line"u8);

    internal static readonly ServerReply TooManyErrors = new("421 4.7.0 Too many errors, closing"u8);
    internal static readonly ServerReply TooManyIdle = new("421 4.7.0 Too many commands without mail, closing"u8);
    internal static readonly ServerReply EndlessLine = new("421 4.7.0 Command line too long again, closing"u8);
    internal static readonly ServerReply NotHttp = new("421 4.7.0 This is SMTP, closing"u8);
    internal static readonly ServerReply NotTls =
        new("421 4.7.0 TLS handshake on a port without TLS, closing"u8);
    internal static readonly ServerReply TimedOut = new("421 4.4.2 Timeout waiting for the client, closing"u8);
    internal static readonly ServerReply TooSlow = new("421 4.4.2 Message comes too slowly, closing"u8);

    /// <summary>The gateway stops.</summary>
    public static readonly ServerReply ShuttingDown = new("421 4.3.2 Service shutting down, closing"u8);

    /// <summary>The gateway cannot serve anyone now.</summary>
    public static readonly ServerReply Unavailable = new("421 4.3.2 Service not available, try again later"u8);

    /// <summary>All connections are taken (V1).</summary>
    public static readonly ServerReply TooManyConnections = new("421 4.3.2 Too many connections, try again later"u8);

    /// <summary>The client has all the connections it may have (D7).</summary>
    public static readonly ServerReply TooManyFromClient =
        new("421 4.7.0 Too many connections from your address, try again later"u8);

    /// <summary>The mail cannot be stored now (V1): the client keeps it.</summary>
    public static readonly ServerReply CannotStore = new("451 4.3.0 Mail cannot be stored now, try again later"u8);

    /// <summary>The disk is nearly full (V1): the client keeps the mail.</summary>
    public static readonly ServerReply DiskFull = new("452 4.3.1 Insufficient system storage, try again later"u8);

    /// <summary>Neither the client nor the recipient's domain may relay.</summary>
    public static readonly ServerReply RelayDenied = new("550 5.7.1 Relaying denied"u8);

    /// <summary>Too many Received fields (RFC 5321 §6.3).</summary>
    public static readonly ServerReply MailLoop = new("554 5.4.6 Too many Received fields, mail loop suspected"u8);
}
