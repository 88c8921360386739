using Postern.Configuration;
using Postern.Routing;

namespace Postern.Routes;

/// <summary>
/// Changes the routes file with its history: what stood there before an edit, by hand or by command, can be put back.
/// Works on the file alone, whether a gateway runs or not. One edit at a time over all processes.
/// </summary>
internal sealed class RoutesEditor(PosternConfiguration configuration, TimeProvider time)
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

    /// <summary>Says what an edit would change; writes nothing.</summary>
    public RoutesChange Plan(Func<RoutesDocument, RouteError?> edit) =>
        RoutesFileEdit.Apply(File, profiles, edit, dryRun: true);

    /// <summary>Makes an edit and notes it in the history.</summary>
    /// <param name="what">The change in a few words, as the history shows it.</param>
    /// <param name="edit">Changes the document, or says why not.</param>
    /// <param name="cancellationToken">Ends the wait for another edit.</param>
    public async Task<RoutesChange> ApplyAsync(
        string what, Func<RoutesDocument, RouteError?> edit, CancellationToken cancellationToken)
    {
        DataFolder.Make(configuration.DataFolder);
        using var only = await RoutesFileLock.TakeAsync(historyFolder, time, cancellationToken);
        var after = "";
        var change = RoutesFileEdit.Apply(File, profiles, document =>
        {
            // Noted before the file is replaced: a crash in between loses no version.
            History.RecordIfUnknown(document.ToString(), "unknown", ByHand);
            var refusal = edit(document);
            after = document.ToString();
            return refusal;
        });
        if (change.Errors.Count == 0) History.RecordIfUnknown(after, Environment.UserName, what);
        return change;
    }

    /// <summary>Notes an edit by hand that a running gateway has seen and taken up.</summary>
    public async Task NoticeAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        using var only = await RoutesFileLock.TakeAsync(historyFolder, time, cancellationToken);
        if (RoutesDocument.Read(content.Span, out _) is { } document)
            History.RecordIfUnknown(document.ToString(), "unknown", ByHand);
    }

    private const string ByHand = "edited by hand";
}
