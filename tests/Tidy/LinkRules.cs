using System.Text.RegularExpressions;

namespace Tidy;

/// <summary>A link in a document leads somewhere.</summary>
public static partial class LinkRules
{
    /// <summary>Links to files of the checkout that are not there.</summary>
    public static IEnumerable<Complaint> Broken(string path, string text, Func<string, bool> has)
    {
        var folder = Path.GetDirectoryName(path) ?? "";
        var lines = SourceFile.SplitLines(text);
        for (var index = 0; index < lines.Count; index++)
        {
            foreach (var target in Link().Matches(lines[index]).Select(match => match.Groups["target"].Value))
            {
                var file = target.Split('#')[0];
                if (file.Length > 0 && !file.Contains(':', StringComparison.Ordinal)
                    && !has(Path.Combine(folder, file)))
                {
                    yield return new Complaint(path, index + 1, $"a link to {target}, which is not there");
                }
            }
        }
    }

    [GeneratedRegex(@"\]\(<?(?<target>[^)\s>]+)>?\)|^\[[^\]]+\]: +(?<target>\S+)")]
    private static partial Regex Link();
}
