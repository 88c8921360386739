using System.Text;

namespace Postern.Reporting.Tests;

/// <summary>Text that is looked for in lines of the mail log.</summary>
public sealed class LogTextTests
{
    private static readonly byte[] line = Encoding.UTF8.GetBytes(@"details: 431-x ESMTP\nMail system full, C:\\mail");

    [Theory]
    [InlineData("ESMTP\nMail system full")]
    [InlineData(@"esmtp\nmail system")]
    [InlineData(@"C:\mail")]
    [InlineData(@"C:\\mail")]
    public void It_is_found_as_a_peer_wrote_it_and_as_it_was_copied_from_a_line(string text) =>
        Assert.True(new LogText(text).IsIn(line));

    [Theory]
    [InlineData(@"ESMTP\tMail")]
    [InlineData(@"C:\\\mail")]
    [InlineData("full, D")]
    public void What_is_not_there_is_not_found(string text) => Assert.False(new LogText(text).IsIn(line));

    [Fact]
    public void A_whole_text_is_the_same_in_both_forms()
    {
        Assert.True(new LogText(@"a\b").Is(@"a\\b"u8));
        Assert.True(new LogText(@"a\\b").Is(@"a\\b"u8));
        Assert.False(new LogText(@"a\b").Is("ab"u8));
    }
}
