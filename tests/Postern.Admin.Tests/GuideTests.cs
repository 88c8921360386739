using Postern.Admin.Accounts;

namespace Postern.Admin.Tests;

/// <summary>Who reads how to begin finds the page and gets in.</summary>
public sealed class GuideTests
{
    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/guide/pages.md")]
    public void It_tells_the_address_of_the_page_the_account_and_where_its_password_comes_from(string file)
    {
        var text = File.ReadAllText(Path.Combine(WordsTests.Root(), file)).ReplaceLineEndings(" ");

        foreach (var told in new[] { "http://127.0.0.1:8025", "`serve`", $"`{Account.Admin}`", "one-time password" })
            Assert.Contains(told, text, StringComparison.Ordinal);
        Assert.Contains("admin reset", text, StringComparison.Ordinal);
    }
}
