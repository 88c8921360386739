using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;

namespace Pages;

/// <summary>What axe finds on a page.</summary>
internal static class Accessibility
{
    // The rules that look at colours.
    private static readonly AxeRunOptions colours =
        new() { RunOnly = RunOnlyOptions.Rules("color-contrast", "link-in-text-block") };

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
        var result = inColourAlone ? await page.RunAxe(colours) : await page.RunAxe();
        var found = result.Violations.SelectMany(rule => rule.Nodes.Select(node => (Rule: rule, node.Html))).ToList();
        var ours = found.Where(one => !Brought.Any(known => IsOf(known, one.Rule, one.Html)))
            .Select(one => $"{one.Rule.Impact} {one.Rule.Id}: {one.Rule.Help}\n  {one.Html}").ToList();
        Assert.True(ours.Count == 0, string.Join("\n\n", ours));
        return [.. Brought.Where(known => found.Any(one => IsOf(known, one.Rule, one.Html)))];
    }

    /// <summary>Waits until nothing moves: on its way a menu is neither open nor closed, nor a colour itself.</summary>
    public static async Task SettleAsync(IPage page) => await page.EvaluateAsync(
        "Promise.allSettled(document.getAnimations().map(way => way.finished))");

    private static bool IsOf((string Rule, string Class) known, AxeResultItem rule, string html) =>
        rule.Id == known.Rule && html.Split('>')[0].Contains(known.Class, StringComparison.Ordinal);

    /// <summary>The folder of the sources.</summary>
    public static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Postern.slnx"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
