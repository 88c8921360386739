using System.CommandLine;

namespace Postern.Commands;

/// <summary><c>postern spool</c> with its subcommands.</summary>
internal static class SpoolTree
{
    /// <summary>Builds the command.</summary>
    public static PosternCommand Build(Terminal terminal, TimeProvider time, Option<string?> configuration)
    {
        var commands = new SpoolCommands(terminal, time);
        return new PosternCommand("spool",
            "Look into the store, with or without a gateway that runs; repair one that is damaged.",
            "postern spool verify\npostern spool export 6 message.eml")
        {
            Verify(commands, configuration), Stats(commands, configuration), Export(commands, configuration),
            Repair(new SpoolRepairCommand(terminal, time), configuration),
        };
    }

    private static PosternCommand Verify(SpoolCommands commands, Option<string?> configuration)
    {
        var json = CommandTree.Json();
        var command = new PosternCommand("verify",
            "Check every record against every other, and say what is affected; exit code 1 when something is wrong.",
            "postern spool verify\npostern spool verify --json") { json };
        command.SetAction((result, cancel) => commands.VerifyAsync(
            ConfigurationFile.Of(result.GetValue(configuration)), result.GetValue(json), cancel));
        return command;
    }

    private static PosternCommand Stats(SpoolCommands commands, Option<string?> configuration)
    {
        var json = CommandTree.Json();
        var command = new PosternCommand("stats",
            "Count messages and recipients, why they wait, and the room that they take.",
            "postern spool stats\npostern spool stats --json") { json };
        command.SetAction((result, cancel) => commands.StatsAsync(
            ConfigurationFile.Of(result.GetValue(configuration)), result.GetValue(json), cancel));
        return command;
    }

    private static PosternCommand Export(SpoolCommands commands, Option<string?> configuration)
    {
        var mid = MidInput.Argument();
        var file = new Argument<string?>("FILE")
        {
            Description = "Where the message goes; it must not exist. Without it, or '-': stdout.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new PosternCommand("export",
            "Write a message as it goes out, octet for octet, as .eml.",
            "postern spool export 6 message.eml\npostern spool export 6 > message.eml") { mid, file };
        command.SetAction((result, cancel) => commands.ExportAsync(
            ConfigurationFile.Of(result.GetValue(configuration)), result.GetValue(mid), result.GetValue(file), cancel));
        return command;
    }

    private static PosternCommand Repair(SpoolRepairCommand repair, Option<string?> configuration)
    {
        var (yes, json) = (new Option<bool>("--yes") { Description = "Do it without asking." }, CommandTree.Json());
        var command = new PosternCommand("repair",
            "Make a damaged store anew from all of it that can be read, while no gateway runs, and say what is lost. "
            + "Its files are kept as they were. Exit code 1 when some of the mail in the new store cannot be sent.",
            "postern spool repair\npostern spool repair --yes --json") { yes, json };
        command.SetAction((result, _) => repair.RunAsync(
            ConfigurationFile.Of(result.GetValue(configuration)), result.GetValue(yes), result.GetValue(json)));
        return command;
    }
}
