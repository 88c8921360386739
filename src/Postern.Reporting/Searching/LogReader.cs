namespace Postern.Reporting.Searching;

/// <summary>
/// Reads the whole lines of the mail log in order, in blocks, without an allocation a line; and finds lines backwards.
/// Counts what it reads, so that a search can end in time. For one thread.
/// </summary>
/// <param name="files">The files.</param>
/// <param name="blockLength">Octets read at once. A longer line, which the gateway never writes, is passed over.
/// </param>
internal sealed class LogReader(LogFiles files, int blockLength = LogReader.LargeBlock)
{
    /// <summary>For those who read a little here and there; lines have at most half of it.</summary>
    public const int SmallBlock = 64 * 1024;

    private const int LargeBlock = 256 * 1024;

    private readonly byte[] block = new byte[blockLength];
    private readonly byte[] backBlock = new byte[LargeBlock];
    private int part;
    private long blockStart;
    private int filled;
    private int next;
    private bool isInLongLine;

    /// <summary>Where the line that was read last begins.</summary>
    public LogSpot Spot { get; private set; }

    /// <summary>Where the next line begins.</summary>
    public LogSpot Next => new(part, blockStart + next);

    /// <summary>Octets read so far.</summary>
    public long Octets { get; private set; }

    /// <summary>Goes on at a spot, which is the beginning of a line.</summary>
    public void Seek(LogSpot spot)
    {
        (part, blockStart, filled, next, isInLongLine) = (spot.Part, spot.Offset, 0, 0, false);
        Spot = spot;
    }

    /// <summary>Reads the next line of the mail log; others are passed over. It is valid until the next call.</summary>
    /// <returns>False at the end; a line that is still being written is behind it.</returns>
    public bool TryNext(out LogLine line)
    {
        while (TryNextOctets(out var octets))
            if (LogLine.TryParse(octets, out line)) return true;
        line = default;
        return false;
    }

    /// <summary>
    /// The last line before a spot whose text begins with <paramref name="words"/>; null: there is none, or it is
    /// farther back than <paramref name="most"/> octets.
    /// </summary>
    public LogSpot? FindBack(ReadOnlySpan<byte> words, LogSpot before, long most)
    {
        for (var at = before.Part; at >= 0 && most > 0; at--)
        {
            var end = at == before.Part ? before.Offset : files.LengthOf(at);
            // What is looked for is mostly near.
            for (var length = SmallBlock; end > 0 && most > 0; length = LargeBlock)
            {
                var start = Math.Max(0, end - length);
                var read = files.Read(new LogSpot(at, start), backBlock.AsSpan(0, (int)(end - start)));
                (Octets, most) = (Octets + read, most - read);
                var octets = backBlock.AsSpan(0, read);
                if (LastLineWith(octets, words, start == 0) is { } found) return new LogSpot(at, start + found);
                if (start == 0) break;
                // The first line of the block may be cut, and is looked at as a whole with the block before.
                var firstFeed = octets.IndexOf((byte)'\n');
                end = firstFeed < 0 || firstFeed == read - 1 ? start : start + firstFeed + 1;
            }
        }
        return null;
    }

    // The offset of the line.
    private static int? LastLineWith(ReadOnlySpan<byte> octets, ReadOnlySpan<byte> words, bool isWhole)
    {
        var rest = octets;
        while (rest.LastIndexOf(words) is var hit and >= 0)
        {
            var line = octets[..hit].LastIndexOf((byte)'\n') + 1;
            var level = octets[line..hit];
            if ((line > 0 || isWhole) && level.Length > LogLine.StampLength
                && level[LogLine.StampLength..] is var shown
                && (shown.SequenceEqual("Info: "u8) || shown.SequenceEqual("Warning: "u8))) return line;
            rest = octets[..hit];
        }
        return null;
    }

    private bool TryNextOctets(out ReadOnlySpan<byte> line)
    {
        while (true)
        {
            var rest = block.AsSpan(next, filled - next);
            var feed = rest.IndexOf((byte)'\n');
            if (feed >= 0)
            {
                Spot = Next;
                next += feed + 1;
                line = rest[..feed];
                if (!isInLongLine) return true;
                isInLongLine = false;
                continue;
            }
            if (!TryFill())
            {
                line = default;
                return false;
            }
        }
    }

    // Reads on behind the octets that are left, at the end of a file in the next one.
    private bool TryFill()
    {
        if (filled - next == blockLength) (isInLongLine, next) = (true, filled);
        block.AsSpan(next, filled - next).CopyTo(block);
        (blockStart, filled, next) = (blockStart + next, filled - next, 0);
        while (part < files.Count)
        {
            var read = files.Read(new LogSpot(part, blockStart + filled), block.AsSpan(filled));
            if (read > 0)
            {
                (Octets, filled) = (Octets + read, filled + read);
                return true;
            }
            if (part == files.Count - 1) return false;
            (part, blockStart, filled, next, isInLongLine) = (part + 1, 0, 0, 0, false);
        }
        return false;
    }
}
