using Postern.Admin;
using Postern.Commands;
using Postern.Configuration;
using Postern.Delivery;
using Postern.Mail;
using Postern.Profiles;

namespace Postern.Running;

/// <summary>Edits of the profiles in postern.toml for the API of a gateway, which takes them up at once.</summary>
internal sealed class ProfileEdits(Gateway gateway, TimeProvider time) : IProfileEdits
{
    /// <inheritdoc/>
    public IReadOnlyDictionary<string, AuthProfile> Profiles => gateway.Configuration.AuthProfiles;

    /// <inheritdoc/>
    public Task<ProfileOutcome> NewAsync(
        string name, ProfileRequest request, CancellationToken cancellationToken)
    {
        if (!ProfileName.IsValid(name))
            return Refused($"'{name}' is no name of a profile. {ProfileName.Remedy}.");
        if (Profiles.ContainsKey(name)) return Refused($"There is a profile '{name}' already; edit it instead.");
        if (request.UserName is null or "") return Refused($"username is missing.");
        if (request is { Password: null, Variable: null })
            return Refused($"The password is missing: it is the body, or password_env names where it is.");
        return DoneAsync(name, null, editor => editor.NewAsync(name, request, cancellationToken));
    }

    /// <inheritdoc/>
    public Task<ProfileOutcome> EditAsync(
        string name, ProfileRequest request, CancellationToken cancellationToken)
    {
        if (!Profiles.TryGetValue(name, out var profile)) return Refused($"There is no profile '{name}'.");
        if (request is { Password: not null, Variable: not null })
            return Refused($"A body and password_env exclude each other.");
        return DoneAsync(name, request.Expected,
            editor => editor.EditAsync(profile, request, cancellationToken));
    }

    /// <inheritdoc/>
    public Task<ProfileOutcome> DeleteAsync(
        string name, IReadOnlyCollection<string>? expected, CancellationToken cancellationToken) =>
        !Profiles.TryGetValue(name, out var profile) ? Refused($"There is no profile '{name}'.")
            : DoneAsync(name, expected, editor => editor.DeleteAsync(profile, cancellationToken));

    private async Task<ProfileOutcome> DoneAsync(
        string name, IReadOnlyCollection<string>? expected, Func<ProfileEditor, Task<Sentence?>> edit)
    {
        var configuration = gateway.Configuration;
        var isOutdated = false;
        // A file that says how the gateway runs is not made anew with nothing but a profile in it when it is lost.
        var file = new ConfigurationFile(configuration.File, Given: configuration.HasFile);
        var editor = new ProfileEditor(file, configuration, time)
        {
            Precondition = now =>
            {
                var refusal = expected is null ? null : Meanwhile(name, expected, now);
                isOutdated = refusal is not null;
                return refusal;
            },
        };
        if (await edit(editor) is { } refusal) return new(refusal, isOutdated);
        // The file is written: whoever asked may go, the gateway takes it up.
        await gateway.ConfigurationReplaced(CancellationToken.None);
        return new(null);
    }

    private static Sentence? Meanwhile(string name, IReadOnlyCollection<string> expected, PosternConfiguration now)
    {
        if (!now.AuthProfiles.TryGetValue(name, out var profile)) return $"The profile '{name}' was deleted meanwhile.";
        if (expected.Contains(ProfileVersion.Of(profile))) return null;
        return $"The profile '{name}' was changed meanwhile: its account is '{profile.UserName}' now, and its password "
            + $"may be another; look at it again and make the edit again.";
    }

    private static Task<ProfileOutcome> Refused(Sentence why) => Task.FromResult(new ProfileOutcome(why));
}
