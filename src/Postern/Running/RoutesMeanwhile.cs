using System.Globalization;
using Postern.Admin;
using Postern.Routes;
using Postern.Routing;

namespace Postern.Running;

/// <summary>
/// Says what became of the routes since somebody looked at them for an edit, so that no edit undoes another unseen.
/// </summary>
internal static class RoutesMeanwhile
{
    private const int MaxNamed = 5;
    private const string Remedy = "look at the routes as they are now and make the edit again";

    /// <summary>Null: the routes are those that the edit was made for.</summary>
    public static RouteError? In(RoutesDocument document, RoutesPrecondition expected, RoutesHistory history)
    {
        var content = document.ToBytes();
        if (expected.Versions.Contains(SmtpRoutesFile.VersionOf(content))) return null;
        // A file with errors has no routes that could be those.
        if (SmtpRoutesFile.Parse(content).Table is not { } now)
            return Meanwhile("the routes file was changed meanwhile");
        var touched = expected.Keys.Select(key => (Key: key, Route: Find(now, key))).ToList();
        if (touched.Count > 0 && touched.All(t => t.Route is not null && expected.Versions.Contains(t.Route.Version)))
            return null;
        return Meanwhile(Since(expected, history, now) ?? string.Join(", ", touched.Take(MaxNamed).Select(t =>
            t.Route is null ? $"there is no route {t.Key} now" : $"{t.Key} is '{t.Route.Target}' now")
            .DefaultIfEmpty("the routes were changed meanwhile")));
    }

    // What the table that was looked at was followed by, as far back as the history goes.
    private static string? Since(RoutesPrecondition expected, RoutesHistory history, SmtpRouteTable now)
    {
        var versions = history.List();
        var seen = versions.LastOrDefault(v => history.ContentOf(v.Number) is { } content
            && expected.Versions.Contains(SmtpRoutesFile.VersionOf(content)));
        if (seen is null || SmtpRoutesFile.Parse(history.ContentOf(seen.Number)).Table is not { } before) return null;
        var difference = before.Compare(now);
        var keys = difference.Altered.Select(a => a.After.Key).Concat(difference.Added.Select(r => r.Key))
            .Concat(difference.Removed.Select(r => r.Key)).ToList();
        var edits = versions.Where(v => v.Number > seen.Number).Select(v => string.Create(
            CultureInfo.InvariantCulture, $"{v.Change} by {v.Author} at {v.Time:yyyy-MM-dd HH:mm:ss}Z"));
        return $"the routes were changed meanwhile: {Named(keys)} ({Named([.. edits])})";
    }

    private static string Named(List<string> names) => string.Join(", ", names.Take(MaxNamed))
        + (names.Count > MaxNamed ? $" and {names.Count - MaxNamed} more" : "");

    private static SmtpRoute? Find(SmtpRouteTable table, string text) =>
        RouteKey.Read(text.Trim(), out RouteError? _) is { } key ? table.Find(key) : null;

    private static RouteError Meanwhile(string what) => new(0, 0, what, Remedy);
}
