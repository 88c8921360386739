using Postern.Routing;

namespace Postern.Admin.Auditing;

/// <summary>
/// The audit log: a line of JSON for each change, look at a body and login, in files that are only appended to. Every
/// line carries the hash of the one before, so that a line that was changed or taken out is found. Any thread and
/// several processes may write; see docs/design/audit.md.
/// </summary>
/// <param name="folder">Where its files are, beside the mail log.</param>
/// <param name="time">The clock of the entries.</param>
/// <param name="tell">
/// Told in one sentence of an entry that could not be written. The action itself goes on: on a full disk an operator
/// has to be able to act.
/// </param>
public sealed class AuditLog(string folder, TimeProvider time, Action<string> tell)
{
    /// <summary>Octets of a file, behind which the next one is begun.</summary>
    public long MaxFile { get; init; } = 100_000_000;

    private const int MaxTorn = 200;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly AuditFiles files = new(folder);
    private readonly RefusedEntries refused = new();
    private Task before = Task.CompletedTask;

    private sealed record End(long Length, long Number, string Hash, byte[] Torn);

    /// <summary>
    /// Writes an entry; it is on disk when this returns, or somebody was told why not. Of what a caller is refused, at
    /// most <see cref="RefusedEntries.MaxInMinute"/> entries a minute are written and the others counted.
    /// </summary>
    public async Task WriteAsync(AuditEntry entry)
    {
        // In line first: of all writers in this process one at a time asks for the lock of the file, whose wait has an
        // end. Other processes are commands, one entry each.
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await Interlocked.Exchange(ref before, mine.Task).ConfigureAwait(false);
        try
        {
            if (refused.Admit(entry, time.GetUtcNow()) is { } admitted) await PutAsync(admitted).ConfigureAwait(false);
        }
        finally
        {
            mine.SetResult();
        }
    }

    private async Task PutAsync(AuditEntry entry)
    {
        try
        {
            // Nothing gives this wait up: who caused the entry may go, the entry stays.
            using var only = await FileLock.TakeAsync(files.Lock, time, CancellationToken.None).ConfigureAwait(false);
            Append(entry);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            tell($"The audit log could not be written: {e.Message}. {entry.Who} from {entry.From}: {entry.Action}, "
                + $"{entry.Result.ToString().ToLowerInvariant()}");
        }
    }

    /// <summary>Does something and writes down what became of it, whatever that is.</summary>
    /// <param name="entry">Who does what from where.</param>
    /// <param name="act">Does it, and may say more in the note.</param>
    public async Task<T> ActAsync<T>(AuditEntry entry, Func<AuditNote, Task<T>> act)
    {
        var note = new AuditNote();
        try
        {
            return await act(note).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            (note.Result, note.Detail) = (AuditResult.Failed,
                e is OperationCanceledException ? "whoever asked for it has gone, or the gateway stops" : e.Message);
            throw;
        }
        finally
        {
            await WriteAsync(note.On(entry)).ConfigureAwait(false);
        }
    }

    /// <summary>Entries, the newest first.</summary>
    /// <param name="before">The <c>next</c> of the page before; null: the newest.</param>
    /// <param name="search">A part of the line; case does not count. Empty: all.</param>
    /// <param name="limit">Entries in the page.</param>
    /// <returns>Null: <paramref name="before"/> has not the form of one.</returns>
    /// <exception cref="IOException">The files cannot be read.</exception>
    public AuditPage? Read(string? before, string search, int limit) =>
        new AuditReader(files).Read(before, search, limit);

    /// <summary>Walks through all files and checks every line against the one before.</summary>
    /// <param name="from">The number that the first entry has to have; more than 1 when old files were taken away.
    /// </param>
    /// <param name="noted">The hash of the last line at an earlier time, which has to be there; null: none was noted.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The files cannot be read.</exception>
    public AuditVerification Verify(long from, string? noted, CancellationToken cancellationToken) =>
        new AuditChain(files, noted).Verify(from, cancellationToken);

    private void Append(AuditEntry entry)
    {
        var file = Open();
        try
        {
            var end = EndOf(file);
            // In the file where it is: the next one has nothing to repair.
            if (end.Torn.Length > 0) end = Write(file, Repaired(end.Torn), end);
            if (end.Length > MaxFile)
            {
                AtomicFile.Sync(file);
                file.Dispose();
                files.Archive();
                file = Open();
            }
            Write(file, entry, end);
            AtomicFile.Sync(file);
        }
        finally
        {
            file.Dispose();
        }
    }

    private FileStream Open()
    {
        var options = new FileStreamOptions
        {
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        return FileOwner.OpenOrMake(files.Current, options);
    }

    private End Write(FileStream file, AuditEntry entry, End end)
    {
        var number = end.Number + 1;
        var line = AuditLine.Of(entry with { Number = number, Time = time.GetUtcNow(), Previous = end.Hash });
        // What a crash has cut is overwritten, and what of it is longer is taken away first.
        if (end.Torn.Length > 0) file.SetLength(end.Length);
        file.Seek(0, SeekOrigin.End);
        file.Write(line);
        return new End(file.Length, number, AuditLine.HashOf(line.AsSpan(..^1)), []);
    }

    private End EndOf(FileStream file)
    {
        if (file.Length > 0 || files.All() is not [.., var full, _]) return EndIn(file);
        // The chain goes on from file to file.
        using var before = AuditFiles.OpenToRead(full.Path);
        return EndIn(before) with { Length = 0, Torn = [] };
    }

    private static End EndIn(FileStream file)
    {
        var length = file.Length;
        var (last, start) = AuditFiles.LineBefore(file, length);
        var torn = new byte[last is null ? length - start : 0];
        if (last is null)
        {
            file.Seek(start, SeekOrigin.Begin);
            file.ReadExactly(torn);
            (last, _) = AuditFiles.LineBefore(file, start);
        }
        return last is null ? new End(0, 0, AuditLine.NoHash, torn)
            : new End(length - torn.Length, AuditLine.Read(last)?.Number ?? 0, AuditLine.HashOf(last), torn);
    }

    private static AuditEntry Repaired(byte[] torn) => new()
    {
        Who = "postern",
        From = "command",
        Action = "repairAudit",
        Result = AuditResult.Done,
        Before = AuditLine.TextOf(torn.AsSpan(0, Math.Min(torn.Length, MaxTorn))),
        Detail = $"The last line had no end, as a crash leaves it; its {torn.Length} octets were taken out.",
    };
}
