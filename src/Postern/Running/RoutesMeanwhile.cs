using System.Globalization;
using Postern.Admin;
using Postern.Mail;
using Postern.Routes;
using Postern.Routing;

namespace Postern.Running;

/// <summary>
/// Says what became of the routes since somebody looked at them for an edit, so that no edit undoes another unseen.
/// </summary>
internal static class RoutesMeanwhile
{
    private const int MaxNamed = 5;
    private static readonly Sentence remedy = $"look at the routes as they are now and make the edit again";

    /// <summary>Null: the routes are those that the edit was made for.</summary>
    public static RouteError? In(RoutesDocument document, RoutesPrecondition expected, RoutesHistory history)
    {
        var content = document.ToBytes();
        if (expected.Versions.Contains(SmtpRoutesFile.VersionOf(content))) return null;
        // A file with errors has no routes that could be those.
        if (SmtpRoutesFile.Parse(content).Table is not { } now)
            return Meanwhile($"the routes file was changed meanwhile");
        var other = expected.Keys.Select(key => (Key: key, Route: Find(now, key)))
            .Where(t => t.Route is null || !expected.Versions.Contains(t.Route.Version)).ToList();
        if (expected.Keys.Count > 0 && other.Count == 0) return null;
        if (Since(expected, history, now) is { } since) return Meanwhile(since);
        return other switch
        {
            [] => Meanwhile($"the routes were changed meanwhile"),
            [(var key, null), ..] => Meanwhile($"there is no route {key} now"),
            [var (key, route), ..] => Meanwhile($"{key} is '{route.Target}' now"),
        };
    }

    // What the table that was looked at was followed by, as far back as the history goes.
    private static Sentence? Since(RoutesPrecondition expected, RoutesHistory history, SmtpRouteTable now)
    {
        var versions = history.List();
        var seen = versions.LastOrDefault(v => history.ContentOf(v.Number) is { } content
            && expected.Versions.Contains(SmtpRoutesFile.VersionOf(content)));
        if (seen is null || SmtpRoutesFile.Parse(history.ContentOf(seen.Number)).Table is not { } before) return null;
        var difference = before.Compare(now);
        var keys = difference.Altered.Select(a => a.After.Key).Concat(difference.Added.Select(r => r.Key))
            .Concat(difference.Removed.Select(r => r.Key)).ToList();
        var edits = versions.Where(v => v.Number > seen.Number).Select(v => string.Create(
            CultureInfo.InvariantCulture, $"{v.Time:yyyy-MM-dd HH:mm:ss}Z {v.Author}: {v.Change}"));
        return $"the routes were changed meanwhile: {Named(keys)} ({Named([.. edits])})";
    }

    private static Sentence Named(List<string> names)
    {
        var shown = string.Join(", ", names.Take(MaxNamed));
        if (names.Count <= MaxNamed) return $"{shown}";
        return $"{shown} and {names.Count - MaxNamed} more";
    }

    private static SmtpRoute? Find(SmtpRouteTable table, string text) =>
        RouteKey.Read(text.Trim(), out RouteError? _) is { } key ? table.Find(key) : null;

    private static RouteError Meanwhile(Sentence what) => new(0, 0, what, remedy);
}
