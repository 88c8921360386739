using System.CommandLine;
using Postern.Admin.Accounts;

namespace Postern.Commands;

/// <summary><c>postern admin account</c>: who may log in.</summary>
internal static class AccountTree
{
    /// <summary>Builds it.</summary>
    public static Command Build(Terminal terminal, TimeProvider time, Option<string?> configuration)
    {
        var commands = new AccountCommands(terminal, time);
        return new PosternCommand("account", "Who may log in to the admin page, and what they may do there.",
            "postern admin account new alice --role operator\npostern admin account list")
        {
            WithRole("new", "Make an account and print its one-time password, this once.",
                commands.NewAsync, configuration),
            WithRole("edit", "Give an account another role; its sessions end.", commands.EditAsync, configuration),
            Named("reset", "Give an account a new one-time password; its sessions end.",
                commands.ResetAsync, configuration),
            Named("resettotp", "Take the second factor from an account that has lost its app; its sessions end.",
                commands.ResetTotpAsync, configuration),
            Named("delete", "Delete an account; its sessions end.", commands.DeleteAsync, configuration),
            List(commands, configuration),
        };
    }

    private static Argument<string> Name() => new("NAME") { Description = "ASCII letters, digits and . _ @ -" };

    private static ConfigurationFile File(ParseResult result, Option<string?> configuration) =>
        ConfigurationFile.Of(result.GetValue(configuration));

    private static PosternCommand WithRole(
        string verb, string what, Func<ConfigurationFile, string, string, bool, Task<int>> change,
        Option<string?> configuration)
    {
        var (name, json) = (Name(), CommandTree.Json());
        var role = new Option<string>("--role")
        {
            HelpName = "ROLE",
            Description = $"{string.Join(", ", AccountRoles.Words)}.",
            Required = true,
        };
        role.AcceptOnlyFromAmong([.. AccountRoles.Words]);
        var command = new PosternCommand(verb, what, $"postern admin account {verb} alice --role operator")
            { name, role, json };
        command.SetAction((result, _) => change(File(result, configuration), result.GetValue(name)!,
            result.GetValue(role)!, result.GetValue(json)));
        return command;
    }

    private static PosternCommand Named(
        string verb, string what, Func<ConfigurationFile, string, bool, Task<int>> change,
        Option<string?> configuration)
    {
        var (name, json) = (Name(), CommandTree.Json());
        var command = new PosternCommand(verb, what, $"postern admin account {verb} alice") { name, json };
        command.SetAction((result, _) => change(
            File(result, configuration), result.GetValue(name)!, result.GetValue(json)));
        return command;
    }

    private static PosternCommand List(AccountCommands commands, Option<string?> configuration)
    {
        var json = CommandTree.Json();
        var command = new PosternCommand("list", "Show the accounts.", "postern admin account list") { json };
        command.SetAction(result => commands.List(File(result, configuration), result.GetValue(json)));
        return command;
    }
}
