using System.Text;

namespace Postern.Smtp.Tests;

/// <summary>Dialogues, each run whole, line by line and octet by octet (SV45).</summary>
public sealed class ServerTranscriptTests
{
    private const string Hello = """
        S: 220 gw.example.com ESMTP Postern
        C: EHLO client.example
        S: 250-gw.example.com
        S: 250-PIPELINING
        S: 250-SIZE 50000000
        S: 250-8BITMIME
        S: 250-ENHANCEDSTATUSCODES
        S: 250-DSN
        S: 250 SMTPUTF8

        """;

    public static TheoryData<string, string> Transcripts => new()
    {
        { "RFC 5321 §D.1 a typical transaction, two recipients", Hello + """
            C: MAIL FROM:<smith@src.example>
            S: 250 2.1.0 Sender OK
            C: RCPT TO:<jones@example.com>
            S: 250 2.1.5 Recipient OK
            C: RCPT TO:<green@ext.example>
            S: 550 5.7.1 Relaying denied
            C: rcpt to:<brown@example.com>
            S: 250 2.1.5 Recipient OK
            C: DATA
            S: 354 Start mail input; end with <CRLF>.<CRLF>
            C: Blah blah blah...
            C: ..
            C: ...etc.
            C: .
            S: 250 2.0.0 MID 1 queued
            C: QUIT
            S: 221 2.0.0 Bye
            """ },
        { "SV02 SV92 HELO, enhanced codes all the same", """
            S: 220 gw.example.com ESMTP Postern
            C: HELO client.example
            S: 250 gw.example.com
            C: NOOP
            S: 250 2.0.0 OK
            C: MAIL FROM:<>
            S: 250 2.1.0 Sender OK
            C: RCPT TO:<PostMaster>
            S: 250 2.1.5 Recipient OK
            C: DATA
            S: 354 Start mail input; end with <CRLF>.<CRLF>
            C: .
            S: 250 2.0.0 MID 1 queued
            C: QUIT
            S: 221 2.0.0 Bye
            """ },
        { "SV11 SV12 SV18 SV44 order; refused commands leave the state", """
            S: 220 gw.example.com ESMTP Postern
            C: MAIL FROM:<a@src.example>
            S: 503 5.5.1 Send EHLO or HELO first
            C: HELO
            S: 501 5.5.4 EHLO and HELO need a domain or address literal
            C: DATA
            S: 503 5.5.1 Send EHLO or HELO first
            C: HELO [127.0.0.1]
            S: 250 gw.example.com
            C: RCPT TO:<b@example.com>
            S: 503 5.5.1 Need MAIL first
            C: MAIL FROM:<a@src.example>
            S: 250 2.1.0 Sender OK
            C: DATA
            S: 503 5.5.1 Need RCPT first
            C: MAIL FROM:<c@src.example>
            S: 503 5.5.1 A transaction is in progress; RSET ends it
            C: EHLO
            S: 501 5.5.4 EHLO and HELO need a domain or address literal
            C: RCPT TO:<b@ext.example>
            S: 550 5.7.1 Relaying denied
            C: DATA
            S: 554 5.5.1 No valid recipients
            C: RCPT TO:<b@example.com>
            S: 250 2.1.5 Recipient OK
            C: RSET
            S: 250 2.0.0 OK
            C: DATA
            S: 503 5.5.1 Need MAIL first
            C: QUIT now
            S: 501 5.5.4 No parameters allowed
            C: QUIT
            S: 221 2.0.0 Bye
            """ },
        { "SV04 EHLO in a session is RSET", Hello + """
            C: MAIL FROM:<a@src.example>
            S: 250 2.1.0 Sender OK
            C: RCPT TO:<b@example.com>
            S: 250 2.1.5 Recipient OK
            C: HELO client.example
            S: 250 gw.example.com
            C: RCPT TO:<b@example.com>
            S: 503 5.5.1 Need MAIL first
            C: QUIT
            S: 221 2.0.0 Bye
            """ },
        { "SV22 D13 NOOP, HELP, VRFY, EXPN and what is not served", Hello + """
            C: noop  anything
            S: 250 2.0.0 OK
            C: HELP
            S: 214 2.0.0 EHLO HELO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT (RFC 5321)
            C: VRFY postmaster
            S: 252 2.5.2 Cannot VRFY user, but will accept message and attempt delivery
            C: VRFY
            S: 501 5.5.4 Syntax error in parameters
            C: EXPN list
            S: 502 5.5.1 Command not implemented
            C: STARTTLS
            S: 502 5.5.1 Command not implemented
            C: AUTH PLAIN AGEAYg==
            S: 502 5.5.1 Command not implemented
            C: XYZZY
            S: 500 5.5.1 Command not recognized
            C:
            S: 500 5.5.1 Command not recognized
            C: MAILFROM:<a@src.example>
            S: 500 5.5.1 Command not recognized
            C: QUIT
            S: 221 2.0.0 Bye
            """ },
        { "SV20 SV51 SV53 SV60 SV100 parameters of MAIL", Hello + """
            C: MAIL FROM:<a@src.example> SIZE=50000001
            S: 552 5.3.4 Message is larger than SIZE
            C: MAIL FROM:<a@src.example> SIZE=99999999999999999999
            S: 552 5.3.4 Message is larger than SIZE
            C: MAIL FROM:<a@src.example> SIZE=100000000000000000000
            S: 501 5.5.4 Bad value of a parameter
            C: MAIL FROM:<a@src.example> SIZE=-1
            S: 501 5.5.4 Bad value of a parameter
            C: MAIL FROM:<a@src.example> SIZE
            S: 501 5.5.4 Bad value of a parameter
            C: MAIL FROM:<a@src.example> BODY=BINARYMIME
            S: 501 5.5.4 Bad value of a parameter
            C: MAIL FROM:<a@src.example> RET=ALL
            S: 501 5.5.4 Bad value of a parameter
            C: MAIL FROM:<a@src.example> ENVID=a+0D+0Ab
            S: 501 5.5.4 Bad value of a parameter
            C: MAIL FROM:<a@src.example> ENVID=a+2
            S: 501 5.5.4 Bad value of a parameter
            C: MAIL FROM:<a@src.example> SMTPUTF8=yes
            S: 501 5.5.4 Bad value of a parameter
            C: MAIL FROM:<a@src.example> RET=FULL RET=FULL
            S: 501 5.5.4 Parameter given twice
            C: MAIL FROM:<a@src.example> XFOO=1
            S: 555 5.5.4 Parameter not recognized
            C: MAIL FROM:<a@src.example>SIZE=1
            S: 501 5.5.4 Syntax: MAIL FROM:<address> [parameters]
            C: MAIL FROM: <a@src.example>  size=50000000 body=8bitmime ret=hdrs envid=QQ+2B314159
            S: 250 2.1.0 Sender OK
            C: QUIT
            S: 221 2.0.0 Bye
            """ },
        { "SV100 parameters of RCPT", Hello + """
            C: MAIL FROM:<a@src.example>
            S: 250 2.1.0 Sender OK
            C: RCPT TO:<b@example.com> NOTIFY=NEVER,FAILURE
            S: 501 5.5.4 Bad value of a parameter
            C: RCPT TO:<b@example.com> NOTIFY=
            S: 501 5.5.4 Bad value of a parameter
            C: RCPT TO:<b@example.com> NOTIFY=SUCCESS NOTIFY=DELAY
            S: 501 5.5.4 Parameter given twice
            C: RCPT TO:<b@example.com> ORCPT=b@example.com
            S: 501 5.5.4 Bad value of a parameter
            C: RCPT TO:<b@example.com> ORCPT=rfc822;b+0A@example.com
            S: 501 5.5.4 Bad value of a parameter
            C: RCPT TO:<b@example.com> SIZE=1
            S: 555 5.5.4 Parameter not recognized
            C: RCPT TO:<b@example.com> notify=success,Failure,DELAY orcpt=utf-8;b\x{E9}@example.com
            S: 250 2.1.5 Recipient OK
            C: RCPT TO:<b@example.com> NOTIFY=NEVER ORCPT=rfc822;b+2Bc@example.com
            S: 250 2.1.5 Recipient OK
            C: QUIT
            S: 221 2.0.0 Bye
            """ },
        { "SV111 R-3 SMTPUTF8 asked for or not", Hello + """
            C: VRFY jürgen
            S: 553 5.6.7 Address needs SMTPUTF8
            C: MAIL FROM:<jürgen@src.example>
            S: 553 5.6.7 Address needs SMTPUTF8
            C: MAIL FROM:<a@src.example>
            S: 250 2.1.0 Sender OK
            C: RCPT TO:<bücher@example.com>
            S: 553 5.6.7 Address needs SMTPUTF8
            C: DATA
            S: 554 5.5.1 No valid recipients
            C: RSET
            S: 250 2.0.0 OK
            C: MAIL FROM:<jürgen@src.example> SMTPUTF8 BODY=8BITMIME
            S: 250 2.1.0 Sender OK
            C: RCPT TO:<bücher@example.com> ORCPT=utf-8;bücher@example.com
            S: 250 2.1.5 Recipient OK
            C: VRFY jürgen SMTPUTF8
            S: 252 2.5.2 Cannot VRFY user, but will accept message and attempt delivery
            C: QUIT
            S: 221 2.0.0 Bye
            """ },
        { "§2.7 18 27 bad addresses", Hello + """
            C: MAIL FROM:<s>
            S: 501 5.1.7 Bad sender address syntax
            C: MAIL FROM:<postmaster>
            S: 501 5.1.7 Bad sender address syntax
            C: MAIL FROM:a@src.example
            S: 501 5.5.4 Syntax: MAIL FROM:<address> [parameters]
            C: MAIL FROM:<"a>b"@src.example>
            S: 250 2.1.0 Sender OK
            C: RCPT TO:<>
            S: 501 5.1.3 Bad recipient address syntax
            C: RCPT TO:b@example.com
            S: 501 5.5.4 Syntax: RCPT TO:<address> [parameters]
            C: RCPT TO:<<b@example.com>>
            S: 501 5.5.4 Syntax: RCPT TO:<address> [parameters]
            C: RCPT TO:<b@example.com >
            S: 501 5.1.3 Bad recipient address syntax
            C: RCPT TO:< b@example.com>
            S: 501 5.1.3 Bad recipient address syntax
            C: RCPT TO:<b@example.com
            S: 501 5.5.4 Syntax: RCPT TO:<address> [parameters]
            C: RCPT FROM:<b@example.com>
            S: 501 5.5.4 Syntax: RCPT TO:<address> [parameters]
            C: RCPT TO:<@ext.example:b@example.com>
            S: 250 2.1.5 Recipient OK
            C: QUIT
            S: 221 2.0.0 Bye
            """ },
        { "V1 a store that is shut answers MAIL 451", Hello + """
            C: MAIL FROM:<a@full.example>
            S: 451 4.3.0 Mail cannot be stored now, try again later
            C: RCPT TO:<b@example.com>
            S: 503 5.5.1 Need MAIL first
            C: QUIT
            S: 221 2.0.0 Bye
            """ },
        { "R-2 a refused message ends its transaction", Hello + """
            C: MAIL FROM:<a@src.example>
            S: 250 2.1.0 Sender OK
            C: RCPT TO:<b@example.com>
            S: 250 2.1.5 Recipient OK
            C: DATA
            S: 354 Start mail input; end with <CRLF>.<CRLF>
            C: bare\ncarriage
            C: .
            S: 550 5.5.2 Message refused: a CR or LF stands alone, only CRLF ends a line
            C: DATA
            S: 503 5.5.1 Need MAIL first
            C: RCPT TO:<b@example.com>
            S: 503 5.5.1 Need MAIL first
            C: QUIT
            S: 221 2.0.0 Bye
            """ },
        { "T7 HTTP", """
            S: 220 gw.example.com ESMTP Postern
            C: GET / HTTP/1.1
            S: 421 4.7.0 This is SMTP, closing
            C: Host: gw.example.com
            """ },
        { "SV06 bare line ends and controls in commands", Hello + """
            C: NOOP\nNOOP
            S: 500 5.5.2 Only CRLF ends a line, and no control characters
            C: NOOP\rNOOP
            S: 500 5.5.2 Only CRLF ends a line, and no control characters
            C: MAIL FROM:<a\0@src.example>
            S: 500 5.5.2 Only CRLF ends a line, and no control characters
            C: NOOP\t
            S: 250 2.0.0 OK
            C: QUIT
            S: 221 2.0.0 Bye
            """ },
    };

