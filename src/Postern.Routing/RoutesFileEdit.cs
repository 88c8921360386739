using Postern.Mail;

namespace Postern.Routing;

/// <summary>
/// Changes the routes file on disk in two steps, so that a person can be asked in between: what an edit makes of it,
/// and then the write, which is refused when the file is no longer the one that was edited.
/// </summary>
public static class RoutesFileEdit
{
    /// <summary>Says what an edit changes; writes nothing. A missing file counts as empty.</summary>
    /// <param name="path">The routes file.</param>
    /// <param name="profiles">Profiles of outgoing SMTP authentication that exist; null: not checked.</param>
    /// <param name="edit">Changes the document; returns null, or why not.</param>
    /// <returns>The change; refused when <paramref name="edit"/> refuses, or when its outcome has an error.</returns>
    public static RoutesChange Plan(
        string path, IReadOnlySet<string>? profiles, Func<RoutesDocument, RouteError?> edit)
    {
        if (ContentOf(path, out var problem) is not { } content)
            return RoutesChange.Refused(problem!, $"make the file readable");
        if (RoutesDocument.Read(content, out var error) is not { } document) return RoutesChange.Refused([error!]);
        document.Profiles = profiles;
        if (edit(document) is { } refusal)
            return RoutesChange.Refused(document.Errors.Contains(refusal) ? document.Errors : [refusal]);
        var edited = document.ToBytes();
        var after = SmtpRoutesFile.Parse(edited, profiles);
        if (!after.IsValid)
            return RoutesChange.Refused(document.IsMerged ? [.. after.Errors.Select(AsItStands)] : after.Errors);
        var before = SmtpRoutesFile.Parse(content.Span).Table;
        return new(before, after.Table, (before ?? SmtpRouteTable.Empty).Compare(after.Table), [])
        {
            OldContent = content,
            NewContent = edited,
        };
    }

    /// <summary>
    /// Writes a change that was planned. The file is replaced whole, or stays as it is when it has changed since it was
    /// read. Throws <see cref="IOException"/> when the disk fails or another edit is being written.
    /// </summary>
    /// <returns>The change, or why it was not made.</returns>
    public static RoutesChange Write(string path, RoutesChange change)
    {
        if (change.Difference is null) return change;
        // Replacing a link by a file would leave the file that it names out of date.
        path = AtomicFile.TargetOf(path);
        try
        {
            using var only = FileLock.Open(LockOf(path));
            if (!FileReading.IsStill(path, change.OldContent.Span))
            {
                return RoutesChange.Refused(
                    $"the routes file was changed meanwhile, and nothing was written", $"do it again");
            }
            AtomicFile.Write(path, change.NewContent.Span);
            return change;
        }
        catch (UnauthorizedAccessException e)
        {
            return RoutesChange.Refused($"{e.Message}", $"run it as the user that owns the routes file");
        }
    }

    // The routes that were merged had no error: it was there before, in a file that nobody has given.
    private static RouteError AsItStands(RouteError error) => error.Line == 0 ? error : error with
    {
        Line = 0,
        Column = 0,
        Message = $"line {error.Line}, column {error.Column} of the routes file as it stands: {error.Message}",
    };

    private static ReadOnlyMemory<byte>? ContentOf(string path, out Sentence? problem)
    {
        problem = null;
        if (!File.Exists(path)) return ReadOnlyMemory<byte>.Empty;
        var reading = FileReading.Of(path, SmtpRoutesFile.MaxLength);
        problem = reading.Problem;
        return reading.Content;
    }

    // The lock is a file of its own, since the routes file itself is replaced by every edit. It stays: taking it away
    // would let two editors lock two different files of that name. While another holds it, the write throws.
    private static string LockOf(string path) =>
        Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.lock");
}
