using System.CommandLine;

namespace Postern.Commands;

/// <summary><c>postern smtpauth</c> with its subcommands.</summary>
internal static class SmtpAuthTree
{
    /// <summary>Builds the command.</summary>
    public static PosternCommand Build(Terminal terminal, TimeProvider time, Option<string?> configuration)
    {
        var commands = new SmtpAuthCommands(terminal, time);
        return new PosternCommand("smtpauth",
            "Profiles for outgoing SMTP authentication. Works on postern.toml and files in the folder 'secrets' beside "
            + "it; a running gateway takes the change up.",
            "postern smtpauth new office --username gw@example.com\n"
            + "postern smtproutes new partner.example relay.partner.example:587 --auth office")
        {
            New(commands, configuration), Edit(commands, configuration), Delete(commands, configuration),
            Print(commands, configuration),
        };
    }

    private static ConfigurationFile File(ParseResult result, Option<string?> configuration) =>
        ConfigurationFile.Of(result.GetValue(configuration));

    private static Argument<string> Name() => new("NAME") { Description = "The profile, as a route names it." };

    private static Option<string?> UserName() =>
        new("--username") { HelpName = "NAME", Description = "The account at the destination host." };

    private static Option<string?> Variable() => new("--password-env")
    {
        HelpName = "VARIABLE",
        Description = "The gateway reads the password from this environment variable.",
    };

    private static Option<bool?> Plaintext() => new("--allow-plaintext")
    {
        HelpName = "true|false",
        Description = "Whether the password may be sent without TLS.",
    };

    private static PosternCommand New(SmtpAuthCommands commands, Option<string?> configuration)
    {
        var (name, user, variable, plaintext) = (Name(), UserName(), Variable(), Plaintext());
        var command = new PosternCommand("new",
            "Make a profile. The password is asked for, or is the first line of stdin; it is kept in secrets/NAME, "
            + "which only its owner can read.",
            "postern smtpauth new office --username gw@example.com\n"
            + "postern smtpauth new office --username gw@example.com < password.txt\n"
            + "postern smtpauth new office --username gw@example.com --password-env OFFICE_PASSWORD")
            { name, user, variable, plaintext };
        command.SetAction((result, cancel) => commands.NewAsync(File(result, configuration), result.GetValue(name)!,
            new(result.GetValue(user), result.GetValue(variable), result.GetValue(plaintext), false), cancel));
        return command;
    }

    private static PosternCommand Edit(SmtpAuthCommands commands, Option<string?> configuration)
    {
        var (name, user, variable, plaintext) = (Name(), UserName(), Variable(), Plaintext());
        var password = new Option<bool>("--password")
        {
            Description = "A new password is asked for, or is the first line of stdin. The same without any option.",
        };
        var command = new PosternCommand("edit", "Change a profile: what is given, the rest stays.",
            "postern smtpauth edit office\npostern smtpauth edit office --username other@example.com")
            { name, user, variable, plaintext, password };
        command.SetAction((result, cancel) => commands.EditAsync(File(result, configuration), result.GetValue(name)!,
            new(result.GetValue(user), result.GetValue(variable), result.GetValue(plaintext),
                result.GetValue(password)), cancel));
        return command;
    }

    private static PosternCommand Delete(SmtpAuthCommands commands, Option<string?> configuration)
    {
        var name = Name();
        var command = new PosternCommand("delete", "Delete a profile that no route uses, with its password.",
            "postern smtpauth delete office") { name };
        command.SetAction((result, cancel) =>
            commands.DeleteAsync(File(result, configuration), result.GetValue(name)!, cancel));
        return command;
    }

    private static PosternCommand Print(SmtpAuthCommands commands, Option<string?> configuration)
    {
        var json = CommandTree.Json();
        var command = new PosternCommand("print", "Print the profiles, without their passwords.",
            "postern smtpauth print --json") { json };
        command.SetAction(result => commands.Print(File(result, configuration), result.GetValue(json)));
        return command;
    }
}
