using System.CommandLine;
using Postern.Routing;

namespace Postern.Commands;

/// <summary>The commands for what waits in the running gateway, with their arguments and help.</summary>
internal static class QueueTree
{
    /// <summary>Builds them.</summary>
    public static IEnumerable<Command> Build(Terminal terminal, TimeProvider time, Option<string?> configuration)
    {
        var commands = new QueueCommands(terminal, time);
        yield return Show(commands, configuration);
        yield return Change(commands, configuration, "deleterecipients", "delete", "deleted",
            "Delete recipients from the queue, without a bounce.", "postern deleterecipients --host old.example --yes");
        yield return Change(commands, configuration, "bouncerecipients", "bounce", "bounced",
            "Bounce recipients from the queue, as their bounce profile says.",
            "postern bouncerecipients --sender news@src.example --older 24h");
        yield return Redirect(commands, configuration);
        yield return DeliverNow(commands, configuration);
        yield return Delivery(commands, configuration, suspend: true);
        yield return Delivery(commands, configuration, suspend: false);
        yield return Listener(commands, configuration, suspend: true);
        yield return Listener(commands, configuration, suspend: false);
    }

    private static ConfigurationFile File(ParseResult result, Option<string?> configuration) =>
        ConfigurationFile.Of(result.GetValue(configuration));

    private static Option<bool> Yes() => new("--yes") { Description = "Do it without asking." };

    private static PosternCommand Show(QueueCommands commands, Option<string?> configuration)
    {
        var filter = new QueueFilter();
        var limit = CommandTree.Number("--limit", "Rows that are shown, 1 to 1000.", 100, 1000);
        var after = MidInput.Option("--after", "Begin behind this message.");
        var json = CommandTree.Json();
        var command = new PosternCommand("showrecipients", "Show mail in the queue, oldest first.",
            "postern showrecipients --host example.com\npostern showrecipients --all --reason host --older 4h --json")
            { limit, after, json };
        filter.AddTo(command);
        command.SetAction((result, cancel) => commands.ShowAsync(File(result, configuration), filter.QueryOf(result),
            result.GetValue(limit), result.GetValue(after), result.GetValue(json), cancel));
        return command;
    }

    private static PosternCommand Change(
        QueueCommands commands, Option<string?> configuration, string name, string verb, string done, string what,
        string example)
    {
        var filter = new QueueFilter();
        var (yes, json) = (Yes(), CommandTree.Json());
        var command = new PosternCommand(name, what, example) { yes, json };
        filter.AddTo(command);
        command.SetAction((result, cancel) => commands.ChangeAsync(File(result, configuration), verb, done,
            filter.QueryOf(result), "", result.GetValue(yes), result.GetValue(json), cancel));
        return command;
    }

    private static PosternCommand Redirect(QueueCommands commands, Option<string?> configuration)
    {
        var hosts = new Argument<string[]>("HOST")
        {
            Description = "Destination hosts as in a route: NAME, [NAME] or ADDRESS, then :PORT, /pri=N, /weight=N.",
            Arity = ArgumentArity.OneOrMore,
        };
        var filter = new QueueFilter();
        var (yes, json) = (Yes(), CommandTree.Json());
        var command = new PosternCommand("redirectrecipients",
            "Send recipients in the queue to other hosts than their route says; new mail takes its route.",
            "postern redirectrecipients --host example.com 127.0.0.30:2530") { hosts, yes, json };
        filter.AddTo(command);
        hosts.Validators.Add(result =>
        {
            var target = string.Join(", ", result.Tokens.Select(t => t.Value));
            if (RedirectRoute.Read(target, profiles: null, out var error) is null)
                result.AddError($"{error!.Message}; {error.Remedy}");
        });
        command.SetAction((result, cancel) =>
        {
            var target = string.Join(", ", result.GetValue(hosts)!);
            return commands.ChangeAsync(File(result, configuration), "redirect", $"redirected to {target}",
                filter.QueryOf(result), $"&to={Uri.EscapeDataString(target)}", result.GetValue(yes),
                result.GetValue(json), cancel);
        });
        return command;
    }

    private static PosternCommand DeliverNow(QueueCommands commands, Option<string?> configuration)
    {
        var filter = new QueueFilter();
        var json = CommandTree.Json();
        var command = new PosternCommand("delivernow",
            "Try recipients at once, and hosts of theirs that are left out, too.",
            "postern delivernow --host example.com\npostern delivernow --all") { json };
        filter.AddTo(command);
        command.SetAction((result, cancel) => commands.DeliverAsync(
            File(result, configuration), filter.QueryOf(result), result.GetValue(json), cancel));
        return command;
    }

    private static PosternCommand Delivery(QueueCommands commands, Option<string?> configuration, bool suspend)
    {
        var host = new Option<string?>("--host")
        {
            HelpName = "DOMAIN",
            Description = "A receiving domain, or an address in brackets; all mail without it.",
        };
        host.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && !QueueFilter.IsReceivingDomain(text))
                result.AddError($"'{text}' is no receiving domain; write example.com or [10.1.2.3]");
        });
        var json = CommandTree.Json();
        var (name, verb, what) = suspend
            ? ("suspenddel", "suspend", "Keep mail for a domain, or all mail, over restarts too.")
            : ("resumedel", "resume", "Deliver again; without --host to all, those that were suspended alone too.");
        var command = new PosternCommand(name, what, $"postern {name}\npostern {name} --host example.com")
            { host, json };
        command.SetAction((result, cancel) => commands.SuspendAsync(File(result, configuration),
            $"/api/v1/delivery/{verb}" + Query("host", result.GetValue(host)),
            suspend ? null : result.GetValue(host), result.GetValue(json), cancel));
        return command;
    }

    private static PosternCommand Listener(QueueCommands commands, Option<string?> configuration, bool suspend)
    {
        var listener = new Argument<string?>("NAME")
        {
            Description = "The name of a listener; all of them without it.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var json = CommandTree.Json();
        var (name, verb, what) = suspend
            ? ("suspendlistener", "suspend", "Close the address of a listener, over restarts too; connections go on.")
            : ("resumelistener", "resume", "Bind the address of a listener again.");
        var command = new PosternCommand(name, what, $"postern {name}\npostern {name} incoming") { listener, json };
        command.SetAction((result, cancel) => commands.SuspendAsync(File(result, configuration),
            $"/api/v1/listeners/{verb}" + Query("name", result.GetValue(listener)), null, result.GetValue(json),
            cancel));
        return command;
    }

    private static string Query(string name, string? value) =>
        value is null ? "" : $"?{name}={Uri.EscapeDataString(value)}";
}
