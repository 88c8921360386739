using MudBlazor;

namespace Postern.Admin.Pages.Parts;

/// <summary>What a page asks before it does what cannot be taken back.</summary>
internal static class Questions
{
    /// <summary>Asks, and says what follows.</summary>
    /// <returns>The answer was <paramref name="verb"/>, and not to cancel.</returns>
    public static async Task<bool> IsSureAsync(
        this IDialogService dialogs, string question, string consequence, string verb)
    {
        var asked = await dialogs.ShowAsync<QuestionDialog>(question, new DialogParameters<QuestionDialog>
        {
            { dialog => dialog.Consequence, consequence },
            { dialog => dialog.Verb, verb },
        });
        return await asked.Result is { Canceled: false };
    }
}
