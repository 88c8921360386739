using System.Text;
using CsCheck;

namespace Postern.Smtp.Tests;

public sealed class ServerFuzzTests
{
    private static readonly string[] Lines =
    [
        "EHLO c.example", "HELO c", "EHLO", "MAIL FROM:<a@src.example>", "MAIL FROM:<>",
        "MAIL FROM:<x> SIZE=9999999999",
        "MAIL FROM:<a@full.example>", "MAIL FROM:<é@x.example> SMTPUTF8", "RCPT TO:<b@example.com>",
        "RCPT TO:<b@ext.example>", "RCPT TO:<\"q>\\\"\"@example.com> NOTIFY=NEVER", "RCPT TO:<b@[IPv6:::1]>", "DATA",
        "DATA", "text", ".", "..", ".x", "RSET", "NOOP", "VRFY x", "HELP", "QUIT", "", " ", "\0", "a\rb", "a\nb",
        "AUTH X",
        "STARTTLS", "BDAT 10 LAST", "GET / HTTP/1.1", "\u0016\u0003\u0001", new('y', 2100), new(' ', 3000),
    ];

    private static readonly Gen<byte[]> Dialogue = Gen.OneOf(
        Gen.Int[0, Lines.Length - 1].Select(i => Encoding.UTF8.GetBytes(Lines[i] + "\r\n")),
        Gen.Int[0, Lines.Length - 1].Select(i => Encoding.UTF8.GetBytes(Lines[i] + "\r\n")),
        Gen.Byte.Array[0, 30],
        Gen.Select(Gen.Int[0, Lines.Length - 1], Gen.Int[0, 40]).Select((i, n) =>
            Encoding.Latin1.GetBytes(Lines[i][..Math.Min(n, Lines[i].Length)])))
        .Array[0, 40].Select(parts => parts.SelectMany(part => part).ToArray());

    // no exception escapes, and every reply is one of ours, whole and in a line of its own. SV45: segments do not
    // matter. ServerReceiver fails on calls out of order, and ServerRun.End on a transaction that was not ended.
    [Fact]
    public void R11_SV45_any_input_in_any_segments_gives_the_same_well_formed_replies()
    {
        Gen.Select(Dialogue, Gen.Int[1, 60]).Sample((input, segment) =>
        {
            var (whole, receiver) = ServerRun.Whole(input);
            var (cut, other) = ServerRun.Whole(input, segment);
            Assert.Equal(whole, cut);
            Assert.Equal(receiver.Messages.Select(m => m.Content), other.Messages.Select(m => m.Content));
            Assert.Equal(receiver.Problems, other.Problems);
            foreach (var line in whole.Split("\r\n")[..^1])
            {
                Assert.Matches("\\A[2-5][0-9][0-9][ -][ -~]*\\z", line);
            }
        }, iter: 3000);
    }

    // R-11, SV07: each command has exactly one reply. Lines are sent one by one, and after each there is one more
    // reply.
    [Fact]
    public void SV07_exactly_one_reply_a_command()
    {
        Gen.Int[0, Lines.Length - 1].Array[0, 40].Sample(choices =>
        {
            using var run = new ServerRun();
            run.Read();
            var inContent = false;
            foreach (var choice in choices)
            {
                if (run.Running.IsCompleted) break;
                var replies = run.Ask(Lines[choice]);
                if (inContent)
                {
                    // Content has no replies but the one to its end.
                    Assert.Equal(Lines[choice] == "." ? 1 : 0, Count(replies));
                    inContent = Lines[choice] != ".";
                    continue;
                }

                Assert.Equal(1, Count(replies));
                inContent = replies.StartsWith("354 ", StringComparison.Ordinal);
                if (replies.StartsWith("421 ", StringComparison.Ordinal)) break;
            }

            run.End();
        }, iter: 2000);

        static int Count(string replies) =>
            replies.Split("\r\n").Count(line => line.Length > 3 && line[3] == ' ');
    }
}
