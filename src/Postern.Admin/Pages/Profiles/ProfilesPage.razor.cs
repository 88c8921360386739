using Microsoft.AspNetCore.Components;
using MudBlazor;
using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Admin.Pages.Parts;

namespace Postern.Admin.Pages.Profiles;

/// <summary>The profiles of outgoing SMTP authentication, and which routes use them.</summary>
public partial class ProfilesPage
{
    private IReadOnlyList<ProfileForm> _profiles = [];
    private string? _refusal;

    [Inject] private AdminParts Parts { get; set; } = null!;

    [Inject] private PageActions Actions { get; set; } = null!;

    [Inject] private Viewer Viewer { get; set; } = null!;

    [Inject] private IDialogService Dialogs { get; set; } = null!;

    [Inject] private ISnackbar Told { get; set; } = null!;

    private bool MayEdit => Viewer.May(AccountRole.Administrator);

    /// <inheritdoc/>
    protected override void OnInitialized() => _profiles = ProfileUse.All(Parts);

    private string? ProblemOf(ProfileForm profile) => profile.PasswordProblem is null ? null
        : T.Say(Parts.ProfileEdits.Profiles.GetValueOrDefault(profile.Name)?.PasswordProblem);

    private async Task DeleteAsync(ProfileForm profile)
    {
        _refusal = T.Say(ProfileUse.RefusalToDelete(Parts.Routes(), profile.Name));
        if (_refusal is not null) return;
        if (!await Dialogs.IsSureAsync(T["Delete the profile {0}?", profile.Name],
            T["The file of its password is deleted as well, where Postern wrote it."], T["Delete"])) return;
        try
        {
            var outcome = await Actions.ChangeProfileAsync("deleteProfile", profile.Name, null,
                edits => edits.DeleteAsync(profile.Name, [profile.Version], CancellationToken.None));
            _refusal = T.Say(outcome.Refusal);
            if (_refusal is null) Told.Add(T["The profile {0} is deleted.", profile.Name], Severity.Success);
        }
        catch (IOException e)
        {
            _refusal = T.DiskFailed(e);
        }
        _profiles = ProfileUse.All(Parts);
    }
}
