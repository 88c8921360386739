using System.CommandLine;
using Postern.Admin.Accounts;

namespace Postern.Commands;

/// <summary><c>postern admin token</c>: what programs may ask the API with.</summary>
internal static class TokenTree
{
    /// <summary>Builds it.</summary>
    public static Command Build(Terminal terminal, TimeProvider time, Option<string?> configuration)
    {
        var commands = new TokenCommands(terminal, time);
        return new PosternCommand("token", "Tokens of the API for programs: a role, an end, and no password.",
            "postern admin token new prometheus --role viewer --days 365\npostern admin token list")
        {
            New(commands, configuration), List(commands, configuration), Revoke(commands, configuration),
        };
    }

    private static PosternCommand New(TokenCommands commands, Option<string?> configuration)
    {
        var name = new Argument<string>("NAME") { Description = "What it is for: ASCII letters, digits and . _ @ -" };
        var role = new Option<string>("--role")
        {
            HelpName = "ROLE",
            Description = $"{string.Join(", ", AccountRoles.Words)}; {AccountRole.Viewer.Word()} unless given.",
            DefaultValueFactory = _ => AccountRole.Viewer.Word(),
        };
        role.AcceptOnlyFromAmong([.. AccountRoles.Words]);
        var days = CommandTree.Number("--days",
            $"How long it is good for, 1 to {TokenStore.MaxDays}; {TokenStore.DefaultDays} unless given.",
            TokenStore.DefaultDays, TokenStore.MaxDays);
        var json = CommandTree.Json();
        var command = new PosternCommand("new", "Make a token and print it, this once; a running gateway takes it.",
            "postern admin token new prometheus\npostern admin token new robot --role operator --days 30")
            { name, role, days, json };
        command.SetAction((result, _) => commands.NewAsync(ConfigurationFile.Of(result.GetValue(configuration)),
            result.GetValue(name)!, result.GetValue(role)!, result.GetValue(days), result.GetValue(json)));
        return command;
    }

    private static PosternCommand List(TokenCommands commands, Option<string?> configuration)
    {
        var json = CommandTree.Json();
        var command = new PosternCommand("list", "Show the tokens, without their secrets.",
            "postern admin token list\npostern admin token list --json") { json };
        command.SetAction(result => commands.List(
            ConfigurationFile.Of(result.GetValue(configuration)), result.GetValue(json)));
        return command;
    }

    private static PosternCommand Revoke(TokenCommands commands, Option<string?> configuration)
    {
        var id = new Argument<string>("ID") { Description = "As 'list' shows it: the second part of the token." };
        var command = new PosternCommand("revoke", "Take a token back; it opens nothing from then on.",
            "postern admin token revoke 00c0ffee") { id };
        command.SetAction((result, _) => commands.RevokeAsync(
            ConfigurationFile.Of(result.GetValue(configuration)), result.GetValue(id)!));
        return command;
    }
}
