using System.Globalization;
using System.Text.Json;
using Postern.Admin;
using Postern.Routing;

namespace Postern.Commands;

/// <summary>How routes are shown, to people and as JSON.</summary>
internal static class RoutesPrinting
{
    /// <summary><c>1 route</c>, <c>2 routes</c>.</summary>
    public static string Routes(int count) => count == 1 ? "1 route" : $"{count} routes";

    /// <summary><c>1 added, 2 altered, 3 removed</c>.</summary>
    public static string Summary(RoutesDifference difference) =>
        $"{difference.Added.Count} added, {difference.Altered.Count} altered, {difference.Removed.Count} removed";

    /// <summary>The table in the order of the file.</summary>
    public static void Print(TextWriter output, SmtpRouteTable table, bool json)
    {
        if (json)
        {
            JsonForm.WriteLine(output, table.Routes.Select(Form));
            return;
        }
        if (table.Count == 0) output.WriteLine("There are no routes.");
        var width = table.Routes.Select(r => r.Key.Length).DefaultIfEmpty().Max();
        foreach (var route in table.Routes) output.WriteLine($"{route.Key.PadRight(width)}  {route.Target}");
    }

    /// <summary>What an edit has changed, as JSON.</summary>
    public static void Done(TextWriter output, RoutesDifference difference, int routes) =>
        JsonForm.WriteLine(output, new
        {
            added = difference.Added.Select(Form),
            altered = difference.Altered.Select(a => Form(a.Before, a.After)),
            removed = difference.Removed.Select(Form),
            routes,
        });

    /// <summary>What an import would change.</summary>
    public static void Difference(
        TextWriter output, RoutesDifference difference, GatewayAnswer<PreviewAnswer> elsewhere, bool json)
    {
        if (json)
        {
            JsonForm.WriteLine(output, new
            {
                added = difference.Added.Select(Form),
                altered = difference.Altered.Select(a => Form(a.Before, a.After)),
                removed = difference.Removed.Select(Form),
                recipientsElsewhere = elsewhere.Value?.RecipientsElsewhere,
            });
            return;
        }
        foreach (var route in difference.Removed) output.WriteLine($"- {route.Key}  {route.Target}");
        foreach (var (before, after) in difference.Altered)
        {
            output.WriteLine($"- {before.Key}  {before.Target}");
            output.WriteLine($"+ {after.Key}  {after.Target}");
        }
        foreach (var route in difference.Added) output.WriteLine($"+ {route.Key}  {route.Target}");
        output.WriteLine(Summary(difference));
        output.WriteLine(elsewhere.Value?.RecipientsElsewhere is { } count
            ? $"{count} queued recipient{(count == 1 ? "" : "s")} would go elsewhere"
            : $"how many queued recipients would go elsewhere is unknown: {elsewhere.Failure}");
    }

    /// <summary>The kept versions, the oldest first.</summary>
    public static void History(
        TextWriter output, IReadOnlyList<RouteVersion> versions, TimeZoneInfo zone, bool json)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(versions, JsonForm.Options));
            return;
        }
        if (versions.Count == 0) output.WriteLine("There is no history yet: no edit was made.");
        foreach (var version in versions)
        {
            var when = TimeZoneInfo.ConvertTime(version.Time, zone)
                .ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);
            output.WriteLine($"{version.Number}  {when}  {version.Author}  {version.Change}");
            foreach (var line in version.Diff) output.WriteLine($"     {line}");
            var hidden = version.Added + version.Removed - version.Diff.Count;
            if (hidden > 0) output.WriteLine($"     … and {hidden} lines more");
        }
    }

    private static object Form(SmtpRoute route) => new
    {
        key = route.Key,
        kind = FileExplanation.KindOf(route),
        hosts = route.Hosts.Select(Form),
        auth = route.AuthProfile,
        options = route.Policy.Text,
        line = route.Line,
    };

    private static object Form(SmtpRoute before, SmtpRoute after) =>
        new { before = Form(before), after = Form(after) };

    private static object Form(DestinationHost host) => new
    {
        host = host.Name?.Name ?? host.Address!.ToString(),
        addressesOnly = host.AddressesOnly,
        port = host.Port,
        priority = host.Priority,
        weight = host.Weight,
    };
}
