using System.CommandLine;

namespace Postern.Commands;

/// <summary>The commands that talk to the running gateway, with their arguments and help.</summary>
internal static class GatewayTree
{
    /// <summary>Builds them.</summary>
    public static IEnumerable<Command> Build(Terminal terminal, TimeProvider time, Option<string?> configuration)
    {
        var commands = new GatewayCommands(terminal, time);
        yield return Drain(commands, configuration, undrain: false);
        yield return Drain(commands, configuration, undrain: true);
        yield return ShowMessage(commands, configuration);
        yield return DnsFlush(commands, configuration);
        foreach (var command in StatusTree.Build(terminal, time, configuration)) yield return command;
        foreach (var command in QueueTree.Build(terminal, time, configuration)) yield return command;
        yield return FindEventTree.Build(terminal, time, configuration);
    }

    private static PosternCommand Drain(GatewayCommands commands, Option<string?> configuration, bool undrain)
    {
        var host = new Argument<string>("HOST")
        {
            Description = "ADDRESS:PORT, NAME:PORT or an entry of a route; without a port all ports of it.",
        };
        var json = CommandTree.Json();
        var (name, what) = undrain
            ? ("undrain", "Put a drained host back; what is held for want of it goes on.")
            : ("drain", "Take a host out by hand, over restarts too: no new mail for it, messages on it end.");
        var command = new PosternCommand(name, what,
            $"postern {name} 127.0.0.10:2510\npostern {name} relay.partner.example") { host, json };
        command.SetAction((result, cancel) => commands.DrainAsync(ConfigurationFile.Of(result.GetValue(configuration)),
            result.GetValue(host)!, undrain, result.GetValue(json), cancel));
        return command;
    }

    private static PosternCommand ShowMessage(GatewayCommands commands, Option<string?> configuration)
    {
        var mid = MidInput.Argument();
        var json = CommandTree.Json();
        var command = new PosternCommand("showmessage",
            "Show a message in the queue: its recipients, each attempt, and what happens next and why.",
            "postern showmessage 6\npostern showmessage 6 --json") { mid, json };
        command.SetAction((result, cancel) => commands.ShowMessageAsync(
            ConfigurationFile.Of(result.GetValue(configuration)), result.GetValue(mid), result.GetValue(json), cancel));
        return command;
    }

    private static PosternCommand DnsFlush(GatewayCommands commands, Option<string?> configuration)
    {
        var json = CommandTree.Json();
        var command = new PosternCommand("dnsflush",
            "Forget the answers of DNS, so that names are looked up again.", "postern dnsflush") { json };
        command.SetAction((result, cancel) => commands.FlushDnsAsync(
            ConfigurationFile.Of(result.GetValue(configuration)), result.GetValue(json), cancel));
        return command;
    }
}
