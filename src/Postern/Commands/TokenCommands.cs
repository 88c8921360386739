using System.Globalization;
using Postern.Admin.Accounts;
using Postern.Admin.Auditing;
using Postern.Configuration;

namespace Postern.Commands;

/// <summary>
/// Works on the file of tokens, with or without a running gateway, which reads it at each request.
/// </summary>
internal sealed class TokenCommands(Terminal terminal, TimeProvider time)
{
    /// <summary><c>postern admin token new NAME</c>.</summary>
    public async Task<int> NewAsync(ConfigurationFile file, string name, string role, int days, bool json)
    {
        if (!Account.IsName(name))
            return terminal.Misused($"'{name}' is no name of a token: 1 to {Account.MaxName} ASCII letters, digits "
                + "and . _ @ -");
        if (!AccountRoles.TryParse(role, out var may))
            return terminal.Misused($"'{role}' is no role; there are {string.Join(", ", AccountRoles.Words)}");
        if (Open(file) is not { } configuration) return ExitCode.Failed;
        DataFolder.Make(configuration.DataFolder);
        if (await StoreOf(configuration).IssueAsync(name, may, days) is not { } made)
            return terminal.Fail($"there are {TokenStore.MaxTokens} tokens; revoke some first");
        await AuditAsync(configuration, $"admin token new {name}",
            new AuditNote { After = $"token {made.Token.Id}, {role}, until {made.Token.Expires:u}" });
        if (json) JsonForm.WriteLine(terminal.Out, new { made.Token.Id, name, role, made.Token.Expires, made.Secret });
        else
            terminal.Out.WriteLine($"token {made.Secret} (shown this once), {role} until {When(made.Token.Expires)}");
        return ExitCode.Done;
    }

    /// <summary><c>postern admin token list</c>.</summary>
    public int List(ConfigurationFile file, bool json)
    {
        if (Open(file) is not { } configuration) return ExitCode.Failed;
        var tokens = StoreOf(configuration).Read();
        if (json)
        {
            JsonForm.WriteLine(terminal.Out, tokens.Select(t => new
            {
                t.Id,
                t.Name,
                role = t.Role.Word(),
                t.Created,
                t.Expires,
            }));
            return ExitCode.Done;
        }
        if (tokens.Count == 0) terminal.Out.WriteLine("There are no tokens.");
        foreach (var token in tokens)
        {
            var end = token.Expires > time.GetUtcNow() ? "until" : "expired";
            terminal.Out.WriteLine($"{token.Id}  {token.Name}  {token.Role.Word()}  {end} {When(token.Expires)}");
        }
        return ExitCode.Done;
    }

    /// <summary><c>postern admin token revoke ID</c>.</summary>
    public async Task<int> RevokeAsync(ConfigurationFile file, string id)
    {
        if (Open(file) is not { } configuration) return ExitCode.Failed;
        if (await StoreOf(configuration).RevokeAsync(id) is not { } revoked)
            return terminal.Fail($"there is no token '{id}'; 'postern admin token list' shows all");
        await AuditAsync(configuration, $"admin token revoke {id}",
            new AuditNote { Before = $"token {revoked.Name}, {revoked.Role.Word()}, until {revoked.Expires:u}" });
        terminal.Out.WriteLine($"token {revoked.Name} ({id}) is revoked");
        return ExitCode.Done;
    }

    private TokenStore StoreOf(PosternConfiguration configuration) =>
        new(DataFolder.TokensIn(configuration.DataFolder), time);

    private Task AuditAsync(PosternConfiguration configuration, string action, AuditNote note) =>
        new CommandAudit(terminal, time).WriteAsync(configuration, action, note);

    private string When(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, time.LocalTimeZone)
        .ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    private PosternConfiguration? Open(ConfigurationFile file)
    {
        var read = file.Read();
        foreach (var error in read.Errors) terminal.Error.WriteLine(error);
        return read.Configuration;
    }
}
