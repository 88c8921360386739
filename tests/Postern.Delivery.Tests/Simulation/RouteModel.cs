using System.Globalization;
using System.Net;
using Postern.Delivery.Deciding;

namespace Postern.Delivery.Tests.Simulation;

/// <summary>A destination host of a route as the model knows it.</summary>
internal sealed class EntryModel(
    string name, int port, int priority, Func<string, IReadOnlyList<IPAddress>> addressesOf)
{
    private readonly IReadOnlyList<HostKey>? _fixed =
        IPAddress.TryParse(name, out var address) ? [new(address.ToString(), port)] : null;

    public string Name { get; } = name;
    public int Port { get; } = port;
    public int Priority { get; } = priority;
    public IReadOnlyList<HostKey> Targets =>
        _fixed ?? [.. addressesOf(Name).Select(a => new HostKey(a.ToString(), Port))];
}

/// <summary>A route as the model knows it; equal hosts may be chosen in any order.</summary>
internal sealed record RouteModel(
    bool Discards, string? Profile, bool HoldsAfterRcpt4xx, IReadOnlyList<EntryModel> Entries);

/// <summary>
/// Reads the plain routes of the simulation (exact domains only), by itself, so that the model owes nothing to the
/// table.
/// </summary>
internal static class RouteReading
{
    public static Dictionary<string, RouteModel> Read(string text, Func<string, IReadOnlyList<IPAddress>> addressesOf)
    {
        var routes = new Dictionary<string, RouteModel>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Replace(", ", ",", StringComparison.Ordinal).Split(' ');
            // Mail by DNS, and what waits for a probe by a rule of its route, are not followed here.
            if (words[1] == "USEDNS"
                || words.Any(w => w.StartsWith("hold_for_probe=", StringComparison.Ordinal))) continue;
            var profile = words.FirstOrDefault(w => w.StartsWith("auth=", StringComparison.Ordinal))?[5..];
            var entries = words[1] == "/dev/null" ? [] : words[1].Split(',').Select(w => Entry(w, addressesOf));
            routes[words[0]] = new(words[1] == "/dev/null", profile, words.Contains("on_rcpt_4xx=hold"),
                [.. entries.OrderBy(e => e.Priority)]);
        }
        return routes;
    }

    private static EntryModel Entry(string word, Func<string, IReadOnlyList<IPAddress>> addressesOf)
    {
        var parts = word.Split('/');
        var colon = parts[0].LastIndexOf(':');
        var name = (colon < 0 ? parts[0] : parts[0][..colon]).Trim('[', ']');
        var port = colon < 0 ? 25 : int.Parse(parts[0][(colon + 1)..], CultureInfo.InvariantCulture);
        return new(name, port, Option("pri=", 0), addressesOf);

        int Option(string key, int otherwise) =>
            parts.FirstOrDefault(p => p.StartsWith(key, StringComparison.Ordinal)) is { } found
                ? int.Parse(found[key.Length..], CultureInfo.InvariantCulture) : otherwise;
    }
}
