using Postern.Admin;
using Postern.Admin.Auditing;
using Postern.Configuration;
using Postern.Spool;

namespace Postern.Commands;

/// <summary><c>postern spool repair</c>: a damaged store is made anew from all of it that can be read.</summary>
internal sealed class SpoolRepairCommand(Terminal terminal, TimeProvider time)
{
    /// <summary>Does it, after saying what it would touch.</summary>
    public async Task<int> RunAsync(ConfigurationFile file, bool yes, bool json)
    {
        var read = file.Read();
        foreach (var error in read.Errors) terminal.Error.WriteLine(error);
        if (read.Configuration is not { } configuration) return ExitCode.Failed;
        var folder = DataFolder.SpoolIn(configuration.DataFolder);
        if (!Directory.Exists(folder)) return terminal.Fail($"there is no spool in {folder}");
        var touched = $"the store in {folder} would be made anew from all of it that can be read, unless every record "
            + "fits every other; the files as they are now are kept beside it";
        if (terminal.Refuses(touched, yes, json) is { } refusal) return refusal;
        SpoolRepairReport report;
        try
        {
            var progress = new Progress(terminal, time);
            using (var line = progress.Begin("reading the store"))
            using (new Interruption(terminal, () =>
            {
                line.Dispose();
                return "the store is as it was, or made anew as a whole: 'postern spool verify' reads it";
            }))
            {
                report = SpoolRepair.Run(folder, time.GetLocalNow(), records => progress.Step($"{records} records"));
            }
        }
        catch (SpoolException e)
        {
            await NoteAsync(configuration, new AuditNote { Result = AuditResult.Failed, Detail = e.Message });
            return terminal.Fail(e.Message);
        }
        if (report.Kept is { } kept)
        {
            await NoteAsync(configuration, new AuditNote
            {
                Before = $"kept in {kept}",
                After = $"{report.Store.Messages} messages",
                Detail = string.Join("; ", report.LeftOut.Concat(report.NotTaken.Select(Words))),
            });
        }
        return Print(report, json);
    }

    private Task NoteAsync(PosternConfiguration configuration, AuditNote note) =>
        new CommandAudit(terminal, time).WriteAsync(configuration, "spool repair", note);

    private int Print(SpoolRepairReport report, bool json)
    {
        var found = SpoolVerdict.Of(report.Store);
        if (json)
        {
            JsonForm.WriteLine(terminal.Out, new
            {
                report.Kept,
                report.LeftOut,
                NotTaken = report.NotTaken.Select(
                    damaged => new { First = damaged.Mid.Value, Last = LastOf(damaged), damaged.Reason }),
                report.NotTakenCount,
                Store = found,
            });
            return SpoolPrinting.ExitCodeOf(terminal, found);
        }
        if (report.Kept is { } kept) PrintLoss(report, kept);
        else terminal.Out.WriteLine("Nothing is damaged, and nothing was changed.");
        return SpoolPrinting.Print(terminal, found, json: false, SpoolPrinting.AfterCrash);
    }

    private void PrintLoss(SpoolRepairReport report, string kept)
    {
        terminal.Out.WriteLine($"The store was made anew. As it was it is kept in {kept}: remove that by hand when "
            + "nobody needs it any more.");
        foreach (var part in report.LeftOut) terminal.Out.WriteLine($"left out: {part}");
        if (report.LeftOut.Count > 0)
        {
            terminal.Out.WriteLine("Mail whose acceptance stood in what was left out is lost. Mail whose completion "
                + "stood there goes out once more.");
        }
        foreach (var damaged in report.NotTaken)
            terminal.Out.WriteLine($"not in the new store: {Words(damaged)}");
        if (report.NotTakenCount > 0)
        {
            terminal.Out.WriteLine($"Mail with these MIDs, {report.NotTakenCount} at most, that was not delivered yet "
                + "is lost: what is left of it does not say to whom it is still to go.");
        }
        terminal.Out.WriteLine("Of the new store:");
    }

    // The reason of several names them.
    private static string Words(DamagedRecord damaged) =>
        damaged.Count == 1 ? $"MID {damaged.Mid}: {damaged.Reason}" : damaged.Reason;

    private static long LastOf(DamagedRecord damaged) => damaged.Mid.Value + damaged.Count - 1;
}
