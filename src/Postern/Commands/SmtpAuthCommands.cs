using System.Text.Json;
using Postern.Admin;
using Postern.Admin.Auditing;
using Postern.Configuration;
using Postern.Delivery;
using Postern.Profiles;
using Postern.Routing;

namespace Postern.Commands;

/// <summary>The operations of <c>postern smtpauth</c>. No password is ever an argument or printed.</summary>
internal sealed class SmtpAuthCommands(Terminal terminal, TimeProvider time)
{
    private const int MaxPassword = 4_096;

    /// <summary>Makes a profile.</summary>
    public async Task<int> NewAsync(
        ConfigurationFile file, string name, SmtpAuthRequest request, CancellationToken cancellationToken)
    {
        if (!ProfileName.IsValid(name))
            return terminal.Misused($"'{name}' is no name of a profile. {ProfileName.Remedy}.");
        if (OpenToEdit(file) is not { } configuration) return ExitCode.Failed;
        if (configuration.AuthProfiles.ContainsKey(name))
            return terminal.Fail($"there is a profile '{name}' already; 'postern smtpauth edit {name}' changes it");
        if (request.UserName is null) return terminal.Misused("--username is missing");
        string? password = null;
        if (request.Variable is null && (password = ReadPassword(out var problem)) is null)
            return terminal.Fail(problem);
        var change = ChangeOf(request, password);
        var refusal = await new ProfileEditor(file, configuration, time).NewAsync(name, change, cancellationToken);
        return await ToldAsync(configuration, $"smtpauth new {name}", change.Described, refusal,
            $"{file.Name}: profile {name} made; a route names it with auth={name}");
    }

    /// <summary>Changes a profile: what is given, or else its password.</summary>
    public async Task<int> EditAsync(
        ConfigurationFile file, string name, SmtpAuthRequest request, CancellationToken cancellationToken)
    {
        if (OpenToEdit(file) is not { } configuration) return ExitCode.Failed;
        if (!configuration.AuthProfiles.TryGetValue(name, out var profile)) return Unknown(name, configuration);
        string? password = null;
        var isPassword = request.Password || request is { UserName: null, Variable: null, AllowPlaintext: null };
        if (isPassword && request.Variable is not null)
            return terminal.Misused("--password and --password-env exclude each other");
        if (isPassword && (password = ReadPassword(out var problem)) is null) return terminal.Fail(problem);
        var change = ChangeOf(request, password);
        var refusal = await new ProfileEditor(file, configuration, time).EditAsync(profile, change, cancellationToken);
        return await ToldAsync(configuration, $"smtpauth edit {name}", change.Described, refusal,
            $"{file.Name}: profile {name} changed");
    }

    /// <summary>Deletes a profile that no route uses.</summary>
    public async Task<int> DeleteAsync(ConfigurationFile file, string name, CancellationToken cancellationToken)
    {
        if (OpenToEdit(file) is not { } configuration) return ExitCode.Failed;
        if (!configuration.AuthProfiles.TryGetValue(name, out var profile)) return Unknown(name, configuration);
        if (Users(configuration, out var users) is { } problem) return terminal.Fail(problem);
        if (users.TryGetValue(name, out var routes))
        {
            return terminal.Fail($"the profile '{name}' is used by the route {routes[0]}"
                + (routes.Count > 1 ? $" and {routes.Count - 1} more" : "") + "; take it away there first");
        }

        var refused = await new ProfileEditor(file, configuration, time).DeleteAsync(profile, cancellationToken);
        return await ToldAsync(configuration, $"smtpauth delete {name}", null, refused,
            $"{file.Name}: profile {name} deleted");
    }

    /// <summary>Prints the profiles and the routes that use them, never a secret.</summary>
    public int Print(ConfigurationFile file, bool json)
    {
        if (Open(file) is not { } configuration) return ExitCode.Failed;
        if (Users(configuration, out var users) is { } problem) return terminal.Fail(problem);
        var profiles = configuration.AuthProfiles.Values.OrderBy(p => p.Name, StringComparer.Ordinal);
        if (json)
        {
            terminal.Out.WriteLine(JsonSerializer.Serialize(profiles.Select(p => new
            {
                p.Name,
                username = p.UserName,
                p.PasswordFile,
                passwordEnv = p.PasswordEnvironment,
                p.AllowPlaintext,
                routes = users.GetValueOrDefault(p.Name, []),
            }), JsonForm.Options));
            return ExitCode.Done;
        }

        foreach (var profile in profiles) terminal.Out.WriteLine(LineOf(profile, users));
        return ExitCode.Done;
    }

    private static string LineOf(AuthProfile profile, Dictionary<string, List<string>> users)
    {
        var routes = users.GetValueOrDefault(profile.Name, []).Count;
        return $"{profile.Name}  username {profile.UserName}, password from "
            + (profile.PasswordFile ?? $"the variable {profile.PasswordEnvironment}")
            + (profile.AllowPlaintext ? ", also without TLS" : "")
            + (routes == 0 ? ", used by no route" : $", used by {RoutesPrinting.Routes(routes)}");
    }

    private static ProfileRequest ChangeOf(SmtpAuthRequest request, string? password) => new()
    {
        UserName = request.UserName,
        Password = password,
        Variable = request.Variable,
        AllowPlaintext = request.AllowPlaintext,
    };

    private string? ReadPassword(out string problem)
    {
        problem = "";
        if (terminal.Interactive) terminal.Out.Write("Password: ");
        var password = terminal.ReadSecret();
        if (terminal.Interactive) terminal.Out.WriteLine();
        if (string.IsNullOrEmpty(password)) problem = "no password was given; write it to stdin, in one line";
        else if (System.Text.Encoding.UTF8.GetByteCount(password) > MaxPassword)
            problem = $"the password has more than {MaxPassword} octets";
        return problem.Length == 0 ? password : null;
    }

    private PosternConfiguration? Open(ConfigurationFile file) => Told(file.Read());

    private PosternConfiguration? OpenToEdit(ConfigurationFile file) => Told(file.ReadUnlessLost());

    private PosternConfiguration? Told(ConfigurationResult read)
    {
        foreach (var error in read.Errors) terminal.Error.WriteLine(error);
        return read.Configuration;
    }

    private static string? Users(PosternConfiguration configuration, out Dictionary<string, List<string>> users)
    {
        users = new(StringComparer.Ordinal);
        if (!File.Exists(configuration.RoutesFile)) return null;
        var load = RoutesReading.Of(configuration);
        if (load.Table is not { } table)
            return $"{configuration.RoutesFile} has errors, so that it is not known which routes use a profile";
        foreach (var route in table.Routes)
        {
            if (route.AuthProfile is not { } profile) continue;
            if (!users.TryGetValue(profile, out var routes)) users[profile] = routes = [];
            routes.Add(route.Key);
        }

        return null;
    }

    private int Unknown(string name, PosternConfiguration configuration) => terminal.Fail(
        $"there is no profile '{name}'" + (configuration.AuthProfiles.Count == 0 ? ""
            : $"; did you mean '{NearestWord.Of(name, [.. configuration.AuthProfiles.Keys])}'?"));

    private async Task<int> ToldAsync(
        PosternConfiguration configuration, string action, string? after, string? refusal, string done)
    {
        var result = refusal is null ? AuditResult.Done : AuditResult.Refused;
        await new CommandAudit(terminal, time).WriteAsync(configuration, action,
            new AuditNote { After = refusal is null ? after : null, Result = result, Detail = refusal });
        if (refusal is not null) return terminal.Fail(refusal);
        terminal.Out.WriteLine(done);
        return ExitCode.Done;
    }
}
