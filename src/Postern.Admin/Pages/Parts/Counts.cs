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
}
