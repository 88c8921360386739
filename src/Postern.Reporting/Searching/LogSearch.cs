namespace Postern.Reporting.Searching;

/// <summary>
/// Searches <c>mail.log</c> and its rotated files, in pages. Reads the files beside the writer of the log, one request
/// at a time and with a bound for each, so that a search holds up neither the log nor mail. May be used by several
/// threads.
/// </summary>
/// <param name="folder">The folder of the log.</param>
/// <param name="time">Says in which zone lines were written.</param>
/// <param name="most">Octets that one request reads, about; a page ends with it, and says where to go on.</param>
public sealed class LogSearch(string folder, TimeProvider time, long most = LogSearch.OctetsAtOnce) : IDisposable
{
    /// <summary>Octets that a request reads: a fraction of a second for a processor.</summary>
    public const long OctetsAtOnce = 256_000_000;

    /// <summary>Octets from the end of the log in which a message is looked for whose MID alone is known.</summary>
    private const long MaxBack = 1_000_000_000;

    private readonly SemaphoreSlim one = new(1, 1);

    /// <summary>A page of the messages that fit.</summary>
    /// <param name="query">What is looked for.</param>
    /// <param name="after">The <see cref="LogMatches.Next"/> of the page before; empty: the oldest file.</param>
    /// <param name="limit">Messages in the page, 1 to 1000.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null: <paramref name="after"/> is none of ours.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public Task<LogMatches?> FindAsync(
        LogQuery query, string after, int limit, CancellationToken cancellationToken) =>
        !LogPosition.TryParse(after, out var position) ? Task.FromResult<LogMatches?>(null)
            : OneAsync<LogMatches?>(files => Find(files, query, position, limit, cancellationToken), cancellationToken);

    /// <summary>A page of the lines that tell of a message.</summary>
    /// <param name="mid">The message.</param>
    /// <param name="after">The <see cref="LogMatch.At"/> of a match or the <see cref="LogStory.Next"/> of the page
    /// before; empty: the message is looked for from the end of the log.</param>
    /// <param name="limit">Lines in the page, 1 to 1000; a few more where lines of a connection stand before them.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The page; null when <paramref name="after"/> is none of ours. A message that is not found has no lines.
    /// </returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public Task<LogStory?> TellAsync(long mid, string after, int limit, CancellationToken cancellationToken) =>
        !StoryCursor.TryParse(after, out var cursor) ? Task.FromResult<LogStory?>(null)
            : OneAsync<LogStory?>(files => Tell(files, mid, cursor, limit, cancellationToken), cancellationToken);

    /// <summary>The last lines that fit, in the order of the log.</summary>
    /// <param name="filter">Which ones.</param>
    /// <param name="limit">Lines, 1 to 1000.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public Task<IReadOnlyList<LogStoryLine>> LastAsync(
        LogLineFilter filter, int limit, CancellationToken cancellationToken) => OneAsync(
            files => new LineScan(files, new LogReader(files)).Last(filter, limit, most, cancellationToken),
            cancellationToken);

    /// <summary>The lines that name a connection, looked for from the end of the log.</summary>
    /// <param name="filter">Names the connection by its ICID or DCID, and nothing else.</param>
    /// <param name="limit">Lines, 1 to 1000.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The lines; none when it is not found.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public Task<LogLines> ConnectionAsync(LogLineFilter filter, int limit, CancellationToken cancellationToken) =>
        OneAsync(files => new LineScan(files, new LogReader(files))
            .OfConnection(filter, limit, most, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => one.Dispose();

    private LogMatches Find(
        LogFiles files, LogQuery query, LogPosition after, int limit, CancellationToken cancellationToken)
    {
        var times = new LocalTimes(time.LocalTimeZone);
        var reader = new LogReader(files);
        var from = After(files, files.SpotOf(after), query.Since);
        var (messages, next) = query.Dcid is null && query.Host is null
            ? new MatchScan(files, reader, query, times).Run(from, limit, most, cancellationToken)
            : new AttemptScan(files, reader, new LogReader(files, LogReader.SmallBlock), query, times)
                .Run(from, limit, most, cancellationToken);
        return new LogMatches(messages, next is { } spot ? files.PositionOf(spot).ToString() : null);
    }

    private LogStory Tell(
        LogFiles files, long mid, StoryCursor cursor, int limit, CancellationToken cancellationToken)
    {
        var lookup = new LogReader(files, LogReader.SmallBlock);
        if (cursor.Start.File is null)
        {
            var end = new LogSpot(files.Count - 1, files.LengthOf(files.Count - 1));
            var words = System.Text.Encoding.ASCII.GetBytes(FormattableString.Invariant($"Start MID {mid} ICID "));
            if (lookup.FindBack(words, end, MaxBack) is not { } start) return new LogStory(mid, [], null);
            cursor = StoryCursor.Of(files.PositionOf(start));
        }
        return new StoryScan(files, new LogReader(files), lookup, mid)
            .Run(cursor, limit, lookup.Octets + most, cancellationToken);
    }

    // A file that was last written to before the time has no message that began after it.
    private static LogSpot After(LogFiles files, LogSpot from, DateTimeOffset? since)
    {
        if (since is null) return from;
        while (from.Part < files.Count - 1 && files.LastWriteOf(from.Part) is { } last && last < since)
            from = new LogSpot(from.Part + 1, 0);
        return from;
    }

    // One after the other: a search keeps one processor busy, and mail has the others.
    private async Task<T> OneAsync<T>(Func<LogFiles, T> search, CancellationToken cancellationToken)
    {
        await one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() =>
            {
                using var files = LogFiles.Open(folder);
                return search(files);
            }, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            one.Release();
        }
    }
}
