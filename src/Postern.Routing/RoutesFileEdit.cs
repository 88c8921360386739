namespace Postern.Routing;

/// <summary>Changes the routes file on disk: read, edit, check, write, with no other edit in between.</summary>
public static class RoutesFileEdit
{
    /// <summary>
    /// Applies an edit. The file is replaced whole, or, when the edit is refused or its outcome has an error, stays as
    /// it is. A missing file counts as empty. Throws <see cref="IOException"/> when the disk fails or another edit is
    /// in progress.
    /// </summary>
    /// <param name="path">The routes file.</param>
    /// <param name="profiles">Profiles of outgoing SMTP authentication that exist; null: not checked.</param>
    /// <param name="edit">Changes the document; returns null, or why not.</param>
    /// <param name="dryRun">True: says what would change and writes nothing.</param>
    public static RoutesChange Apply(
        string path, IReadOnlySet<string>? profiles, Func<RoutesDocument, RouteError?> edit, bool dryRun = false)
    {
        // Replacing a link by a file would leave the file that it names out of date.
        path = Path.GetFullPath(path);
        if (File.Exists(path)) path = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        if (dryRun) return Change(path, profiles, edit, write: false);
        try
        {
            using var only = Lock(path);
            return Change(path, profiles, edit, write: true);
        }
        catch (UnauthorizedAccessException e)
        {
            return RoutesChange.Refused(e.Message, "run it as the user that owns the routes file");
        }
    }

    private static RoutesChange Change(
        string path, IReadOnlySet<string>? profiles, Func<RoutesDocument, RouteError?> edit, bool write)
    {
        var content = ReadOnlyMemory<byte>.Empty;
        if (File.Exists(path))
        {
            var reading = FileReading.Of(path, SmtpRoutesFile.MaxLength);
            if (reading.Content is null) return RoutesChange.Refused(reading.Problem!, "make the file readable");
            content = reading.Content.Value;
        }
        if (RoutesDocument.Read(content.Span, out var error) is not { } document) return RoutesChange.Refused([error!]);
        if (edit(document) is { } refusal) return RoutesChange.Refused([refusal]);
        var after = document.Check(profiles);
        if (!after.IsValid) return RoutesChange.Refused(after.Errors);
        var before = SmtpRoutesFile.Parse(content.Span).Table;
        if (write) AtomicFile.Write(path, document.ToBytes());
        return new(before, after.Table, (before ?? SmtpRouteTable.Empty).Compare(after.Table), []);
    }

    // The lock is a file of its own, since the routes file itself is replaced by every edit. It stays: taking it away
    // would let two editors lock two different files of that name. While another holds it, this throws.
    private static FileStream Lock(string path) => new(
        Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.lock"),
        FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
}
