using System.Text;

namespace Postern.Smtp.Server;

/// <summary>How far a session got (RFC 5321 §4.1.4).</summary>
internal enum SessionState
{
    /// <summary>No EHLO or HELO yet.</summary>
    Connected,
    /// <summary>Greeted, no transaction.</summary>
    Ready,
    /// <summary>MAIL was accepted, no recipient yet.</summary>
    Mail,
    /// <summary>At least one recipient was accepted.</summary>
    Recipients,
}

/// <summary>The verbs the server knows (RFC 5321 §4.1.1), and families of those it does not serve.</summary>
internal enum Verb
{
    Unknown,
    Ehlo,
    Helo,
    Mail,
    Rcpt,
    Data,
    Rset,
    Noop,
    Vrfy,
    Help,
    Quit,
    /// <summary>Known by the RFCs and not served: 502.</summary>
    NotImplemented,
    /// <summary>The first word of an HTTP request (T7).</summary>
    Http,
}

/// <summary>Finds the verb of a command line and checks that it may come now. Pure.</summary>
internal static class CommandTable
{
    private static readonly (byte[] Name, Verb Verb)[] Verbs =
    [
        ("MAIL"u8.ToArray(), Verb.Mail), ("RCPT"u8.ToArray(), Verb.Rcpt), ("DATA"u8.ToArray(), Verb.Data),
        ("EHLO"u8.ToArray(), Verb.Ehlo), ("QUIT"u8.ToArray(), Verb.Quit), ("RSET"u8.ToArray(), Verb.Rset),
        ("NOOP"u8.ToArray(), Verb.Noop), ("HELO"u8.ToArray(), Verb.Helo), ("VRFY"u8.ToArray(), Verb.Vrfy),
        ("HELP"u8.ToArray(), Verb.Help),
        ("EXPN"u8.ToArray(), Verb.NotImplemented), ("STARTTLS"u8.ToArray(), Verb.NotImplemented),
        ("AUTH"u8.ToArray(), Verb.NotImplemented), ("BDAT"u8.ToArray(), Verb.NotImplemented),
        ("TURN"u8.ToArray(), Verb.NotImplemented), ("ETRN"u8.ToArray(), Verb.NotImplemented),
        ("GET"u8.ToArray(), Verb.Http), ("POST"u8.ToArray(), Verb.Http), ("CONNECT"u8.ToArray(), Verb.Http),
        ("PUT"u8.ToArray(), Verb.Http), ("HEAD"u8.ToArray(), Verb.Http), ("OPTIONS"u8.ToArray(), Verb.Http),
        ("DELETE"u8.ToArray(), Verb.Http), ("PATCH"u8.ToArray(), Verb.Http), ("TRACE"u8.ToArray(), Verb.Http),
        ("PRI"u8.ToArray(), Verb.Http),
    ];

    /// <summary>The verb of a line without CRLF, in any case (SV09), and what stands behind it.</summary>
    public static Verb Find(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> arguments)
    {
        var space = line.IndexOfAny((byte)' ', (byte)'\t');
        var word = space < 0 ? line : line[..space];
        arguments = space < 0 ? [] : line[(space + 1)..].TrimStart(" \t"u8);
        foreach (var (name, verb) in Verbs)
        {
            if (Ascii.EqualsIgnoreCase(word, name)) return verb;
        }

        return Verb.Unknown;
    }

    /// <summary>
    /// The order of commands (RFC 5321 §4.1.4); null: the verb may come now. It leaves the state as it is (SV11).
    /// </summary>
    public static ServerReply? CheckOrder(Verb verb, SessionState state, bool anyRecipientRefused) =>
        (verb, state) switch
        {
            (Verb.Mail or Verb.Rcpt or Verb.Data, SessionState.Connected) => Replies.HelloFirst,
            (Verb.Mail, SessionState.Mail or SessionState.Recipients) => Replies.NestedMail,
            (Verb.Rcpt or Verb.Data, SessionState.Ready) => Replies.MailFirst,
            (Verb.Data, SessionState.Mail) => anyRecipientRefused ? Replies.NoRecipients : Replies.RcptFirst,
            _ => null,
        };

    /// <summary>Commands without parameters (RFC 5321 §4.1.1.4, §4.1.1.5, §4.1.1.10); null: as it should be.</summary>
    public static ServerReply? CheckNoArgument(ReadOnlySpan<byte> arguments) =>
        arguments.IsEmpty ? null : Replies.NoArgument;
}
