namespace Postern.Commands;

/// <summary>
/// Where a command reads and writes. <see cref="Interactive"/>: a person sits there and can answer a question.
/// </summary>
public sealed record Terminal(TextReader In, TextWriter Out, TextWriter Error, bool Interactive)
{
    private const int MaxSecret = 8_192;

    /// <summary>A person watches stderr, so that long work says there what it is at.</summary>
    public bool ShowsProgress { get; init; }

    /// <summary>The terminal of this process; writers may be used by several threads.</summary>
    public static Terminal OfProcess() =>
        new(Console.In, Console.Out, Console.Error, !Console.IsInputRedirected && !Console.IsOutputRedirected)
        {
            ShowsProgress = !Console.IsErrorRedirected,
        };

    /// <summary>The next line, not shown while it is typed at the terminal of this process; null: none.</summary>
    public string? ReadSecret() =>
        Interactive && ReferenceEquals(In, Console.In) ? ReadHidden() : In.ReadLine();

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

    /// <summary>
    /// Says what a command would touch, and asks; without a person there, <paramref name="yes"/> must have been given.
    /// </summary>
    /// <returns>Null: it may go on; else the exit code.</returns>
    public int? Refuses(string touched, bool yes)
    {
        if (!yes && !Interactive) return Misused($"{touched}. Nothing was changed; --yes does it");
        Out.WriteLine(touched);
        if (yes) return null;
        Out.Write("Go on? [y/N] ");
        return In.ReadLine()?.Trim() is "y" or "Y" or "yes" ? null : Fail("nothing was changed");
    }

    private static string ReadHidden()
    {
        var typed = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace) typed.Length = Math.Max(0, typed.Length - 1);
            else if (!char.IsControl(key.KeyChar) && typed.Length < MaxSecret) typed.Append(key.KeyChar);
        }
        return typed.ToString();
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").TrimEnd();
}
