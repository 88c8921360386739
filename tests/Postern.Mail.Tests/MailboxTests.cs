using System.Text;
using CsCheck;

namespace Postern.Mail.Tests;

public sealed class MailboxTests
{
    private static bool TryParse(string text, bool smtpUtf8, out Mailbox? mailbox) =>
        Mailbox.TryParse(Encoding.UTF8.GetBytes(text), smtpUtf8, out mailbox);

    [Theory]
    [InlineData("a@b.example", "a", "b.example")]
    [InlineData("Alice.Smith+tag@Example.COM", "Alice.Smith+tag", "example.com")]
    [InlineData("!#$%&'*+-/=?^_`{|}~@b.example", "!#$%&'*+-/=?^_`{|}~", "b.example")]
    [InlineData("\"a b\"@b.example", "\"a b\"", "b.example")]
    [InlineData("\"\"@b.example", "\"\"", "b.example")]
    [InlineData("\"a@b\\\"c\\\\\"@b.example", "\"a@b\\\"c\\\\\"", "b.example")]
    [InlineData("a@[10.1.2.3]", "a", "[10.1.2.3]")]
    [InlineData("a@[IPv6:2001:DB8::1]", "a", "[2001:db8::1]")]
    [InlineData("a@[ipv6:::ffff:10.1.2.3]", "a", "[10.1.2.3]")]
    [InlineData("PostMaster", "PostMaster", "")]
    [InlineData("postmaster@b.example", "postmaster", "b.example")]
    public void Mailboxes_are_read(string text, string localPart, string receivingDomain)
    {
        Assert.True(TryParse(text, smtpUtf8: false, out var mailbox));
        Assert.Equal((text, localPart, receivingDomain), (mailbox!.Text, mailbox.LocalPart, mailbox.ReceivingDomain));
        Assert.Equal(receivingDomain.Length == 0, mailbox.IsBarePostmaster);
        Assert.False(mailbox.NeedsSmtpUtf8);
    }

