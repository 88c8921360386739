using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using MudBlazor;
using Postern.Admin.Pages.Parts;
using Postern.Routing;

namespace Postern.Admin.Pages.Routes;

/// <summary>
/// Makes a change of the whole table that was planned and shown, and leads back to the routes. One for each open page.
/// </summary>
internal sealed class PlanActions(
    PageActions actions, NavigationManager address, ISnackbar told, IStringLocalizer<Words> words)
{
    private IStringLocalizer<Words> T => words;

    /// <summary>Makes it.</summary>
    /// <param name="action">The name of the operation of the API that does the same.</param>
    /// <param name="what">The change in a few words, as the history shows it.</param>
    /// <param name="plan">What was shown.</param>
    /// <returns>Why nothing was changed; null: it was, and the page is left.</returns>
    public async Task<string?> MakeAsync(string action, string what, RoutesChange plan)
    {
        try
        {
            var change = await actions.WriteRoutesAsync(action, what, plan);
            if (change.Difference is null) return T.Say(change.Errors);
            told.Add(T["In force: {0}.", T.Routes(change.After!.Count)], Severity.Success);
            address.NavigateTo("/routes");
            return null;
        }
        catch (IOException e)
        {
            return T.DiskFailed(e);
        }
    }
}
