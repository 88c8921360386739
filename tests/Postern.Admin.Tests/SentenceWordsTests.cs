using System.Globalization;
using System.Text.RegularExpressions;
using Postern.Admin.Accounts;
using Postern.Admin.Pages.Parts;
using Postern.Mail;
using Postern.Routing;

namespace Postern.Admin.Tests;

/// <summary>What the other rooms say to people, as pages say it: in German on German ones, in English as the API does.
/// </summary>
public sealed partial class SentenceWordsTests
{
    /// <summary>The sentences that a page may get from another room, with <c>{0}</c> for what is put in.</summary>
    internal static readonly HashSet<string> Forms = [.. Directory
        .EnumerateFiles(Path.Combine(WordsTests.Root(), "src"), "*.cs", SearchOption.AllDirectories)
        .Select(File.ReadAllText)
        .Where(text => Maker().IsMatch(text))
        .SelectMany(text => Interpolated().Matches(Joint().Replace(text, "")))
        .Select(match => FormOf(match.Groups[1].Value))];

    [Fact]
    public void Each_of_them_is_there_in_German()
    {
        // What has no two words in a row, as "[{0}]:{1}", is no sentence.
        var sentences = Forms.Where(form => TwoWords().IsMatch(form)).ToHashSet();

        Assert.True(sentences.Count > 150, $"{sentences.Count}");
        Assert.Empty(sentences.Except(WordsTests.German.Keys));
    }

    [Theory]
    [InlineData("192.168.10", "„192.168.10“ ist keine IPv4-Adresse: Eine IPv4-Adresse hat genau vier dezimale Oktette; "
        + "schreiben Sie die Adresse wie 192.0.2.10")]
    [InlineData("a_b.example", "Hostname: „_“ kann darin nicht stehen; "
        + "ein Name hat Buchstaben, Ziffern, Bindestriche und Punkte")]
    [InlineData("mx.example:25", "„mx.example:25“ enthält einen Port; schreiben Sie den Port in sein eigenes Feld")]
    [InlineData("{0}", "Hostname: „{“ kann darin nicht stehen; "
        + "ein Name hat Buchstaben, Ziffern, Bindestriche und Punkte")]
    public void A_wrong_entry_of_a_form_is_told_in_the_language_of_the_page(string destination, string inGerman)
    {
        var wrong = Assert.Single(new RouteDraft { Key = "a.example", Hosts = [new(destination)] }.Check());

        Assert.Equal(inGerman, In("de", wrong.Message, wrong.Remedy));
        Assert.Equal($"{wrong.Message}; {wrong.Remedy}", In("en", wrong.Message, wrong.Remedy));
    }

    [Fact]
    public void A_wrong_line_of_a_file_is_told_with_its_place()
    {
        var wrong = Assert.Single(SmtpRoutesFile.Parse("a.example mx\nb.example mx/prio=3\n").Errors);

        Assert.Equal("Zeile 2, Spalte 13: „/prio=3“ ist unbekannt; meinten Sie /pri=N?",
            WordsTests.In("de", words => words.Say(wrong)));
        Assert.Equal(wrong.ToString(), WordsTests.In("en", words => words.Say(wrong)));
    }

    [Fact]
    public async Task A_refusal_is_told_in_the_language_of_the_page()
    {
        await using var api = await ApiFixture.StartAsync();
        var edits = new AccountEdits(api.Accounts, TimeProvider.System);

        var refusal = (await edits.EditAsync("nobody", AccountRole.Viewer)).Refusal;

        Assert.Equal("es gibt kein Konto „nobody“", WordsTests.In("de", words => words.Say(refusal)));
    }

    [Fact]
    public void What_somebody_wrote_is_made_harmless()
    {
        var wrong = Assert.Single(new RouteDraft { Key = "a.exam\u202Ele", Hosts = [new("mx.example")] }.Check());

        Assert.DoesNotContain("\u202E", In("de", wrong.Message, wrong.Remedy), StringComparison.Ordinal);
        Assert.Contains(@"„a.exam\xE2\x80\xAEle“", In("de", wrong.Message, wrong.Remedy), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.25, "0.3", "0,3")]
    [InlineData(40_000, "40,000", "40.000")]
    [InlineData(1234.56, "1,234.6", "1.234,6")]
    public void Numbers_have_the_signs_of_the_language(double number, string inEnglish, string inGerman)
    {
        Assert.Equal(inEnglish, WordsTests.In("en", _ => Numbers.Text(number)));
        Assert.Equal(inGerman, WordsTests.In("de", _ => Numbers.Text(number)));
    }

    [Fact]
    public void Sizes_and_durations_have_them_too()
    {
        Assert.Equal("74,6 GB", WordsTests.In("de", _ => Octets.Text(74_600_000_000)));
        Assert.Equal("3,4 ms", WordsTests.In("de", _ => Durations.Text(TimeSpan.FromMilliseconds(3.4))));
        Assert.Equal("74.6 GB", WordsTests.In("en", _ => Octets.Text(74_600_000_000)));
    }

    private static string? In(string language, Sentence message, Sentence remedy) =>
        WordsTests.In(language, words => $"{words.Say(message)}; {words.Say(remedy)}");

    private static string FormOf(string text)
    {
        var parts = 0;
        return Part().Replace(text, _ => string.Create(CultureInfo.InvariantCulture, $"{{{parts++}}}"));
    }

    // Files that make sentences.
    [GeneratedRegex(@"\b(?:Sentence|RouteProblem|DraftProblem|new RouteError|RoutesChange\.Refused)\b")]
    private static partial Regex Maker();

    // Between two lines of one text.
    [GeneratedRegex("\"\\s*\\+\\s*\\$\"")]
    private static partial Regex Joint();

    [GeneratedRegex("\\$\"((?:[^\"\\\\{]|\\{(?:[^{}\"]|\"[^\"]*\")*\\})*)\"")]
    private static partial Regex Interpolated();

    [GeneratedRegex("\\{(?:[^{}\"]|\"[^\"]*\")*\\}")]
    private static partial Regex Part();

    [GeneratedRegex(@"\p{L}{2,} \p{L}{2,}")]
    private static partial Regex TwoWords();
}
