using Postern.Admin;
using Postern.Spool;

namespace Postern.Commands;

/// <summary>How a command tells what a check of the store has found.</summary>
internal static class SpoolPrinting
{
    /// <summary>What becomes of unfinished uploads that no gateway takes in.</summary>
    public const string AfterCrash = "deleted by the next start";

    /// <summary>Prints it.</summary>
    /// <returns>The exit code: failed where there is any fault, of which the first is told on stderr.</returns>
    public static int Print(Terminal terminal, SpoolVerdict found, bool json, string uploads)
    {
        if (json) JsonForm.WriteLine(terminal.Out, found);
        else Print(terminal.Out, found, uploads);
        return ExitCodeOf(terminal, found);
    }

    /// <summary>The exit code of what was found, as <see cref="Print(Terminal, SpoolVerdict, bool, string)"/> gives it.
    /// </summary>
    public static int ExitCodeOf(Terminal terminal, SpoolVerdict found) =>
        found.FaultCount == 0 ? ExitCode.Done
            : terminal.Fail($"{found.FaultCount} faults, the first: {Subject(found.Faults[0])}: "
                + found.Faults[0].Reason);

    private static void Print(TextWriter output, SpoolVerdict found, string uploads)
    {
        output.WriteLine($"{found.Messages} messages with {found.Recipients} recipients that wait, "
            + $"{found.Octets} octets of content");
        if (found.Uploads > 0) output.WriteLine($"{found.Uploads} unfinished uploads, {uploads}");
        if (found.Refused > 0)
            output.WriteLine($"{found.Refused} messages that were answered 451, deleted by the next start");
        foreach (var fault in found.Faults)
            output.WriteLine($"{Subject(fault)}: {fault.Reason}; {fault.Consequence}");
        if (found.FaultCount == 0) output.WriteLine("every record fits every other");
        if (found.Faults.All(fault => fault.Consequence == SpoolFault.Held)) return;
        output.WriteLine("'postern spool repair', while no gateway runs, makes the store anew from all of it that can "
            + "be read; a backup would lose what came after it");
    }

    private static string Subject(SpoolFaultForm fault) => fault.Mid is { } mid ? $"MID {mid}" : "the store";
}
