using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;

namespace Pages;

/// <summary>What axe finds on a page.</summary>
internal static class Accessibility
{
    /// <summary>Nothing serious or critical.</summary>
    public static async Task HoldsAsync(IPage page)
    {
        var result = await page.RunAxe();
        var serious = result.Violations.Where(v => v.Impact is "serious" or "critical").Select(Text).ToList();
        Assert.True(serious.Count == 0, string.Join("\n\n", serious));
    }

    private static string Text(AxeResultItem item) => $"{item.Impact} {item.Id}: {item.Help}\n"
        + string.Join('\n', item.Nodes.Select(node => "  " + node.Html));
}
