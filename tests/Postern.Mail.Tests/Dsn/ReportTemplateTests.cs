using Postern.Mail.Dsn;

namespace Postern.Mail.Tests.Dsn;

/// <summary>Templates of operators: what they may hold, and what is said of what they may not.</summary>
public sealed class ReportTemplateTests
{
    /// <summary>A template without errors.</summary>
    internal static ReportTemplate Valid(string text)
    {
        var template = ReportTemplateParser.Parse(text, out var errors);
        Assert.Empty(errors);
        return template!;
    }

    [Fact]
    public void Comments_blank_lines_and_line_ends_of_windows_are_fine() =>
        Valid("# our text\r\n\r\n[delayed]\r\nSubject: late\r\n\r\n{recipients}\r\n{until}\r\n\r\n");

    [Theory]
    [InlineData("", 1, 1, "the template has no section")]
    [InlineData("hello\n[failed]\nSubject: x\n{recipients}", 1, 1, "text before the first section")]
    [InlineData("[bounced]\nSubject: x\n{recipients}", 1, 1, "there is no section [bounced]")]
    [InlineData("[failed]\nSubject: x\n{recipients}\n[failed]\nSubject: y\n{recipients}", 4, 1,
        "there is a section [failed] already")]
    [InlineData("[failed]\nGuten Tag\n{recipients}", 2, 1, "the section has no subject")]
    [InlineData("[failed]\n", 1, 1, "the section has no text")]
    [InlineData("\n[failed]\nSubject: x\nhello", 2, 1, "the section does not name the recipients")]
    [InlineData("[failed]\nSubject: x\n{recipients}\n  {sendr}", 4, 3, "there is no placeholder {sendr}")]
    [InlineData("[failed]\nSubject: to {sender}\n{recipients}", 2, 1, "there is a placeholder in the subject")]
    [InlineData("[failed]\nSubject: to {sendr}\n{recipients}", 2, 13, "there is no placeholder {sendr}")]
    [InlineData("[failed]\nSubject: a } b\n{recipients}", 2, 12, "a '}' by itself")]
    [InlineData("[failed]\nSubject: x\n{recipients}\n{sender", 4, 1, "a '{' by itself")]
    [InlineData("[failed]\nSubject: x\n{recipients}\nsender}", 4, 7, "a '}' by itself")]
    [InlineData("[failed]\nSubject: x\n{recipients}\n{until}", 4, 1, "{until} stands outside of [delayed]")]
    [InlineData("[failed]\nSubject: x\nto {recipients}", 3, 4, "{recipients} is a block of lines")]
    [InlineData("[failed]\nSubject: x\n{recipients}\n{recipients}", 4, 1, "{recipients} is a block of lines")]
    [InlineData("[failed]\nSubject: x\n{recipients}\na\u0007b", 4, 2, "a control character")]
    public void An_error_says_where_it_is_and_what_to_do(string text, int line, int column, string what)
    {
        Assert.Null(ReportTemplateParser.Parse(text, out var errors));
        var error = Assert.Single(errors);
        Assert.Equal((line, column, what), (error.Line, error.Column, error.Text));
        Assert.EndsWith(".", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void All_errors_are_told_at_once()
    {
        var text = $"[failed]\nSubject: x\n{{recipients}}\n{{a}}\n{{b}}\n{new string('x', 201)}";
        Assert.Null(ReportTemplateParser.Parse(text, out var errors));
        Assert.Equal([4, 5, 6], errors.Select(e => e.Line));
    }

    [Fact]
    public void Braces_of_the_subject_are_doubled_as_those_of_the_text()
    {
        var request = ReportSamples.Refused() with { Template = Valid("[failed]\nSubject: a {{b}}\n{recipients}\n") };
        var content = System.Text.Encoding.UTF8.GetString(ReportSamples.Compose(request).Content.ToArray());
        Assert.Contains("Subject: a {b}\r\n", content, StringComparison.Ordinal);
    }

    [Fact]
    public void A_section_that_is_missing_has_the_built_in_text()
    {
        var request = ReportSamples.Relayed() with { Language = ReportLanguage.German };
        var template = Valid("[failed]\nSubject: x\n{recipients}\n");
        Assert.Equal(
            ReportSamples.Compose(request).Content.ToArray(),
            ReportSamples.Compose(request with { Template = template }).Content.ToArray());
    }
}