    [Theory]
    [MemberData(nameof(Transcripts))]
    public void Whole(string name, string transcript) => Check(name, transcript, int.MaxValue);

    [Theory]
    [MemberData(nameof(Transcripts))]
    public void Octet_by_octet(string name, string transcript) => Check(name, transcript, 1);

    [Theory]
    [MemberData(nameof(Transcripts))]
    public void Line_by_line_each_reply_in_its_place(string name, string transcript)
    {
        using var run = new ServerRun();
        var expected = "";
        foreach (var line in transcript.Split('\n'))
        {
            if (line.StartsWith("S: ", StringComparison.Ordinal))
            {
                expected += line[3..] + "\r\n";
                continue;
            }

            Assert.Equal((name, expected), (name, run.Read()));
            expected = "";
            run.Send(Input(line));
        }

        Assert.Equal((name, expected), (name, run.End()));
    }

    private static void Check(string name, string transcript, int segment)
    {
        var lines = transcript.Split('\n');
        var input = lines.Where(line => line.StartsWith("C:", StringComparison.Ordinal)).SelectMany(Input).ToArray();
        var expected = string.Concat(lines
            .Where(line => line.StartsWith("S: ", StringComparison.Ordinal)).Select(line => line[3..] + "\r\n"));
        Assert.Equal((name, expected), (name, ServerRun.Whole(input, segment).Replies));
    }

    private static byte[] Input(string line)
    {
        var text = line.Length > 3 ? line[3..] : "";
        return Encoding.UTF8.GetBytes(text
            .Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\r", "\r", StringComparison.Ordinal)
            .Replace("\\t", "\t", StringComparison.Ordinal).Replace("\\0", "\0", StringComparison.Ordinal) + "\r\n");
    }
}
