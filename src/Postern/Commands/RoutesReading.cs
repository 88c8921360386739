using Postern.Configuration;
using Postern.Routing;

namespace Postern.Commands;

/// <summary>Reads the routes file of a configuration, by the parser that the running gateway uses.</summary>
internal static class RoutesReading
{
    /// <summary>The table, or every error.</summary>
    public static RoutesLoad Of(PosternConfiguration configuration) =>
        Of(RoutesPlace.Of(configuration));

    /// <summary>The table, or every error.</summary>
    public static RoutesLoad Of(RoutesPlace place) => SmtpRoutesFile.Load(place.File, place.Profiles);

    /// <summary>The profiles that a route may name.</summary>
    public static IReadOnlySet<string> Profiles(PosternConfiguration configuration) =>
        RoutesPlace.Of(configuration).Profiles!;

    /// <summary>The errors in the form of all configuration errors.</summary>
    public static IEnumerable<ConfigurationError> Errors(string file, IReadOnlyList<RouteError> found) =>
        found.Select(error =>
        new ConfigurationError(file, Math.Max(1, error.Line), Math.Max(1, error.Column), error.Message,
            Sentence(error.Remedy)));

    private static string Sentence(string text)
    {
        if (text.Length == 0) return "";
        var end = text[^1] == '?' ? "" : ".";
        return $"{char.ToUpperInvariant(text[0])}{text[1..].TrimEnd('.')}{end}";
    }
}
