using Postern.Admin;
using Postern.Configuration;
using Postern.Routing;

namespace Postern.Routes;

/// <summary>
/// Changes the routes file with its history: what stood there before an edit, by hand or by command, can be put back.
/// Works on the file alone, whether a gateway runs or not. One edit at a time over all processes.
/// </summary>
/// <param name="configuration">Names the file and the data folder.</param>
/// <param name="time">The clock of the history.</param>
/// <param name="step">Told what is being done, where it may take its time.</param>
internal sealed class RoutesEditor(PosternConfiguration configuration, TimeProvider time, Action<string> step)
{
    private readonly string historyFolder = RoutesHistory.FolderIn(configuration.DataFolder);
    private readonly HashSet<string> profiles = configuration.AuthProfiles.Keys.ToHashSet(StringComparer.Ordinal);

    /// <summary>The configuration whose routes these are.</summary>
    public PosternConfiguration Configuration => configuration;

    /// <summary>The routes file.</summary>
    public string File => configuration.RoutesFile;

    /// <summary>The versions that are kept.</summary>
    public RoutesHistory History { get; } = new(RoutesHistory.FolderIn(configuration.DataFolder), time);

    /// <summary>Reads the file as it is now.</summary>
    public RoutesLoad Load() => SmtpRoutesFile.Load(File, profiles);

    /// <summary>Reads another file as it would be read in this one's place.</summary>
    public RoutesLoad Parse(ReadOnlySpan<byte> content) => SmtpRoutesFile.Parse(content, profiles);

    /// <summary>Says what an edit would change; writes nothing.</summary>
    public RoutesChange Plan(Func<RoutesDocument, RouteError?> edit)
    {
        step("checking the routes");
        var vanished = Vanished();
        return RoutesFileEdit.Plan(File, profiles, document =>
        {
            var refusal = edit(document);
            return document.IsReplaced ? refusal : vanished ?? refusal;
        });
    }

    // A table that had content does not begin anew because its file is gone: mail would take other ways. Null: it is
    // there, or nothing was.
    private RouteError? Vanished()
    {
        if (System.IO.File.Exists(File)) return null;
        if (History.List() is [.., var last])
        {
            return new RouteError(0, 0, $"{File} is missing",
                $"'postern smtproutes rollback {last.Number}' puts its last version back");
        }
        var folder = configuration.DataFolder;
        return DataFolder.IsNew(folder) ? null : new RouteError(0, 0,
            $"{File} is missing, but there is a spool in {folder}",
            $"put the file back, or give a whole table with 'postern smtproutes import'");
    }

    /// <summary>Makes an edit, with no other edit in between, and notes it in the history.</summary>
    /// <param name="what">The change in a few words, as the history shows it.</param>
    /// <param name="edit">Changes the document, or says why not.</param>
    /// <param name="cancellationToken">Ends the wait for another edit.</param>
    public async Task<RoutesChange> ApplyAsync(
        string what, Func<RoutesDocument, RouteError?> edit, CancellationToken cancellationToken)
    {
        using var only = await LockAsync(cancellationToken);
        return Write(what, Plan(edit));
    }

    /// <summary>Writes a change that was planned, and notes it; refused when the file was changed meanwhile.</summary>
    /// <param name="what">The change in a few words, as the history shows it.</param>
    /// <param name="plan">What <see cref="Plan"/> said.</param>
    /// <param name="cancellationToken">Ends the wait for another edit.</param>
    public async Task<RoutesChange> WriteAsync(string what, RoutesChange plan, CancellationToken cancellationToken)
    {
        using var only = await LockAsync(cancellationToken);
        return Write(what, plan);
    }

    /// <summary>
    /// Notes an edit by hand that a running gateway has seen and taken up; one that was replaced since is none of the
    /// last versions.
    /// </summary>
    public async Task NoticeAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        using var only = await LockAsync(cancellationToken);
        NoteByHand(content);
    }

    private Task<IDisposable> LockAsync(CancellationToken cancellationToken)
    {
        DataFolder.Make(configuration.DataFolder);
        return FileLock.TakeAsync(Path.Combine(historyFolder, "lock"), time, cancellationToken);
    }

    private RoutesChange Write(string what, RoutesChange plan)
    {
        if (plan.Difference is null) return plan;
        step("writing the routes file and its history");
        // Noted before the file is replaced: a crash in between loses no version.
        NoteByHand(plan.OldContent);
        var written = RoutesFileEdit.Write(File, plan);
        if (written.Difference is not null) Note(what, plan);
        return written;
    }

    // An edit that is told to have failed is not in force.
    private void Note(string what, RoutesChange plan)
    {
        try
        {
            History.RecordIfUnknown(plan.NewContent.Span, Environment.UserName, what);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            AtomicFile.TakeBack(e, () => AtomicFile.Write(AtomicFile.TargetOf(File), plan.OldContent.Span));
            // What the history may hold is not in force, and nobody need look.
            throw new IOException(UncertainWriteException.FailureOf(e), e);
        }
    }

    // Who read the content may have waited for the lock while others edited: what is not in the file any more either
    // is a version already, or was never more than a moment of an editor.
    private void NoteByHand(ReadOnlyMemory<byte> content)
    {
        if (FileReading.IsStill(File, content.Span))
            History.RecordIfUnknown(content.Span, RouteVersion.Unknown, RouteVersion.ByHand);
    }
}
