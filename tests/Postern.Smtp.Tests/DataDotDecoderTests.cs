using System.Text;
using CsCheck;
using Postern.Smtp.Data;

namespace Postern.Smtp.Tests;

public sealed class DataDotDecoderTests
{
    // Against a reader that has the whole input in hand: content, end, bare line ends, for any input and segmentation.
    [Fact]
    public void S2_any_segmentation_decodes_like_the_whole()
    {
        var octet = Gen.Int[0, 5].Select(i => "\r\n..a\0"[i]);
        Gen.Select(octet.Array[0, 60], Gen.Int[1, 7]).Sample((characters, segment) =>
        {
            var input = new string(characters);
            var (content, ended, bare, consumed) = Decode(input, segment);
            var (expected, isEnd, length) = Model(input);
            Assert.Equal((isEnd, length), (ended, consumed));
            var text = isEnd ? input[..length] : input;
            // A CR at the very end of unfinished input may still become CRLF.
            if (!isEnd && text.EndsWith('\r')) text = text[..^1];
            var isBare = text.Replace("\r\n", "", StringComparison.Ordinal).AsSpan().IndexOfAny('\r', '\n') >= 0;
            Assert.Equal(isBare, bare);
            if (isEnd && !bare) Assert.Equal(expected, content);
        }, iter: 20_000);
    }

    [Fact]
    public void SV23_SV25_stuffed_dots_and_empty_content()
    {
        Assert.Equal(("", true, false, 3), Decode(".\r\n", 1));
        Assert.Equal((".\r\n.a\r\n", true, false, 12), Decode("..\r\n..a\r\n.\r\nNOOP\r\n", 3));
    }

    private static (string Content, bool Ended, bool Bare, int Consumed) Decode(string text, int segment)
    {
        var input = Encoding.Latin1.GetBytes(text);
        var decoder = new DotDecoder();
        var content = new StringBuilder();
        var consumed = 0;
        for (var at = 0; at < input.Length && !decoder.HasEnded; at += segment)
        {
            var piece = input.AsSpan(at, Math.Min(segment, input.Length - at));
            while (!piece.IsEmpty && !decoder.HasEnded)
            {
                var read = decoder.Read(piece, out var run);
                Assert.True(read > 0);
                content.Append(Encoding.Latin1.GetString(piece[run]));
                consumed += read;
                piece = piece[read..];
            }
        }

        return (content.ToString(), decoder.HasEnded, decoder.HasBareLineEnd, consumed);
    }

    private static (string Content, bool Ended, int Length) Model(string input)
    {
        var text = "\r\n" + input;
        var end = text.IndexOf("\r\n.\r\n", StringComparison.Ordinal);
        if (end < 0) return ("", false, input.Length);
        var content = text[..(end + 2)].Replace("\r\n.", "\r\n", StringComparison.Ordinal);
        return (content[2..], true, end + 3);
    }
}
