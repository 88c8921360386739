namespace Postern.Commands;

/// <summary>
/// Where a command reads and writes. <see cref="Interactive"/>: a person sits there and can answer a question.
/// </summary>
public sealed record Terminal(TextReader In, TextWriter Out, TextWriter Error, bool Interactive)
{
    /// <summary>The terminal of this process; writers may be used by several threads.</summary>
    public static Terminal OfProcess() =>
        new(Console.In, Console.Out, Console.Error, !Console.IsInputRedirected && !Console.IsOutputRedirected);

    /// <summary>The reason of a failure in one line on stderr.</summary>
    public int Fail(string reason)
    {
        Error.WriteLine($"postern: {OneLine(reason)}");
        return ExitCode.Failed;
    }

    /// <summary>Wrong usage in one line on stderr.</summary>
    public int Misused(string reason)
    {
        Error.WriteLine($"postern: {OneLine(reason)}");
        return ExitCode.WrongUsage;
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").TrimEnd();
}
