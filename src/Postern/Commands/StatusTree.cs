using System.CommandLine;

namespace Postern.Commands;

/// <summary>The commands that show what the running gateway does, with their arguments and help.</summary>
internal static class StatusTree
{
    private static readonly string[] orders = ["active", "connections", "delivered", "soft", "hard"];

    /// <summary>Builds them.</summary>
    public static IEnumerable<Command> Build(Terminal terminal, TimeProvider time, Option<string?> configuration)
    {
        var commands = new StatusCommands(terminal, time);
        yield return HostStatus(commands, configuration);
        yield return TopHosts(commands, configuration);
        yield return Status(commands, configuration);
        yield return Rate(commands, configuration);
    }

    private static PosternCommand HostStatus(StatusCommands commands, Option<string?> configuration)
    {
        var host = new Argument<string>("HOST")
        {
            Description = "A receiving domain, or a destination host: ADDRESS:PORT, NAME:PORT; all ports without one.",
        };
        var json = CommandTree.Json();
        var command = new PosternCommand("hoststatus",
            "Show the health of a destination host, or of a receiving domain with its hosts and its queue.",
            "postern hoststatus example.com\npostern hoststatus 127.0.0.10:2510 --json") { host, json };
        command.SetAction((result, cancel) => commands.HostAsync(
            ConfigurationFile.Of(result.GetValue(configuration)), result.GetValue(host)!, result.GetValue(json),
            cancel));
        return command;
    }

    private static PosternCommand TopHosts(StatusCommands commands, Option<string?> configuration)
    {
        var sort = new Option<string>("--sort")
        {
            Description = "What the receiving domains are ordered by.",
            DefaultValueFactory = _ => orders[0],
        };
        sort.AcceptOnlyFromAmong(orders);
        var limit = CommandTree.Number("--limit", "How many are shown, 1 to 1000.", 20, 1000);
        var json = CommandTree.Json();
        var command = new PosternCommand("tophosts", "Show the receiving domains with the most mail.",
            "postern tophosts\npostern tophosts --sort soft --limit 5") { sort, limit, json };
        command.SetAction((result, cancel) => commands.TopAsync(ConfigurationFile.Of(result.GetValue(configuration)),
            result.GetValue(sort)!, result.GetValue(limit), result.GetValue(json), cancel));
        return command;
    }

    private static PosternCommand Status(StatusCommands commands, Option<string?> configuration)
    {
        var json = CommandTree.Json();
        var command = new PosternCommand("status", "Show counters, rates and gauges of the gateway.",
            "postern status\npostern status --json") { json };
        command.SetAction((result, cancel) => commands.StatusAsync(
            ConfigurationFile.Of(result.GetValue(configuration)), result.GetValue(json), cancel));
        return command;
    }

    private static PosternCommand Rate(StatusCommands commands, Option<string?> configuration)
    {
        var seconds = CommandTree.Number("--seconds", "Seconds between two lines, 1 to 3600.", 10, 3600);
        var count = CommandTree.Number("--count", "Lines to print; 0: until Ctrl-C.", 0, int.MaxValue, least: 0);
        var json = CommandTree.Json();
        var command = new PosternCommand("rate",
            "Print again and again how many recipients came in and were done with, and what waits.",
            "postern rate\npostern rate --seconds 1 --count 60") { seconds, count, json };
        command.SetAction((result, cancel) => commands.RateAsync(ConfigurationFile.Of(result.GetValue(configuration)),
            TimeSpan.FromSeconds(result.GetValue(seconds)), result.GetValue(count), result.GetValue(json), cancel));
        return command;
    }
}
