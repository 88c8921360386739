using System.Text;

namespace Postern.Smtp.Tests;

/// <summary>The matrix S1 of the line ends that smugglers use, over whole sessions.</summary>
public sealed class DataSmugglingTests
{
    private const string Head =
        "EHLO c.example\r\nMAIL FROM:<a@src.example>\r\nRCPT TO:<b@example.com>\r\nDATA\r\nSubject: one\r\n\r\ntext";
    private const string Smuggled =
        "MAIL FROM:<admin@example.com>\r\nRCPT TO:<c@example.com>\r\nDATA\r\nSubject: two\r\n\r\nsmuggled";
    private const string End = "\r\n.\r\nQUIT\r\n";
    private const string Taken = "250 2.0.0 MID 1 queued\r\n221 2.0.0 Bye\r\n";
    private const string Refused =
        "550 5.5.2 Message refused: a CR or LF stands alone, only CRLF ends a line\r\n221 2.0.0 Bye\r\n";

    private static readonly string[] Prefixes = ["\r\n", "\n", "\r", "\r\r\n", "\0", "\r\n\0"];
    private static readonly string[] Dots = [".", ".."];
    private static readonly string[] Suffixes = ["\r\n", "\n", "\r", "\r\r\n", "\0\r\n", "\r\0\n"];

    public static TheoryData<string, string, string> Matrix()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var prefix in Prefixes)
        {
            foreach (var dots in Dots)
            {
                foreach (var suffix in Suffixes) data.Add(Escape(prefix), dots, Escape(suffix));
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public void S1_S2_S3_only_CRLF_dot_CRLF_ends_the_data(string escapedPrefix, string dots, string escapedSuffix)
    {
        var sequence = Unescape(escapedPrefix) + dots + Unescape(escapedSuffix);
        var isEnd = sequence.Contains("\r\n.\r\n", StringComparison.Ordinal);
        var content = isEnd ? Head + sequence : Head + sequence + Smuggled + "\r\n.\r\n";
        var isBare = HasBareLineEnd(content);
        var input = Encoding.Latin1.GetBytes(isEnd ? Head + sequence + "QUIT\r\n" : Head + sequence + Smuggled + End);

        var (whole, receiver) = ServerRun.Whole(input);
        Assert.EndsWith("<CRLF>.<CRLF>\r\n" + (isBare ? Refused : Taken), whole, StringComparison.Ordinal);
        Assert.Equal(isBare ? 0 : 1, receiver.Messages.Count);
        if (!isBare)
        {
            var message = receiver.Messages[0];
            Assert.Equal("a@src.example", message.Envelope.ReversePath!.Text);
            Assert.Equal(Unstuffed(content), message.Content);
        }

        // S2: every size of segments, so that every octet of the sequence is once the last and once the first of one.
        for (var segment = 1; segment <= sequence.Length + 1; segment++)
        {
            Assert.Equal(whole, ServerRun.Whole(input, segment).Replies);
        }

        // And a border before each single octet around the sequence.
        for (var cut = Head.Length - 2; cut < Head.Length + sequence.Length + 3 && cut < input.Length; cut++)
        {
            using var run = new ServerRun();
            run.Send(input.AsSpan(0, cut));
            run.Send(input.AsSpan(cut));
            Assert.Equal(whole, run.End());
        }
    }

    // S7: header area.
    [Theory]
    [InlineData("Subject: a\nBcc: x@example.com\r\n\r\ntext", false)]
    [InlineData("Subject: a\rBcc: x@example.com\r\n\r\ntext", false)]
    [InlineData("\nSubject: a\r\n\r\ntext", false)]
    [InlineData("Subject: a\0b\r\n\r\ntext", true)]
    [InlineData("Subject: a\r\n folded\r\n\tagain\r\n\r\ntext", true)]
    [InlineData("..\r\n\r\ntext", true)]
    public void S7_in_the_header(string content, bool isTaken)
    {
        var input = Head[..Head.IndexOf("Subject", StringComparison.Ordinal)] + content + End;
        foreach (var segment in (int[])[1, 2, int.MaxValue])
        {
            var (replies, receiver) = ServerRun.Whole(Encoding.Latin1.GetBytes(input), segment);
            Assert.EndsWith(isTaken ? Taken : Refused, replies, StringComparison.Ordinal);
            if (isTaken)
                Assert.Equal(content.Replace("..", ".", StringComparison.Ordinal) + "\r\n",
                    receiver.Messages[0].Content);
        }
    }

    [Fact]
    public void S7_a_header_line_of_a_megabyte_goes_through()
    {
        var line = "Subject: " + new string('x', 1_000_000) + "\r\n";
        var input = Head[..Head.IndexOf("Subject", StringComparison.Ordinal)] + line + End[2..];
        var (replies, receiver) = ServerRun.Whole(Encoding.Latin1.GetBytes(input), 4096);
        Assert.EndsWith(Taken, replies, StringComparison.Ordinal);
        Assert.Equal(line, receiver.Messages[0].Content);
    }

    private static string Unstuffed(string content)
    {
        var start = content.IndexOf("DATA\r\n", StringComparison.Ordinal) + 6;
        var text = "\r\n" + content[start..^3];
        return text.Replace("\r\n.", "\r\n", StringComparison.Ordinal)[2..];
    }

    private static bool HasBareLineEnd(string content)
    {
        var without = content.Replace("\r\n", "", StringComparison.Ordinal);
        return without.AsSpan().IndexOfAny('\r', '\n') >= 0;
    }

    private static string Escape(string text) => text.Replace("\r", "<CR>", StringComparison.Ordinal)
        .Replace("\n", "<LF>", StringComparison.Ordinal).Replace("\0", "<NUL>", StringComparison.Ordinal);

    private static string Unescape(string text) => text.Replace("<CR>", "\r", StringComparison.Ordinal)
        .Replace("<LF>", "\n", StringComparison.Ordinal).Replace("<NUL>", "\0", StringComparison.Ordinal);
}