    // SV16
    [Theory]
    [InlineData("@one.example:a@b.example")]
    [InlineData("@one.example,@two.example:a@b.example")]
    public void SV16_a_source_route_is_accepted_and_dropped(string text)
    {
        Assert.True(TryParse(text, smtpUtf8: false, out var mailbox));
        Assert.Equal("a@b.example", mailbox!.Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("@b.example")]
    [InlineData("a@")]
    [InlineData("a@b.example.")]
    [InlineData("a@b..example")]
    [InlineData(".a@b.example")]
    [InlineData("a.@b.example")]
    [InlineData("a..b@b.example")]
    [InlineData("a b@b.example")]
    [InlineData("a@b@c.example")]
    [InlineData("a@[10.1.2.3]@b.example")]
    [InlineData("a,b@b.example")]
    [InlineData("<a@b.example>")]
    [InlineData(" a@b.example")]
    [InlineData("a@b.example ")]
    [InlineData("\"a@b.example")]
    [InlineData("\"a\"b@b.example")]
    [InlineData("\"a\\\"@b.example")]
    [InlineData("\"a@b.example\"")]
    [InlineData("@one.example")]
    [InlineData("@one.example:")]
    [InlineData("@one.example:postmaster")]
    [InlineData("@one.example,:a@b.example")]
    [InlineData("one.example:a@b.example")]
    [InlineData("@[10.1.2.3]:a@b.example")]
    [InlineData("@one.example:@two.example:a@b.example")]
    [InlineData("host::user")]
    [InlineData("ext.example!user")]
    [InlineData("a@[10.1.2]")]
    [InlineData("a@[10.1.2.3.4]")]
    [InlineData("a@[10.1.2.256]")]
    [InlineData("a@[10.1.2.03]")]
    [InlineData("a@[0x7f.1]")]
    [InlineData("a@[10.1.2.3")]
    [InlineData("a@10.1.2.3")]
    [InlineData("a@#2130706433")]
    [InlineData("a@[IPv6:10.1.2.3]")]
    [InlineData("a@[IPv6:fe80::1%eth0]")]
    [InlineData("a@[IPv6:[::1]]")]
    [InlineData("a@[2001:db8::1]")]
    [InlineData("a@[]")]
    [InlineData("a\r\nRCPT TO:<x@b.example")]
    [InlineData("\"a\r\n\"@b.example")]
    [InlineData("\"a\0\"@b.example")]
    [InlineData("\"a\\\0\"@b.example")]
    [InlineData("\"a\u007F\"@b.example")]
    public void What_the_grammar_does_not_have_is_refused(string text)
    {
        Assert.False(TryParse(text, smtpUtf8: false, out _));
        Assert.False(TryParse(text, smtpUtf8: true, out _));
    }

    // SV111, N8, N9
    [Fact]
    public void SV111_UTF8_only_when_asked_for()
    {
        Assert.False(TryParse("jürgen@bücher.example", smtpUtf8: false, out _));
        Assert.True(TryParse("jürgen@Bücher.example", smtpUtf8: true, out var mailbox));
        Assert.Equal("xn--bcher-kva.example", mailbox!.ReceivingDomain);
        Assert.True(mailbox.NeedsSmtpUtf8);
        Assert.True(TryParse("\"jür gen\"@b.example", smtpUtf8: true, out _));
    }

    [Theory]
    [InlineData("u＠ext.example")]
    [InlineData("u@ext。example")]
    [InlineData("u@ｅxt.example")]
    [InlineData("u\u0085@ext.example")]
    [InlineData("u\u2028@ext.example")]
    [InlineData("\"u\u009B\"@ext.example")]
    [InlineData("\"u\\é\"@ext.example")]
    public void N8_lookalikes_and_controls_beyond_ASCII_are_refused(string text) =>
        Assert.False(TryParse(text, smtpUtf8: true, out _));

    [Theory]
    [InlineData(new byte[] { (byte)'a', 0xC0, 0x80, (byte)'@', (byte)'b' })]
    [InlineData(new byte[] { (byte)'a', 0xFF, (byte)'@', (byte)'b' })]
    [InlineData(new byte[] { (byte)'a', 0xED, 0xA0, 0x80, (byte)'@', (byte)'b' })]
    [InlineData(new byte[] { (byte)'a', 0xC3, (byte)'@', (byte)'b' })]
    public void N9_invalid_UTF8_is_refused(byte[] text) => Assert.False(Mailbox.TryParse(text, smtpUtf8: true, out _));

    // SV10
    [Fact]
    public void SV10_lengths()
    {
        Assert.True(TryParse(new string('a', 64) + "@b.example", false, out _));
        Assert.True(TryParse(new string('a', Mailbox.MaxLocalPart) + "@b.example", false, out _));
        Assert.False(TryParse(new string('a', Mailbox.MaxLocalPart + 1) + "@b.example", false, out _));
    }

    // SV17
    [Fact]
    public void SV17_quotes_and_the_case_of_the_domain_make_no_difference_but_the_case_of_the_local_part_does()
    {
        Assert.Equal(Mailbox.Parse("\"a.b\"@B.example"), Mailbox.Parse("a.b@b.EXAMPLE"));
        Assert.Equal(Mailbox.Parse("\"\\a.b\"@b.example").GetHashCode(), Mailbox.Parse("a.b@b.example").GetHashCode());
        Assert.NotEqual(Mailbox.Parse("A@b.example"), Mailbox.Parse("a@b.example"));
    }

    [Fact]
    public void SV15_the_bare_postmaster_is_completed()
    {
        Assert.True(Domain.TryParse("gw.example.com", out var host));
        Assert.Equal("PostMaster@gw.example.com", Mailbox.Parse("PostMaster").WithDomain(host).Text);
        Assert.Equal("a@b.example", Mailbox.Parse("a@b.example").WithDomain(host).Text);
    }

    // I1: whatever is read, what comes out has no control character and reads as the same again.
    [Fact]
    public void I1_no_octets_give_a_mailbox_with_control_characters()
    {
        var likely = "a@.\"\\[]:IPv6,<> \r\n\0é"u8.ToArray();
        Gen.OneOf(Gen.Byte, Gen.Int[0, likely.Length - 1].Select(i => likely[i])).Array[0, 40].Sample(octets =>
        {
            if (!Mailbox.TryParse(octets, smtpUtf8: true, out var mailbox)) return true;
            return !mailbox.Text.Any(char.IsControl) && Mailbox.Parse(mailbox.Text).Text == mailbox.Text;
        });
    }
}
