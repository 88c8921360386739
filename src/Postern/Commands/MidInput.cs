using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Postern.Commands;

/// <summary>A MID on the command line: a number from 0; anything else is wrong usage.</summary>
internal static class MidInput
{
    /// <summary>The argument of a command that is about one message.</summary>
    public static Argument<long> Argument() =>
        new("MID") { Description = "The MID, as the mail log shows it.", CustomParser = Read };

    /// <summary>An option; 0 when it is not given.</summary>
    public static Option<long> Option(string name, string description) =>
        new(name) { HelpName = "MID", Description = description, CustomParser = Read };

    /// <summary>What is wrong with it; null: nothing.</summary>
    public static string? Wrong(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? null
            : $"'{text}' is no MID; write the number that the mail log shows";

    private static long Read(ArgumentResult result)
    {
        var text = result.Tokens is [var token, ..] ? token.Value : "";
        if (Wrong(text) is not { } wrong) return long.Parse(text, CultureInfo.InvariantCulture);
        result.AddError(wrong);
        return 0;
    }
}
