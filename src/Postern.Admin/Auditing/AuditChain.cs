namespace Postern.Admin.Auditing;

/// <summary>Checks that every line carries the number and the hash that the one before asks for.</summary>
/// <param name="files">The log.</param>
/// <param name="noted">The hash of a line that has to be there; null: none.</param>
internal sealed class AuditChain(AuditFiles files, string? noted)
{
    private const int Block = 256 * 1024;

    private string hash = AuditLine.NoHash;
    private long first;
    private long last;
    private long unfinished;
    private bool isNotedFound = noted is null || noted == AuditLine.NoHash;

    /// <summary>See <see cref="AuditLog.Verify"/>. To be called once.</summary>
    public AuditVerification Verify(long from, CancellationToken cancellationToken)
    {
        foreach (var (number, path) in files.All())
        {
            var line = 0L;
            using var file = AuditFiles.OpenToRead(path);
            foreach (var octets in LinesOf(file))
            {
                cancellationToken.ThrowIfCancellationRequested();
                line++;
                if (FaultIn(octets.Span, from) is { } fault) return Found(path, line, fault);
            }
            if (unfinished > 0 && path != files.Current)
                return Found(path, line + 1, "it has no end, though another file follows");
        }
        return Found(null, 0, isNotedFound ? null
            : "no line has the hash that was noted: lines were cut off the end, or the log was written anew");
    }

    private string? FaultIn(ReadOnlySpan<byte> line, long from)
    {
        if (AuditLine.Read(line) is not { } entry) return "it is no entry";
        if (last == 0)
        {
            if (entry.Number != from)
                return $"it is entry {entry.Number}, but the first one should be entry {from}: those before are gone";
            first = from;
            // What an older file ended with is known only while it is there.
            if (from > 1) hash = entry.Previous;
        }
        else if (entry.Number != last + 1)
        {
            return $"it is entry {entry.Number}, but stands behind entry {last}";
        }
        if (entry.Previous != hash)
            return $"the line before it was changed: entry {entry.Number} carries another hash than that line has";
        (last, hash) = (entry.Number, AuditLine.HashOf(line));
        isNotedFound |= hash == noted;
        return null;
    }

    private AuditVerification Found(string? file, long line, string? fault) =>
        new(fault is null, first, last, hash, file, line, fault, unfinished);

    // What stands behind the last line feed is no line.
    private IEnumerable<ReadOnlyMemory<byte>> LinesOf(FileStream file)
    {
        var block = new byte[Block];
        var filled = 0;
        while (true)
        {
            if (filled == block.Length) Array.Resize(ref block, 2 * block.Length);
            var read = file.Read(block, filled, block.Length - filled);
            if (read == 0) break;
            filled += read;
            var start = 0;
            while (Array.IndexOf(block, (byte)'\n', start, filled - start) is var feed and >= 0)
            {
                yield return block.AsMemory(start, feed - start);
                start = feed + 1;
            }
            Buffer.BlockCopy(block, start, block, 0, filled - start);
            filled -= start;
        }
        unfinished = filled;
    }
}
