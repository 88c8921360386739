using System.Text;
using Postern.Routing;

namespace Postern.Commands;

/// <summary>
/// Where a command reads and writes. <see cref="Interactive"/>: a person sits there and can answer a question.
/// </summary>
public sealed record Terminal(TextReader In, TextWriter Out, TextWriter Error, bool Interactive)
{
    private const int MaxSecret = 8_192;

    /// <summary>Opens stdin for octets; null: they are <see cref="In"/> in UTF-8.</summary>
    public Func<Stream>? InOctets { get; init; }

    /// <summary>Opens stdout for octets; null: they are written to <see cref="Out"/> as UTF-8.</summary>
    public Func<Stream>? OutOctets { get; init; }

    /// <summary>A person watches stderr, so that long work says there what it is at.</summary>
    public bool ShowsProgress { get; init; }

    /// <summary>The terminal of this process; writers may be used by several threads.</summary>
    public static Terminal OfProcess() =>
        new(Console.In, Console.Out, Console.Error, !Console.IsInputRedirected && !Console.IsOutputRedirected)
        {
            ShowsProgress = !Console.IsErrorRedirected,
            InOctets = Console.OpenStandardInput,
            OutOctets = Console.OpenStandardOutput,
        };

    /// <summary>Reads stdin to its end as it is, whatever characters the locale makes of it.</summary>
    public FileReading ReadOctets(int maxLength)
    {
        using var stream = InOctets?.Invoke() ?? new MemoryStream(Encoding.UTF8.GetBytes(In.ReadToEnd()));
        return FileReading.Of(stream, "stdin", maxLength);
    }

    /// <summary>Writes octets to stdout as they are.</summary>
    public void Write(ReadOnlySpan<byte> octets)
    {
        if (OutOctets is null)
        {
            Out.Write(Encoding.UTF8.GetString(octets));
            return;
        }
        Out.Flush();
        using var stream = OutOctets();
        stream.Write(octets);
    }

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
    /// <param name="touched">How much it is.</param>
    /// <param name="yes">It need not ask.</param>
    /// <param name="json">Stdout is for JSON alone.</param>
    /// <returns>Null: it may go on; else the exit code.</returns>
    public int? Refuses(string touched, bool yes, bool json = false)
    {
        if (!yes && !Interactive) return Misused($"{touched}. Nothing was changed; --yes does it");
        if (yes && json) return null;
        var told = json ? Error : Out;
        told.WriteLine(touched);
        if (yes) return null;
        told.Write("Go on? [y/N] ");
        return In.ReadLine()?.Trim() is "y" or "Y" or "yes" ? null : Fail("nothing was changed");
    }

    private static string ReadHidden()
    {
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace) typed.Length = Math.Max(0, typed.Length - 1);
            else if (!char.IsControl(key.KeyChar) && typed.Length < MaxSecret) typed.Append(key.KeyChar);
        }
        return typed.ToString();
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").TrimEnd();
}
