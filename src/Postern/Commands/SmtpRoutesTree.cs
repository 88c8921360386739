using System.CommandLine;

namespace Postern.Commands;

/// <summary><c>postern smtproutes</c> with its subcommands.</summary>
internal static class SmtpRoutesTree
{
    /// <summary>Builds the command.</summary>
    public static PosternCommand Build(Terminal terminal, TimeProvider time, Option<string?> configuration)
    {
        var commands = new SmtpRoutesCommands(terminal, time);
        var tree = new PosternCommand("smtproutes",
            "The routing table. Works on the file, with or without a running gateway; a running one takes the change "
            + "up. With no subcommand on a terminal: a dialogue.",
            "postern smtproutes\npostern smtproutes new example.com 127.0.0.10:2510/pri=0 127.0.0.20:2520/pri=10\n"
            + "postern smtproutes test bob@example.com")
        {
            New(commands, configuration), Edit(commands, configuration), Delete(commands, configuration),
            Print(commands, configuration), Import(commands, configuration), Export(commands, configuration),
            Clear(commands, configuration), Test(commands, configuration), History(commands, configuration),
            Rollback(commands, configuration),
        };
        tree.SetAction((result, cancel) => terminal.Interactive
            ? new SmtpRoutesDialogue(terminal, commands).RunAsync(File(result, configuration), cancel)
            : Task.FromResult(terminal.Misused(
                "a subcommand is missing: new, edit, delete, print, import, export, clear, test, history, rollback. "
                + "See 'postern smtproutes --help'")));
        return tree;
    }

    private static ConfigurationFile File(ParseResult result, Option<string?> configuration) =>
        ConfigurationFile.Of(result.GetValue(configuration));

    private static Argument<string> Domain() => Plain(new Argument<string>("DOMAIN")
    {
        Description = "The receiving domain: example.com, .example.com (every name below), ALL, or [10.0.0.0/8].",
    });

    private static Argument<string[]> Hosts() => Plain(new Argument<string[]>("HOST")
    {
        Description = "A destination host: NAME, [NAME] or ADDRESS, then :PORT, /pri=N and /weight=N where wanted; or "
            + "USEDNS, or /dev/null.",
        Arity = ArgumentArity.OneOrMore,
    });

