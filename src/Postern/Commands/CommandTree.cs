using System.CommandLine;
using System.CommandLine.Help;
using System.Globalization;

namespace Postern.Commands;

/// <summary>All commands with their arguments, options and help.</summary>
internal static class CommandTree
{
    /// <summary>The example of <c>postern --help</c>.</summary>
    public const string RootExample = "postern demo\npostern serve --config /etc/postern/postern.toml";

    /// <summary>Builds the tree; the commands in it write to the terminal given.</summary>
    public static RootCommand Build(Terminal terminal, TimeProvider time)
    {
        var root = new RootCommand("Postern, a mail gateway that delivers by SMTP routes.");
        var configuration = new Option<string?>("--config")
        {
            HelpName = "FILE",
            Description = $"The configuration file ({ConfigurationFile.DefaultName} in the current folder).",
            Recursive = true,
        };
        root.Add(configuration);
        root.Add(Serve(terminal, time, configuration));
        root.Add(Demo(terminal, time));
        root.Add(Check(terminal, time, configuration));
        root.Add(SmtpRoutesTree.Build(terminal, time, configuration));
        root.Add(SmtpAuthTree.Build(terminal, time, configuration));
        root.Add(SpoolTree.Build(terminal, time, configuration));
        root.Add(AdminTree.Build(terminal, time, configuration));
        foreach (var command in GatewayTree.Build(terminal, time, configuration)) root.Add(command);
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new ExampleHelp((HelpAction)help.Action!);
        return root;
    }

    /// <summary><c>--json</c> for a command that prints data.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print JSON." };

    private static PosternCommand Serve(Terminal terminal, TimeProvider time, Option<string?> configuration)
    {
        var command = new PosternCommand("serve",
            "Run the gateway in the foreground until SIGTERM or Ctrl-C.",
            "postern serve\npostern serve --config /etc/postern/postern.toml");
        command.SetAction((result, cancellationToken) => new ServeCommand(terminal, time)
            .RunAsync(ConfigurationFile.Of(result.GetValue(configuration)), cancellationToken));
        return command;
    }

    private static PosternCommand Demo(Terminal terminal, TimeProvider time)
    {
        var command = new PosternCommand("demo",
            "Show on loopback, in seconds, how mail goes on to the next destination host when the first answers 431.",
            "postern demo");
        command.SetAction((_, cancellationToken) => new DemoCommand(terminal, time).RunAsync(cancellationToken));
        return command;
    }

    private static PosternCommand Check(Terminal terminal, TimeProvider time, Option<string?> configuration)
    {
        var json = Json();
        var command = new PosternCommand("check",
            "Read all configuration and print every error with file, line, column and remedy; change nothing.",
            "postern check\npostern check --config /etc/postern/postern.toml --json") { json };
        command.SetAction(result => new CheckCommand(terminal, time)
            .Run(ConfigurationFile.Of(result.GetValue(configuration)), result.GetValue(json)));
        return command;
    }

    /// <summary>An option that takes a number in a range; anything else is wrong usage.</summary>
    public static Option<int> Number(string name, string description, int unset, int most, int least = 1) => new(name)
    {
        HelpName = "N",
        Description = description,
        DefaultValueFactory = _ => unset,
        CustomParser = result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, CultureInfo.InvariantCulture, out var given)
                && given >= least && given <= most) return given;
            result.AddError($"{name} is {least} to {most}");
            return unset;
        },
    };
}
