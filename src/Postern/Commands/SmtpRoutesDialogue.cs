namespace Postern.Commands;

/// <summary>
/// <c>postern smtproutes</c> on a terminal: asks for an operation and what it needs, as the command of the same name
/// on an ESA does, and calls the operations that the subcommands call.
/// </summary>
internal sealed class SmtpRoutesDialogue(Terminal terminal, SmtpRoutesCommands commands)
{
    private const string Choices = """
        Choose the operation you want to perform:
        - NEW - Create a new route.
        - EDIT - Give a route other hosts.
        - DELETE - Delete routes.
        - PRINT - Print all routes.
        - IMPORT - Replace the table by that of a file.
        - EXPORT - Write the table to a file.
        - CLEAR - Delete all routes.
        - TEST - Say which way a recipient takes.
        - HISTORY - Print the last versions.
        - ROLLBACK - Put a version back.
        """;

    /// <summary>Asks until an empty line, or the end of the input, is the answer.</summary>
    public async Task<int> RunAsync(ConfigurationFile file, CancellationToken cancellationToken)
    {
        while (true)
        {
            terminal.Out.WriteLine(Choices);
            var operation = Ask("Enter the operation, or nothing to end.");
            if (operation.Length == 0) return ExitCode.Done;
            // What failed has said why; the dialogue goes on.
            try
            {
                if (!await RunAsync(operation.ToUpperInvariant(), file, cancellationToken))
                    terminal.Out.WriteLine($"'{operation}' is none of them.");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                terminal.Fail(e.Message);
            }
            terminal.Out.WriteLine();
        }
    }

    private async Task<bool> RunAsync(string operation, ConfigurationFile file, CancellationToken cancellationToken)
    {
        switch (operation)
        {
            case "NEW":
                await commands.NewAsync(file, AskDomain(), AskHosts(), AskOptions(), cancellationToken);
                return true;
            case "EDIT":
                await commands.EditAsync(file, AskDomain(), AskHosts(), AskOptions(), cancellationToken);
                return true;
            case "DELETE":
                var domains = Words(Ask("Enter the domains whose routes to delete."));
                await commands.DeleteAsync(file, domains, cancellationToken);
                return true;
            case "PRINT":
                commands.Print(file, json: false);
                return true;
            case "IMPORT":
                var request = new ImportRequest(Ask("Enter the file to import."), false, false, false, false);
                await commands.ImportAsync(file, request, cancellationToken);
                return true;
            case "EXPORT":
                commands.Export(file, Ask("Enter the file to write."));
                return true;
            case "CLEAR":
                await commands.ClearAsync(file, yes: false, cancellationToken);
                return true;
            case "TEST":
                await commands.TestAsync(file, Words(Ask("Enter recipients.")), json: false, cancellationToken);
                return true;
            case "HISTORY":
                commands.History(file, json: false);
                return true;
            case "ROLLBACK":
                var number = int.TryParse(Ask("Enter the number of the version."), out var parsed) ? parsed : 0;
                await commands.RollbackAsync(file, number, yes: false, cancellationToken);
                return true;
            default:
                return false;
        }
    }

    private string AskDomain() => Ask(
        "Enter the receiving domain: example.com, .example.com for every name below it, ALL, or an address.");

    private string[] AskHosts() =>
    [
        Ask("Enter the destination hosts, separated by commas, each with :PORT and /pri=N where wanted; or USEDNS, or "
            + "/dev/null."),
    ];

    private string[] AskOptions()
    {
        var profile = Ask("Enter the profile for outgoing SMTP authentication, or nothing.");
        return profile.Length == 0 ? [] : [$"auth={profile}"];
    }

    private string Ask(string question)
    {
        terminal.Out.WriteLine(question);
        terminal.Out.Write("[]> ");
        return terminal.In.ReadLine()?.Trim() ?? "";
    }

    private static string[] Words(string text) => text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
}
