using System.Text.Json;
using Deque.AxeCore.Commons;

namespace Pages;

/// <summary>What axe finds on a page.</summary>
internal static class Accessibility
{
    // The rules that look at colours.
    private static readonly object colours = new { runOnly = new[] { "color-contrast", "link-in-text-block" } };
    private static readonly string axe = new BundledAxeScriptProvider().GetScript();

    // What the package calls to run axe gathers the results in a second page, which it opens for each run and gives
    // the half megabyte of axe once more: that is for pages with frames, and takes most of the time. Here a document
    // has axe once.
    private const string Run = """
        async options => (await axe.run(document, options ?? {})).violations.flatMap(rule => rule.nodes.map(node =>
            ({ rule: rule.id, text: `${rule.impact} ${rule.id}: ${rule.help}`, html: node.html })))
        """;

    /// <summary>
    /// What MudBlazor brings: the rule, and the class of the element. The list stands with its reasons in
    /// docs/design/admin.md, and nowhere else.
    /// </summary>
    public static IReadOnlyList<(string Rule, string Class)> Brought { get; } =
        [.. File.ReadLines(Path.Combine(Root(), "docs/design/admin.md"))
            .SkipWhile(line => line != "| finding of axe | element | why it stays |").Skip(2)
            .TakeWhile(line => line.StartsWith("| ", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => (cells[1].Trim('`'), cells[2].Trim('`')))];

    /// <summary>Nothing, however slight, but what MudBlazor brings.</summary>
    /// <param name="page">The page.</param>
    /// <param name="inColourAlone">Nothing but colours is looked at, since all else was.</param>
    /// <returns>What MudBlazor has brought.</returns>
    public static async Task<IReadOnlyList<(string Rule, string Class)>> HoldsAsync(
        IPage page, bool inColourAlone = false)
    {
        await SettleAsync(page);
        if (!await page.EvaluateAsync<bool>("'axe' in window")) await page.EvaluateAsync(axe);
        var found = (await page.EvaluateAsync<JsonElement>(Run, inColourAlone ? colours : null))
            .Deserialize<List<Finding>>(JsonSerializerOptions.Web)!;
        var ours = found.Where(one => !Brought.Any(known => IsOf(known, one)))
            .Select(one => $"{one.Text}\n  {one.Html}").ToList();
        Assert.True(ours.Count == 0, string.Join("\n\n", ours));
        return [.. Brought.Where(known => found.Exists(one => IsOf(known, one)))];
    }

    /// <summary>Waits until nothing moves: on its way a menu is neither open nor closed, nor a colour itself.</summary>
    public static async Task SettleAsync(IPage page) => await page.EvaluateAsync(
        "Promise.allSettled(document.getAnimations().map(way => way.finished))");

    private static bool IsOf((string Rule, string Class) known, Finding one) =>
        one.Rule == known.Rule && one.Html.Split('>')[0].Contains(known.Class, StringComparison.Ordinal);

    /// <summary>The folder of the sources.</summary>
    public static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Postern.slnx"))) folder = folder.Parent!;
        return folder.FullName;
    }

    // An element that breaks a rule.
    private sealed record Finding(string Rule, string Text, string Html);
}
