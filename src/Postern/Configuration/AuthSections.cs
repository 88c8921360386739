using Postern.Delivery;

namespace Postern.Configuration;

/// <summary>Reads <c>[auth_profile.*]</c>. The secrets themselves are not read here.</summary>
internal static class AuthSections
{
    /// <summary>The profiles by name.</summary>
    public static Dictionary<string, AuthProfile> Read(Section section, string folder)
    {
        var profiles = new Dictionary<string, AuthProfile>(StringComparer.Ordinal);
        foreach (var (name, line, column, profile) in section.Named())
        {
            if (!ProfileName.IsValid(name))
                section.Errors.Add(line, column, "the name of a profile has a character that it may not have",
                    $"{ProfileName.Remedy}.");
            profiles[name] = ReadProfile(profile, name, folder, line, column);
        }
        return profiles;
    }

    private static AuthProfile ReadProfile(Section section, string name, string folder, int line, int column)
    {
        var userName = section.Text("username", null, "gw@example.com");
        var file = section.Text("password_file", null, "secrets/office");
        var variable = section.Text("password_env", null, "OFFICE_PASSWORD");
        var profile = new AuthProfile
        {
            Name = name,
            UserName = userName ?? "",
            PasswordFile = file is null ? null : ConfigurationReader.Rooted(folder, file),
            PasswordEnvironment = variable,
            AllowPlaintext = section.Flag("allow_plaintext", false),
        };
        section.Done();
        if (variable is not null && !AuthProfile.IsVariable(variable))
            section.Wrong("password_env", $"'{variable}' cannot be the name of an environment variable",
                "Write its name alone, as in OFFICE_PASSWORD.");
        if (!section.Has("username"))
            section.Errors.Add(
                line, column, $"the profile '{name}' has no username", "Write username = \"…\" below it.");
        if (section.Has("password_file") && section.Has("password_env"))
            section.Wrong("password_env", $"the profile '{name}' has both password_file and password_env",
                "Remove one of the two.");
        if (!section.Has("password_file") && !section.Has("password_env"))
            section.Errors.Add(line, column, $"the profile '{name}' has no password",
                "Write password_file = \"…\" or password_env = \"…\" below it.");
        return profile;
    }
}
