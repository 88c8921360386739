using System.Globalization;
using System.Text;
using Postern.Delivery;
using Postern.Mail;
using Postern.Routing;

namespace Postern.Admin;

/// <summary>
/// Profiles of outgoing SMTP authentication in postern.toml, by the same functions as those of commands: all other
/// lines stay as they are, and a change is in force when it returns. A password goes in and never comes out. Any thread
/// may call it.
/// </summary>
public interface IProfileEdits
{
    /// <summary>The profiles in force, by name.</summary>
    IReadOnlyDictionary<string, AuthProfile> Profiles { get; }

    /// <summary>A profile in force as the audit log has it; null: there is none of that name.</summary>
    string? Describe(string name) =>
        Profiles.TryGetValue(name, out var profile) ? ProfileRequest.Describe(profile) : null;

    /// <summary>Makes a profile.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    Task<ProfileOutcome> NewAsync(string name, ProfileRequest request, CancellationToken cancellationToken);

    /// <summary>Changes what is given of a profile.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    Task<ProfileOutcome> EditAsync(string name, ProfileRequest request, CancellationToken cancellationToken);

    /// <summary>Deletes a profile that no route uses, and the file of its password.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    Task<ProfileOutcome> DeleteAsync(
        string name, IReadOnlyCollection<string>? expected, CancellationToken cancellationToken);
}

/// <summary>What a profile is to have; what is null stays. No record, so that nothing ever writes the password out.
/// </summary>
public sealed class ProfileRequest
{
    /// <summary>The account.</summary>
    public string? UserName { get; init; }
    /// <summary>The password, for a file of its own.</summary>
    public string? Password { get; init; }
    /// <summary>The environment variable with the password.</summary>
    public string? Variable { get; init; }
    /// <summary>True: the password may be sent without TLS.</summary>
    public bool? AllowPlaintext { get; init; }
    /// <summary>The versions of the profile that the edit was made for; null: any will do.</summary>
    public IReadOnlyCollection<string>? Expected { get; init; }

    /// <summary>What is given, with the password masked, for the audit log.</summary>
    public string Described => Describe(UserName, Password, Variable, AllowPlaintext);

    /// <summary>The same of all that a profile has.</summary>
    public static string Describe(AuthProfile profile) =>
        Describe(profile.UserName, profile.PasswordFile, profile.PasswordEnvironment, profile.AllowPlaintext);

    private static string Describe(string? userName, string? password, string? variable, bool? allowPlaintext) =>
        string.Join(", ", ((string?[])
        [
            userName is null ? null : $"username {userName}",
            password is null ? null : "password •••",
            variable is null ? null : $"password_env {variable}",
            allowPlaintext is null ? null : $"allow_plaintext {(allowPlaintext == true ? "true" : "false")}",
        ]).OfType<string>());
}

/// <summary>What became of an edit of a profile.</summary>
/// <param name="Refusal">Why it was not made; null: it was.</param>
/// <param name="IsOutdated">It was made for another version than stands there now.</param>
public sealed record ProfileOutcome(Sentence? Refusal, bool IsOutdated = false);

/// <summary>The version of a profile, which tells it from what it was before and will be after an edit.</summary>
public static class ProfileVersion
{
    /// <summary>
    /// Of a profile as it stands now. A password is part of it by the time at which its file was written, so that two
    /// people who set it do not overwrite each other.
    /// </summary>
    public static string Of(AuthProfile profile)
    {
        var written = profile.PasswordFile is { } file && File.Exists(file)
            ? File.GetLastWriteTimeUtc(file).Ticks : 0;
        return SmtpRoutesFile.VersionOf(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"{profile.Name}\n{profile.UserName}\n{profile.PasswordFile}\n{profile.PasswordEnvironment}\n"
            + $"{profile.AllowPlaintext}\n{written}")));
    }
}
