using System.Buffers;
using System.Text;
using CsCheck;
using Postern.Smtp.Data;

namespace Postern.Smtp.Tests;

/// <summary>RFC 5321 §4.5.2, CL15, CL16; hardening §2.1 S5: what follows a 354 has no bare CR or LF, ever.</summary>
public sealed class ClientDotStufferTests
{
    [Theory]
    [InlineData("", ".\r\n")]
    [InlineData("\r\n", "\r\n.\r\n")]
    [InlineData(".", "..\r\n.\r\n")]
    [InlineData("..", "...\r\n.\r\n")]
    [InlineData(".\r\n", "..\r\n.\r\n")]
    [InlineData("a", "a\r\n.\r\n")]
    [InlineData("a\r\n", "a\r\n.\r\n")]
    [InlineData("a.b\r\n", "a.b\r\n.\r\n")]
    [InlineData("a\r\n.b\r\n", "a\r\n..b\r\n.\r\n")]
    [InlineData("a\r\n.\r\nb", "a\r\n..\r\nb\r\n.\r\n")]
    [InlineData("\r\n\r\n.\r\n..\r\n", "\r\n\r\n..\r\n...\r\n.\r\n")]
    [InlineData("a\0\r\n\0.\r\n", "a\0\r\n\0.\r\n.\r\n")]
    public void CL15_Stuffs_every_line_that_begins_with_a_dot(string content, string wire)
    {
        for (var piece = 1; piece <= content.Length + 1; piece++)
        {
            for (var room = 8; room < 14; room++) Assert.Equal(wire, Stuff(content, piece, room));
        }
    }

    public static TheoryData<string> HostileContents()
    {
        var contents = new TheoryData<string>();
        string[] prefixes = ["\r\n", "\n", "\r", "\r\r\n", "\0", "\r\n\0"];
        string[] suffixes = ["\r\n", "\n", "\r", "\r\r\n", "\0\r\n", "\r\0\n"];
        foreach (var prefix in prefixes)
        {
            foreach (var suffix in suffixes)
            {
                contents.Add($"a{prefix}.{suffix}MAIL FROM:<x@evil.example>\r\n");
                contents.Add($"a{prefix}..{suffix}MAIL FROM:<x@evil.example>\r\n");
            }
        }

        return contents;
    }

    [Theory]
    [MemberData(nameof(HostileContents))]
    public void S5_Hostile_line_ends_never_reach_the_wire(string content)
    {
        for (var piece = 1; piece <= content.Length; piece++)
        {
            var wire = Stuff(content, piece, 8 + (piece % 5), out var refused);
            Assert.Equal(HasBare(content), refused);
            Assert.False(HasBare(wire), $"{wire}");
            // The only end of the data is the one that is ours.
            var end = wire.IndexOf("\r\n.\r\n", StringComparison.Ordinal);
            Assert.Equal(refused ? -1 : wire.Length - 5, end);
        }
    }

    [Fact]
    public void Any_content_in_any_pieces_is_what_the_simple_rule_says()
    {
        var octet = Gen.Char["\r\n.a\0é"];
        string[] words = ["\r\n", ".", "a", "..", "\0", "é", "\r\n."];
        var crlfText = Gen.Int[0, words.Length - 1].Array[0, 30].Select(at => string.Concat(at.Select(i => words[i])));
        Gen.Select(Gen.OneOf(Gen.String[octet, 0, 20], crlfText), Gen.Int[1, 9], Gen.Int[8, 20])
            .Sample((content, piece, room) =>
            {
                var wire = Stuff(content, piece, room, out var refused);
                return HasBare(content) ? refused && !HasBare(wire) : !refused && wire == Simple(content);
            }, iter: 20_000);
    }

    /// <summary>The rule as RFC 5321 §4.5.2 has it, without pieces.</summary>
    private static string Simple(string content)
    {
        if (content.Length > 0 && !content.EndsWith("\r\n", StringComparison.Ordinal)) content += "\r\n";
        return ("\r\n" + content).Replace("\r\n.", "\r\n..", StringComparison.Ordinal)[2..] + ".\r\n";
    }

    private static bool HasBare(string text) =>
        text.Replace("\r\n", "", StringComparison.Ordinal).AsSpan().ContainsAny('\r', '\n');

    private static string Stuff(string content, int piece, int room)
    {
        var wire = Stuff(content, piece, room, out var refused);
        Assert.False(refused);
        return wire;
    }

    private static string Stuff(string content, int piece, int room, out bool refused)
    {
        var stuffer = new DotStuffer();
        var octets = Encoding.Latin1.GetBytes(content);
        var wire = new List<byte>();
        var block = new byte[room];
        refused = true;
        for (var at = 0; at < octets.Length; at += piece)
        {
            ReadOnlySpan<byte> left = octets.AsSpan(at, Math.Min(piece, octets.Length - at));
            while (true)
            {
                var status = stuffer.Write(left, block, out var consumed, out var written);
                wire.AddRange(block.AsSpan(0, written));
                left = left[consumed..];
                if (status == OperationStatus.InvalidData) return Encoding.Latin1.GetString([.. wire]);
                if (status == OperationStatus.Done) break;
                Assert.True(consumed > 0 || written > 0, "no progress");
            }

            Assert.True(left.IsEmpty);
        }

        refused = !stuffer.TryFinish(block, out var last);
        wire.AddRange(block.AsSpan(0, last));
        return Encoding.Latin1.GetString([.. wire]);
    }
}
