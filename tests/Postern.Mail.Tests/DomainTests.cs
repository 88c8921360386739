namespace Postern.Mail.Tests;

public sealed class DomainTests
{
    [Theory]
    [InlineData("example.com", "example.com")]
    [InlineData("EXAMPLE.Com.", "example.com")]
    [InlineData("localhost", "localhost")]
    [InlineData("a", "a")]
    [InlineData("xn--fa-hia.de", "xn--fa-hia.de")]
    [InlineData("3com.example", "3com.example")]
    [InlineData("faß.de", "xn--fa-hia.de")]
    [InlineData("BÜCHER.example", "xn--bcher-kva.example")]
    [InlineData("пример.рф", "xn--e1afmkfd.xn--p1ai")]
    [InlineData("例え.テスト", "xn--r8jz45g.xn--zckzah")]
    public void Names_become_lower_case_A_labels(string text, string expected)
    {
        Assert.True(Domain.TryParse(text, out var domain));
        Assert.Equal(expected, domain.Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("example.com..")]
    [InlineData(".example.com")]
    [InlineData("a..b")]
    [InlineData("-a.example")]
    [InlineData("a-.example")]
    [InlineData("a_b.example")]
    [InlineData("a b.example")]
    [InlineData("a\r\n.example")]
    [InlineData("127.0.0.1")]
    [InlineData("2130706433")]
    [InlineData("#2130706433")]
    [InlineData("exam\0ple.com")]
    public void What_no_host_name_has_is_refused(string text) => Assert.False(Domain.TryParse(text, out _));

    // N8: characters that look like or decompose to others never become a name by themselves.
    [Theory]
    [InlineData("example。com")]
    [InlineData("example．com")]
    [InlineData("example｡com")]
    [InlineData("ｅxample.com")]
    [InlineData("ſ.example")]
    [InlineData("a\u200Db.example")]
    [InlineData("a\u200Cb.example")]
    [InlineData("e\u0301.example")]
    [InlineData("\u0301e.example")]
    [InlineData("ab--\u00E9.example")]
    [InlineData("ﬁ.example")]
    [InlineData("\u202Eexample.com")]
    [InlineData("i❤.example")]
    [InlineData("\uD800.example")]
    [InlineData("\u00E9＠x.example")]
    public void N8_ambiguous_characters_are_refused(string text) => Assert.False(Domain.TryParse(text, out _));

    [Fact]
    public void Labels_have_63_and_names_253_characters_at_most()
    {
        var label = new string('a', 63);
        Assert.True(Domain.TryParse(label + ".example", out _));
        Assert.False(Domain.TryParse(label + "a.example", out _));
        Assert.True(Domain.TryParse($"{label}.{label}.{label}.{new string('b', 61)}", out var longest));
        Assert.Equal(Domain.MaxLength, longest.Name.Length);
        Assert.True(Domain.TryParse($"{label}.{label}.{label}.{new string('b', 61)}.", out _));
        Assert.False(Domain.TryParse($"{label}.{label}.{label}.{new string('b', 62)}", out _));
        Assert.False(Domain.TryParse(new string('ü', 60) + ".example", out _));
    }
}
