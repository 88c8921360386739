using System.Text.RegularExpressions;

namespace Pages;

/// <summary>
/// The pages that the router leads to, from their sources, so that one that is new is not forgotten by the tests that
/// are about all of them.
/// </summary>
internal static partial class RoutedPages
{
    /// <summary>The templates of their addresses: <c>/routes</c>, <c>/routes/rollback/{Version:int}</c>.</summary>
    public static IReadOnlyList<string> Templates { get; } =
        [.. Directory.EnumerateFiles(
                Path.Combine(Accessibility.Root(), "src/Postern.Admin/Pages"), "*.razor", SearchOption.AllDirectories)
            .SelectMany(File.ReadLines).Select(line => Declaration().Match(line)).Where(found => found.Success)
            .Select(found => found.Groups[1].Value).Order(StringComparer.Ordinal)];

    /// <summary>The templates that none of these addresses is of.</summary>
    public static IReadOnlyList<string> MissingIn(IEnumerable<string> addresses)
    {
        var paths = addresses.Select(address => address.Split('?')[0]).ToList();
        return [.. Templates.Where(template => !paths.Exists(path => Regex.IsMatch(path, PatternOf(template))))];
    }

    private static string PatternOf(string template) => $"^{Parameter().Replace(template, "[^/]+")}$";

    [GeneratedRegex("""^@page "([^"]+)"$""")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}
