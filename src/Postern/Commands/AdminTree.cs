using System.CommandLine;

namespace Postern.Commands;

/// <summary><c>postern admin</c>: who may log in, and what was done.</summary>
internal static class AdminTree
{
    /// <summary>Builds it.</summary>
    public static Command Build(Terminal terminal, TimeProvider time, Option<string?> configuration)
    {
        var commands = new AdminCommands(terminal, time);
        return new PosternCommand("admin", "Who may log in and ask, and what was done.",
            "postern admin reset\npostern admin token new prometheus\npostern admin audit list")
        {
            Reset(commands, configuration),
            AccountTree.Build(terminal, time, configuration),
            TokenTree.Build(terminal, time, configuration),
            new PosternCommand("audit", "The audit log: every change, look at a body, and login.",
                "postern admin audit list --search drainHost\npostern admin audit verify")
            {
                ListAudit(commands, configuration), VerifyAudit(commands, configuration),
            },
        };
    }

    private static PosternCommand Reset(AdminCommands commands, Option<string?> configuration)
    {
        var json = CommandTree.Json();
        var reset = new PosternCommand("reset",
            "Make a new one-time password for the account admin; a running gateway takes it at once.",
            "postern admin reset\npostern admin reset --json") { json };
        reset.SetAction((result, _) => commands.ResetAsync(
            ConfigurationFile.Of(result.GetValue(configuration)), result.GetValue(json)));
        return reset;
    }

    private static PosternCommand ListAudit(AdminCommands commands, Option<string?> configuration)
    {
        var search = new Option<string>("--search")
        {
            HelpName = "TEXT",
            Description = "Entries with this text in them; case does not count.",
            DefaultValueFactory = _ => "",
        };
        var before = new Option<string?>("--before")
        {
            HelpName = "PLACE",
            Description = "Go on where another page ended.",
        };
        var limit = CommandTree.Number("--limit", "Entries that are shown, 1 to 1000; 100 unless given.", 100, 1000);
        var json = CommandTree.Json();
        var list = new PosternCommand("list", "Show entries, the newest first.",
            "postern admin audit list\npostern admin audit list --search drainHost --json")
            { search, before, limit, json };
        list.SetAction(result => commands.ListAudit(ConfigurationFile.Of(result.GetValue(configuration)),
            result.GetValue(search)!, result.GetValue(before), result.GetValue(limit), result.GetValue(json)));
        return list;
    }

    private static PosternCommand VerifyAudit(AdminCommands commands, Option<string?> configuration)
    {
        var from = new Option<long>("--from")
        {
            HelpName = "N",
            Description = "The number of the first entry, where older files were taken away; 1 unless given.",
            DefaultValueFactory = _ => 1,
        };
        var last = new Option<string?>("--last")
        {
            HelpName = "HASH",
            Description = "The hash that an earlier check has printed: the line has to be there still.",
        };
        var json = CommandTree.Json();
        var verify = new PosternCommand("verify",
            "Check every line against the hash in the next one, and name the first that is wrong.",
            "postern admin audit verify\npostern admin audit verify --from 120000\n"
            + "postern admin audit verify --last \"$(cat noted)\"") { from, last, json };
        verify.SetAction((result, cancel) => Task.FromResult(commands.VerifyAudit(
            ConfigurationFile.Of(result.GetValue(configuration)), result.GetValue(from), result.GetValue(last),
            result.GetValue(json), cancel)));
        return verify;
    }
}
