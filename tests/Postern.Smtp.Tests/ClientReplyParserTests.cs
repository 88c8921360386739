using System.Text;
using Postern.Mail;
using Postern.Smtp.Client;

namespace Postern.Smtp.Tests;

/// <summary>RFC 5321 §4.2, CL11, CL12; hardening D14, R-7, R-10 (OpenSMTPD CVE-2020-8794).</summary>
public sealed class ClientReplyParserTests
{
    [Theory]
    [InlineData("250 ok", 250, "ok")]
    [InlineData("250", 250, "")]
    [InlineData("250 ", 250, "")]
    [InlineData("250-a|250-b|250 c", 250, "a|b|c")]
    [InlineData("250-|250", 250, "|")]
    [InlineData("431-?example.com ESMTP|431 Mail system full", 431, "?example.com ESMTP|Mail system full")]
    [InlineData("299 unknown codes act by their first digit", 299, "unknown codes act by their first digit")]
    [InlineData("550  two spaces", 550, " two spaces")]
    [InlineData("421 a\0b\u0001\rc", 421, "a\0b\u0001\rc")]
    public void CL11_Reads_a_reply(string lines, int code, string text)
    {
        var reply = Parse(lines).Reply;
        Assert.NotNull(reply);
        Assert.Equal(code, reply.Code);
        Assert.Equal(text.Split('|'), reply.Lines);
    }

    [Theory]
    [InlineData("")]
    [InlineData("25")]
    [InlineData("ok")]
    [InlineData("2500 ok")]
    [InlineData("250x")]
    [InlineData("250\tok")]
    [InlineData(" 250 ok")]
    [InlineData("25a ok")]
    [InlineData("-50 ok")]
    [InlineData("100 ok")]
    [InlineData("050 ok")]
    [InlineData("650 ok")]
    [InlineData("999 ok")]
    [InlineData("٢٥٠ ok")]
    [InlineData("250-a|251 b")]
    [InlineData("250-a|550 b")]
    [InlineData("250-a|b")]
    [InlineData("250-a|")]
    public void CL12_What_is_no_reply_is_malformed(string lines)
    {
        var (reply, error) = Parse(lines);
        Assert.Null(reply);
        Assert.NotNull(error);
    }

    [Theory]
    [InlineData("250 2.1.5 ok", "2.1.5")]
    [InlineData("452 4.3.1 full", "4.3.1")]
    [InlineData("452 4.3.1", "4.3.1")]
    [InlineData("550-5.1.1 no|550 5.7.1 such user", "5.1.1")]
    [InlineData("550 5.999.123 x", "5.999.123")]
    // a class that is not the reply's, stale or half a code is none.
    [InlineData("550 4.1.1 wrong class", null)]
    [InlineData("250 5.1.1 wrong class", null)]
    [InlineData("354 3.1.1 no such class", null)]
    [InlineData("550 5.1.1x", null)]
    [InlineData("550 5.1.", null)]
    [InlineData("550 5.1", null)]
    [InlineData("550 5..1 x", null)]
    [InlineData("550 5.1000.1 x", null)]
    [InlineData("550 x 5.1.1", null)]
    [InlineData("550-hello|550 5.1.1 not at the start", null)]
    public void R7_An_enhanced_status_counts_only_where_it_agrees(string lines, string? status)
    {
        Assert.Equal(status, Parse(lines).Reply!.Status?.ToString());
    }

    [Fact]
    public void Odd_octets_are_kept_as_utf8_or_else_latin1()
    {
        var parser = new SmtpReplyParser(2000, 100);
        Assert.Equal(ReplyProgress.Complete, parser.Add("550 fü"u8));
        Assert.Equal("fü", parser.Reply!.Lines[0]);
        Assert.Equal(ReplyProgress.Complete, parser.Add([.. "550 f"u8, 0xfc, 0xff]));
        Assert.Equal("füÿ", parser.Reply!.Lines[0]);
    }

    [Fact]
    public void D14_A_reply_has_limits_of_lines_and_octets()
    {
        Assert.NotNull(Parse(string.Join('|', Enumerable.Repeat("250-x", 99)) + "|250 x").Reply);
        Assert.Equal(
            "too many lines in a reply", Parse(string.Join('|', Enumerable.Repeat("250-x", 100)) + "|250 x").Error);
        Assert.NotNull(Parse("250 " + new string('x', 1994)).Reply);
        Assert.Equal("reply line too long", Parse("250 " + new string('x', 1995)).Error);
        Assert.Equal(
            "reply too long", Parse(string.Join('|', Enumerable.Repeat("250-" + new string('x', 1500), 60))).Error);
    }

    [Fact]
    public void A_malformed_reply_leaves_nothing_to_the_next()
    {
        var parser = new SmtpReplyParser(2000, 100);
        Assert.Equal(ReplyProgress.More, parser.Add("250-first"u8));
        Assert.Equal(ReplyProgress.Malformed, parser.Add("550 other"u8));
        Assert.Null(parser.Reply);
        Assert.Equal(ReplyProgress.Complete, parser.Add("220 new"u8));
        Assert.Equal(["new"], parser.Reply!.Lines);
    }

    [Fact]
    public void Extensions_are_read_in_any_case_behind_the_first_line()
    {
        var offered = SmtpExtensions.Parse(Parse(
            "250-PIPELINING greets|250-size 1000|250-8BitMime|250-SMTPUTF8 |250-Dsn|250-AUTH plain LOGIN|250-XFOO|250 "
            + "STARTTLS").Reply!);
        Assert.False(offered.Pipelining);
        Assert.True(
            offered is { Size: true, MaxSize: 1000, EightBitMime: true, SmtpUtf8: true, Dsn: true, StartTls: true });
        Assert.Equal(["PLAIN", "LOGIN"], offered.AuthMechanisms);
    }

    [Theory]
    [InlineData("250-h|250 SIZE", null)]
    [InlineData("250-h|250 SIZE 0", 0L)]
    [InlineData("250-h|250 SIZE 99999999999999999999", null)]
    [InlineData("250-h|250 SIZE -1", null)]
    [InlineData("250-h|250 SIZE 12x", null)]
    public void A_size_that_is_no_number_is_no_limit(string lines, long? size)
    {
        var offered = SmtpExtensions.Parse(Parse(lines).Reply!);
        Assert.True(offered.Size);
        Assert.Equal(size, offered.MaxSize);
    }

    [Fact]
    public void Octets_that_are_not_UTF8_are_kept_and_spoil_no_others()
    {
        var parser = new SmtpReplyParser(2000, 100);
        Assert.Equal(ReplyProgress.Complete, parser.Add([.. "452 sp\u00E4ter "u8, 0xFF, 0xC3, .. " \u20AC"u8]));
        Assert.Equal(["sp\u00E4ter \u00FF\u00C3 \u20AC"], parser.Reply!.Lines);
    }

    private static (SmtpReply? Reply, string? Error) Parse(string lines)
    {
        var parser = new SmtpReplyParser(2000, 100);
        var all = lines.Split('|');
        for (var i = 0; i < all.Length; i++)
        {
            var progress = parser.Add(Encoding.UTF8.GetBytes(all[i]));
            if (progress == ReplyProgress.Malformed) return (null, parser.Error);
            if (progress == ReplyProgress.Complete)
            {
                Assert.Equal(all.Length - 1, i);
                return (parser.Reply, null);
            }
        }

        return (null, null);
    }
}