    /// <summary>
    /// A mistyped option is wrong usage and no domain or host, which never begin so. The parser would take it for one.
    /// </summary>
    private static TArgument Plain<TArgument>(TArgument argument) where TArgument : Argument
    {
        argument.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
                if (token.Value.StartsWith("--", StringComparison.Ordinal))
                    result.AddError($"'{token.Value}' is no option here");
        });
        return argument;
    }

    private static Option<string[]> Options(string rest) => new("--option")
    {
        HelpName = "WORD=VALUE",
        Description = "on_rcpt_4xx=next|hold, hosts=turns|first-up|least-busy or hold_for_probe=DURATION; may be "
            + "given several times." + rest,
    };

    private static string[] OptionsOf(ParseResult result, Option<string?> auth, Option<string[]> options)
    {
        string[] others = result.GetValue(options) ?? [];
        return result.GetValue(auth) is { } profile ? [$"auth={profile}", .. others] : others;
    }

    private static Option<bool> Yes() => new("--yes") { Description = "Do it without asking." };

    private static PosternCommand New(SmtpRoutesCommands commands, Option<string?> configuration)
    {
        var (domain, hosts) = (Domain(), Hosts());
        var auth = new Option<string?>("--auth")
        {
            HelpName = "PROFILE",
            Description = "The profile for outgoing SMTP authentication.",
        };
        var options = Options("");
        var command = new PosternCommand("new", "Add a route.",
            "postern smtproutes new example.com 127.0.0.10:2510/pri=0 127.0.0.20:2520/pri=10\n"
            + "postern smtproutes new partner.example relay.partner.example:587 --auth office")
            { domain, hosts, auth, options };
        command.SetAction((result, cancel) => commands.NewAsync(File(result, configuration),
            result.GetValue(domain)!, result.GetValue(hosts)!, OptionsOf(result, auth, options), cancel));
        return command;
    }

    private static PosternCommand Edit(SmtpRoutesCommands commands, Option<string?> configuration)
    {
        var (domain, hosts) = (Domain(), Hosts());
        var auth = new ClearingOption("--auth")
        {
            HelpName = "PROFILE",
            Description = "The profile for outgoing SMTP authentication; \"\" takes it away. Unless given it stays.",
        };
        var options = Options(" WORD= takes it away; those that are not named stay.");
        var command = new PosternCommand("edit", "Give a route other hosts.",
            "postern smtproutes edit example.com 127.0.0.30:2530") { domain, hosts, auth, options };
        command.SetAction((result, cancel) => commands.EditAsync(File(result, configuration),
            result.GetValue(domain)!, result.GetValue(hosts)!, OptionsOf(result, auth, options), cancel));
        return command;
    }

    private static PosternCommand Delete(SmtpRoutesCommands commands, Option<string?> configuration)
    {
        var domains = Plain(new Argument<string[]>("DOMAIN")
        {
            Description = "The receiving domains of the routes.",
            Arity = ArgumentArity.OneOrMore,
        });
        // Routes that are named one by one are not asked for; a script may say --yes everywhere.
        var yes = Yes();
        var command = new PosternCommand("delete", "Delete routes: all that are named, or none.",
            "postern smtproutes delete example.com .example.com") { domains, yes };
        command.SetAction((result, cancel) =>
            commands.DeleteAsync(File(result, configuration), result.GetValue(domains)!, cancel));
        return command;
    }

    private static PosternCommand Print(SmtpRoutesCommands commands, Option<string?> configuration)
    {
        var json = CommandTree.Json();
        var command = new PosternCommand("print", "Print the table.", "postern smtproutes print --json") { json };
        command.SetAction(result => commands.Print(File(result, configuration), result.GetValue(json)));
        return command;
    }

    private static PosternCommand Import(SmtpRoutesCommands commands, Option<string?> configuration)
    {
        var source = new Argument<string>("FILE") { Description = "The file to read; - for stdin." };
        var merge = new Option<bool>("--merge") { Description = "Add to the table and alter; delete nothing." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Print what would change; change nothing." };
        var (yes, json) = (Yes(), CommandTree.Json());
        var command = new PosternCommand("import", "Replace the whole table by that of a file.",
            "postern smtproutes import routes.txt --dry-run\npostern smtproutes import routes.txt --yes")
            { source, merge, dryRun, yes, json };
        command.SetAction((result, cancel) => commands.ImportAsync(File(result, configuration), new ImportRequest(
            result.GetValue(source)!, result.GetValue(merge), result.GetValue(dryRun), result.GetValue(yes),
            result.GetValue(json)), cancel));
        return command;
    }

    private static PosternCommand Export(SmtpRoutesCommands commands, Option<string?> configuration)
    {
        var target = new Argument<string>("FILE") { Description = "The file to write; - for stdout." };
        var command = new PosternCommand("export", "Write the table to a file, as it stands.",
            "postern smtproutes export routes.txt") { target };
        command.SetAction(result => commands.Export(File(result, configuration), result.GetValue(target)!));
        return command;
    }

    private static PosternCommand Clear(SmtpRoutesCommands commands, Option<string?> configuration)
    {
        var yes = Yes();
        var command = new PosternCommand("clear", "Delete all routes.", "postern smtproutes clear --yes") { yes };
        command.SetAction((result, cancel) =>
            commands.ClearAsync(File(result, configuration), result.GetValue(yes), cancel));
        return command;
    }

    private static PosternCommand Test(SmtpRoutesCommands commands, Option<string?> configuration)
    {
        var addresses = new Argument<string[]>("ADDRESS")
        {
            Description = "A recipient, or a domain.",
            Arity = ArgumentArity.OneOrMore,
        };
        var json = CommandTree.Json();
        var command = new PosternCommand("test",
            "Say which route a recipient takes, which routes it beats, and its hosts in order; with their health and "
            + "the queue when the gateway runs.",
            "postern smtproutes test bob@example.com carol@[10.1.2.3]") { addresses, json };
        command.SetAction((result, cancel) => commands.TestAsync(
            File(result, configuration), result.GetValue(addresses)!, result.GetValue(json), cancel));
        return command;
    }

    private static PosternCommand History(SmtpRoutesCommands commands, Option<string?> configuration)
    {
        var json = CommandTree.Json();
        var command = new PosternCommand("history",
            $"Print the last {Routes.RoutesHistory.Kept} versions of the table: when, by whom, and what changed.",
            "postern smtproutes history") { json };
        command.SetAction(result => commands.History(File(result, configuration), result.GetValue(json)));
        return command;
    }

    private static PosternCommand Rollback(SmtpRoutesCommands commands, Option<string?> configuration)
    {
        var number = new Argument<int>("N") { Description = "The number of the version, as 'history' shows it." };
        var yes = Yes();
        var command = new PosternCommand("rollback", "Put a version of the table back.",
            "postern smtproutes rollback 7 --yes") { number, yes };
        command.SetAction((result, cancel) => commands.RollbackAsync(
            File(result, configuration), result.GetValue(number), result.GetValue(yes), cancel));
        return command;
    }
}
