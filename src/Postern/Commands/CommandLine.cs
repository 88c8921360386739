using System.CommandLine;
using System.CommandLine.Parsing;
using Postern.Routing;

namespace Postern.Commands;

/// <summary>Runs one command line: parses it, runs its command, and turns what happened into an exit code.</summary>
public static class CommandLine
{
    /// <summary>Runs a command line to its end.</summary>
    /// <returns>0 done, 1 it failed with the reason on stderr, 2 wrong usage.</returns>
    public static async Task<int> RunAsync(
        string[] arguments, Terminal terminal, TimeProvider time, CancellationToken cancellationToken)
    {
        var root = CommandTree.Build(terminal, time);
        // An argument that begins with @ is an address, not a file with further arguments.
        var result = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (result.Errors.Count > 0 && result.Action is not ExampleHelp) return Misused(result, terminal);
        if (result.Action is not ExampleHelp && EmptyValue.In(result.CommandResult) is { } empty)
            return terminal.Misused($"{empty}. See '{PathOf(result)} --help'");
        var invocation = new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            // Signals are the concern of those with something to end, or to say: the gateway, and Interruption.
            ProcessTerminationTimeout = null,
        };
        try
        {
            return await result.InvokeAsync(invocation, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return terminal.Fail("interrupted");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Spool.SpoolException)
        {
            return terminal.Fail(e.Message);
        }
    }

    private static int Misused(ParseResult result, Terminal terminal)
    {
        var command = result.CommandResult.Command;
        var path = PathOf(result);
        var wrong = result.UnmatchedTokens is [var first, ..] ? first : null;
        var words = command.Subcommands.Select(c => c.Name).ToList();
        if (wrong is not null && words.Count > 0 && !wrong.StartsWith('-'))
        {
            return terminal.Misused($"'{wrong}' is no command of '{path}'; did you mean "
                + $"'{NearestWord.Of(wrong, words)}'? See '{path} --help'");
        }
        var reason = wrong is null && words.Count > 0
            ? $"a command is missing: {string.Join(", ", words)}"
            : result.Errors[0].Message.TrimEnd('.');
        return terminal.Misused($"{reason}. See '{path} --help'");
    }

    private static string PathOf(ParseResult result) => string.Join(' ', Names(result.CommandResult).Reverse());

    private static IEnumerable<string> Names(CommandResult? command)
    {
        for (; command is not null; command = command.Parent as CommandResult)
            yield return command.Command is RootCommand ? "postern" : command.Command.Name;
    }
}
