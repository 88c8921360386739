using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Postern.Admin.Pages;
using Postern.Admin.Pages.Parts;
using Postern.Routing;

namespace Postern.Admin.Tests;

/// <summary>The words of the pages: all are there in German, and none that no page says.</summary>
public sealed partial class WordsTests
{
    private static readonly string pages = Path.Combine(Root(), "src/Postern.Admin/Pages");

    private static readonly string[] sources = [.. Directory.EnumerateFiles(pages, "*", SearchOption.AllDirectories)
        .Where(file => Path.GetExtension(file) is ".razor" or ".cs")
        .Select(File.ReadAllText)];

    private static readonly Dictionary<string, string> german = XDocument
        .Load(Path.Combine(pages, "Words.de.resx")).Root!.Elements("data")
        .ToDictionary(data => data.Attribute("name")!.Value, data => data.Element("value")!.Value);

    [Fact]
    public void Whatever_a_page_says_is_there_in_German()
    {
        var said = sources.SelectMany(text => Said().Matches(text)).Select(match => match.Groups[1].Value).ToHashSet();

        Assert.True(said.Count > 100);
        Assert.Empty(said.Except(german.Keys));
    }

    [Fact]
    public void What_is_there_in_German_is_said_by_a_page() =>
        Assert.All(german.Keys, key => Assert.Contains(
            sources, text => text.Contains($"\"{key}\"", StringComparison.Ordinal)));

    [Fact]
    public void Both_have_the_same_places_for_what_is_put_in() => Assert.All(german, pair =>
        Assert.Equal(Places(pair.Key), Places(pair.Value)));

    [Fact]
    public void That_nothing_was_changed_is_said_only_where_it_is_known()
    {
        using var loggers = new NullLoggerFactory();
        var words = new StringLocalizer<Words>(
            new ResourceManagerStringLocalizerFactory(Options.Create(new LocalizationOptions()), loggers));

        Assert.Equal("The disk failed, and nothing was changed: full", words.DiskFailed(new IOException("full")));
        Assert.Equal("The disk failed: full; what was written may be in force, now or after a power cut: look, and "
            + "repeat it",
            words.DiskFailed(new UncertainWriteException(new IOException("full"), new IOException("worse"))));
    }

    /// <summary>The folder of the checkout.</summary>
    internal static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Postern.slnx"))) folder = folder.Parent!;
        return folder.FullName;
    }

    private static IEnumerable<string> Places(string text) =>
        Place().Matches(text).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal);

    [GeneratedRegex(@"\b(?:T|words)\[""([^""]+)""")]
    private static partial Regex Said();

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Place();
}
