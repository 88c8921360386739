using Microsoft.Extensions.Localization;
using MudBlazor;

namespace Postern.Admin.Pages.Parts;

/// <summary>What a page asks before it does what cannot be taken back.</summary>
internal static class Questions
{
    /// <summary>Asks, and says what follows.</summary>
    /// <returns>The answer was <paramref name="verb"/>, and not to cancel.</returns>
    public static async Task<bool> IsSureAsync(
        this IDialogService dialogs, IStringLocalizer<Words> words, string question, string consequence, string verb) =>
        await dialogs.ShowMessageBoxAsync(new MessageBoxOptions
        {
            Title = question,
            Message = consequence,
            YesText = verb,
            CancelText = words["Cancel"],
        }) == true;
}
