using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Localization;
using Postern.Mail;
using Postern.Routing;

namespace Postern.Admin.Pages.Parts;

/// <summary>What other parts of the gateway say to people, in the language of the page.</summary>
internal static class SentenceWords
{
    /// <summary>A sentence; what was put into it is text of whoever wrote it, and is made harmless.</summary>
    [return: NotNullIfNotNull(nameof(sentence))]
    public static string? Say(this IStringLocalizer<Words> words, Sentence? sentence)
    {
        if (sentence is null) return null;
        var parts = sentence.Parts.Select(part => part is Sentence inner
            ? words.Say(inner) : (object)PeerText.Escape($"{part}"));
        return words[sentence.Form, [.. parts]];
    }

    /// <summary>What is wrong with routes, and what to do: at its place in the file, where it has one.</summary>
    public static string Say(this IStringLocalizer<Words> words, RouteError error)
    {
        var text = $"{words.Say(error.Message)}; {words.Say(error.Remedy)}";
        return error.Line == 0 ? text : words["line {0}, column {1}: {2}", error.Line, error.Column, text];
    }

    /// <summary>All that is wrong with routes.</summary>
    public static string Say(this IStringLocalizer<Words> words, IEnumerable<RouteError> errors) =>
        string.Join("; ", errors.Select(words.Say));
}
