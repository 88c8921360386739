using System.CommandLine;
using System.CommandLine.Parsing;

namespace Postern.Commands;

/// <summary>An option whose empty value takes away what was there. No other option takes one.</summary>
internal sealed class ClearingOption(string name) : Option<string?>(name);

/// <summary>
/// Finds empty arguments: most often a variable of a shell that is not set. What it would have said is lost, and doing
/// the command without it is not what was asked for.
/// </summary>
internal static class EmptyValue
{
    /// <summary>The first one in one sentence without its dot; null: there is none.</summary>
    public static string? In(CommandResult? command)
    {
        for (; command is not null; command = command.Parent as CommandResult)
            foreach (var child in command.Children)
                if (child.Tokens.Any(token => token.Value.Length == 0) && Told(child) is { } problem) return problem;
        return null;
    }

    private static string? Told(SymbolResult empty) => empty switch
    {
        OptionResult { Option: ClearingOption } => null,
        OptionResult { Option: var option } => $"{option.Name} is empty; say which {option.HelpName}, or leave it out",
        ArgumentResult { Argument: var argument } => $"{argument.Name} is empty; say which",
        _ => null,
    };
}
