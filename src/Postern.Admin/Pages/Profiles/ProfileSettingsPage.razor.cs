using System.Text;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Admin.Pages.Parts;
using Postern.Delivery;
using Postern.Mail;

namespace Postern.Admin.Pages.Profiles;

/// <summary>Makes or changes a profile. A password goes in and never comes out.</summary>
public partial class ProfileSettingsPage
{
    private string _name = "", _userName = "", _password = "", _variable = "";
    private string? _refusal, _version;
    private bool _allowPlaintext, _isBusy, _isGone;

    /// <summary>The profile to change; null: a new one.</summary>
    [SupplyParameterFromQuery] public string? Name { get; set; }

    [Inject] private AdminParts Parts { get; set; } = null!;

    [Inject] private PageActions Actions { get; set; } = null!;

    [Inject] private Viewer Viewer { get; set; } = null!;

    [Inject] private NavigationManager Address { get; set; } = null!;

    [Inject] private ISnackbar Told { get; set; } = null!;

    private bool IsNew => Name is null;

    private bool MayEdit => Viewer.May(AccountRole.Administrator);

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        if (Name is null) return;
        _isGone = !Parts.ProfileEdits.Profiles.TryGetValue(Name, out var profile);
        if (profile is null) return;
        (_name, _userName, _variable) = (profile.Name, profile.UserName, profile.PasswordEnvironment ?? "");
        (_allowPlaintext, _version) = (profile.AllowPlaintext, ProfileVersion.Of(profile));
    }

    private async Task SubmitAsync()
    {
        if (_isBusy || !MayEdit) return;
        _refusal = ProblemOfForm();
        if (_refusal is not null) return;
        _isBusy = true;
        try
        {
            var name = _name.Trim();
            var request = Request();
            var outcome = await Actions.ChangeProfileAsync(
                IsNew ? "newProfile" : "editProfile", name, request,
                edits => IsNew ? edits.NewAsync(name, request, CancellationToken.None)
                    : edits.EditAsync(name, request, CancellationToken.None));
            _refusal = T.Say(outcome.Refusal);
            if (_refusal is not null) return;
            Told.Add(T["The profile {0} is in force.", name], Severity.Success);
            Address.NavigateTo("/smtpauth");
        }
        catch (IOException e)
        {
            _refusal = T.DiskFailed(e);
        }
        finally
        {
            _isBusy = false;
        }
    }

    // In the words of the form; the gateway names the parameters of the API.
    private string? ProblemOfForm()
    {
        if (Encoding.UTF8.GetByteCount(_password) > AuthProfile.MaxPassword)
            return T["The password has more than {0} octets.", AuthProfile.MaxPassword];
        var request = Request();
        if (request.UserName!.Any(char.IsControl)) return T["There is a control character in the user name."];
        if (request is { Password: not null, Variable: not null })
            return T["Give a password or an environment variable, not both."];
        if (request.Variable is { } variable && !AuthProfile.IsVariable(variable))
            return T["'{0}' cannot be the name of an environment variable.", PeerText.Escape(variable)];
        if (IsNew && request is { Password: null, Variable: null })
            return T["The password is missing: write it, or name the environment variable that holds it."];
        return null;
    }

    // What stays as it is is not given: a profile has a file or a variable, never both.
    private ProfileRequest Request()
    {
        var before = Name is null ? null : Parts.ProfileEdits.Profiles.GetValueOrDefault(Name)?.PasswordEnvironment;
        var variable = _variable.Trim();
        return new ProfileRequest
        {
            UserName = _userName.Trim(),
            Password = _password.Length > 0 ? _password : null,
            Variable = variable.Length > 0 && variable != before ? variable : null,
            AllowPlaintext = _allowPlaintext,
            Expected = _version is { } version ? [version] : null,
        };
    }
}
