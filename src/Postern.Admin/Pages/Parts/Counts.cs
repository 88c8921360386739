using Microsoft.Extensions.Localization;

namespace Postern.Admin.Pages.Parts;

/// <summary>Counts in words, of which one is spoken of otherwise than of many.</summary>
internal static class Counts
{
    /// <summary>So many recipients.</summary>
    public static string Recipients(this IStringLocalizer<Words> words, long count) =>
        count == 1 ? words["1 recipient"] : words["{0} recipients", count];

    /// <summary>So many messages.</summary>
    public static string Messages(this IStringLocalizer<Words> words, long count) =>
        count == 1 ? words["1 message"] : words["{0} messages", count];

    /// <summary>So many routes.</summary>
    public static string Routes(this IStringLocalizer<Words> words, long count) =>
        count == 1 ? words["1 route"] : words["{0} routes", count];

    /// <summary>Behind the number of routes that come.</summary>
    public static string RoutesAdded(this IStringLocalizer<Words> words, int count) =>
        count == 1 ? words["route added"] : words["routes added"];

    /// <summary>Behind the number of routes that become other ones.</summary>
    public static string RoutesAltered(this IStringLocalizer<Words> words, int count) =>
        count == 1 ? words["route altered"] : words["routes altered"];

    /// <summary>Behind the number of routes that go.</summary>
    public static string RoutesRemoved(this IStringLocalizer<Words> words, int count) =>
        count == 1 ? words["route removed"] : words["routes removed"];

    /// <summary>Behind the number of recipients whose way would be another one.</summary>
    public static string GoElsewhere(this IStringLocalizer<Words> words, int count) =>
        count == 1 ? words["queued recipient would go elsewhere"] : words["queued recipients would go elsewhere"];
}
