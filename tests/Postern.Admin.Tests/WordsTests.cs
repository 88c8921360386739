using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Postern.Admin.Pages;
using Postern.Admin.Pages.Parts;
using Postern.Delivery.Reports;
using Postern.Routing;

namespace Postern.Admin.Tests;

/// <summary>The words of the pages: all are there in German, and none that no page says.</summary>
public sealed partial class WordsTests
{
    private static readonly string pages = Path.Combine(Root(), "src/Postern.Admin/Pages");

    private static readonly string[] sources = [.. Directory.EnumerateFiles(pages, "*", SearchOption.AllDirectories)
        .Where(file => Path.GetExtension(file) is ".razor" or ".cs")
        .Select(File.ReadAllText)];

    /// <summary>What pages say, in German, by the English.</summary>
    internal static readonly Dictionary<string, string> German = XDocument
        .Load(Path.Combine(pages, "Words.de.resx")).Root!.Elements("data")
        .ToDictionary(data => data.Attribute("name")!.Value, data => data.Element("value")!.Value);

    // Why mail waits and hosts are passed over, which delivery has in words and pages say by these.
    private static readonly List<NextStep> waits =
        [.. Enum.GetValues<NextKind>().Select(kind => new NextStep(null, kind, "10.0.0.1:25", 7))];

    private static readonly List<HostStep> passedOver =
    [
        .. Enum.GetValues<StepReason>().Except([StepReason.HeldForProbe, StepReason.LeftOut]).Select(reason =>
            new HostStep { Entry = "mx", Host = "mx:25", Reason = reason, Failures = 2, LastError = "421" }),
    ];

    [Fact]
    public void Whatever_a_page_says_is_there_in_German()
    {
        var said = sources.SelectMany(text => Said().Matches(text)).Select(match => match.Groups[1].Value).ToHashSet();

        Assert.True(said.Count > 100);
        Assert.Empty(said.Except(German.Keys));
    }

    [Fact]
    public void What_is_there_in_German_is_said_by_a_page()
    {
        var ofOthers = waits.Select(step => step.Why).Concat(passedOver.Select(step => step.Note!))
            .Concat(SentenceWordsTests.Forms);

        Assert.All(German.Keys.Except(ofOthers),
            key => Assert.Contains(sources, text => text.Contains($"\"{key}\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void Both_have_the_same_places_for_what_is_put_in() => Assert.All(German, pair =>
        Assert.Equal(Places(pair.Key), Places(pair.Value)));

    [Fact]
    public void That_nothing_was_changed_is_said_only_where_it_is_known()
    {
        using var loggers = new NullLoggerFactory();
        var words = WordsBy(loggers);

        Assert.Equal("The disk failed, and nothing was changed: full", words.DiskFailed(new IOException("full")));
        Assert.Equal("The disk failed, and what was written may be in force: look, and repeat it. full",
            words.DiskFailed(new UncertainWriteException(new IOException("full"), new IOException("worse"))));
    }

    [Fact]
    public void Why_mail_waits_is_said_in_the_language_of_the_page_and_in_English_as_the_API_says_it()
    {
        Assert.All(waits, step => Assert.Equal(step.Why, In("en", words => words.Why(step))));
        Assert.All(passedOver, step => Assert.Equal(step.Note, In("en", words => words.Why(step))));
        Assert.All(waits, step => Assert.NotEqual(step.Why, In("de", words => words.Why(step))));
        Assert.All(passedOver, step => Assert.NotEqual(step.Note, In("de", words => words.Why(step))));
    }

    [Fact]
    public void What_a_host_said_stands_in_every_language_as_it_said_it() =>
        Assert.Equal("421 busy", In("de", words => words.Why(new HostStep
        {
            Entry = "mx",
            Host = "mx:25",
            Reason = StepReason.LeftOut,
            LastError = "421 busy",
        })));

    /// <summary>The folder of the checkout.</summary>
    internal static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Postern.slnx"))) folder = folder.Parent!;
        return folder.FullName;
    }

    private static StringLocalizer<Words> WordsBy(NullLoggerFactory loggers) =>
        new(new ResourceManagerStringLocalizerFactory(Options.Create(new LocalizationOptions()), loggers));

    /// <summary>What is said in a language.</summary>
    internal static string? In(string language, Func<IStringLocalizer<Words>, string?> say)
    {
        var before = CultureInfo.CurrentUICulture;
        CultureInfo.CurrentUICulture = new CultureInfo(language);
        try
        {
            using var loggers = new NullLoggerFactory();
            return say(WordsBy(loggers));
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    private static IEnumerable<string> Places(string text) =>
        Place().Matches(text).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal);

    [GeneratedRegex(@"\b(?:T|words)\[""([^""]+)""")]
    private static partial Regex Said();

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Place();
}
