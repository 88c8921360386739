using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Postern.Reporting.Searching;

/// <summary>
/// The files of the mail log as they are at one moment, the oldest first; for reading beside the writer, who is not
/// held up by it. A file that was rotated or deleted meanwhile is read on. For one thread.
/// </summary>
internal sealed class LogFiles : IDisposable
{
    private const int LongestFirstLine = 16 * 1024;

    private readonly List<Part> parts = [];

    private LogFiles()
    {
    }

    /// <summary>How many files there are.</summary>
    public int Count => parts.Count;

    /// <summary>Opens the files of <c>mail.log</c> in a folder; a folder or file that is not there has no lines.
    /// </summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static LogFiles Open(string folder)
    {
        var path = Path.Combine(folder, "mail.log");
        var files = new LogFiles();
        // In this order, so that a rotation in between shows a file twice rather than not at all.
        var present = new Part(path);
        files.parts.Add(present);
        present.Open();
        foreach (var rotated in LogArchive.FilesOf(path)) files.parts.Insert(files.parts.Count - 1, new Part(rotated));
        if (files.parts is [.., var last, _] && last.Open() && last.Id == present.Id)
        {
            files.parts.Remove(last);
            last.Dispose();
        }
        return files;
    }

    /// <summary>Octets of a file that can be read.</summary>
    public long LengthOf(int part) => parts[part].Open() ? parts[part].Length : 0;

    /// <summary>When a file was last written to; null: it is not there any more.</summary>
    public DateTimeOffset? LastWriteOf(int part) =>
        parts[part].Open() ? File.GetLastWriteTimeUtc(parts[part].Handle!) : null;

    /// <summary>Reads octets of a file.</summary>
    /// <returns>How many; 0 at its end.</returns>
    public int Read(LogSpot from, Span<byte> target) =>
        parts[from.Part].Open() ? RandomAccess.Read(parts[from.Part].Handle!, target, from.Offset) : 0;

    /// <summary>The place of a spot, which the next search finds again.</summary>
    public LogPosition PositionOf(LogSpot spot) =>
        spot.Part < parts.Count && parts[spot.Part].Id is { } id ? new LogPosition(id, spot.Offset) : default;

    /// <summary>
    /// The spot of a place. Where the file is deleted it is the beginning of the first that was begun later.
    /// </summary>
    public LogSpot SpotOf(LogPosition position)
    {
        if (position.File is not { } file) return default;
        for (var part = parts.Count - 1; part >= 0; part--)
        {
            if (parts[part].Id is not { } id) continue;
            if (id == file) return new LogSpot(part, Math.Min(position.Offset, parts[part].Length));
            if (string.CompareOrdinal(id, 0, file, 0, 14) < 0) return new LogSpot(part + 1, 0);
        }
        return default;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in parts) part.Dispose();
    }

    private sealed class Part(string path) : IDisposable
    {
        private bool isMissing;
        private string? id;

        public SafeFileHandle? Handle { get; private set; }

        public long Length { get; private set; }

        /// <summary>The time of the first line and a digest of it; null: there is no line.</summary>
        public string? Id => id ??= Open() ? MakeId() : null;

        public bool Open()
        {
            if (Handle is not null) return true;
            if (isMissing) return false;
            try
            {
                Handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                Length = RandomAccess.GetLength(Handle);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                isMissing = true;
            }
            catch (UnauthorizedAccessException e)
            {
                throw new IOException(e.Message, e);
            }
            return Handle is not null;
        }

        public void Dispose() => Handle?.Dispose();

        private string? MakeId()
        {
            var start = new byte[LongestFirstLine];
            var read = RandomAccess.Read(Handle!, start, 0);
            if (read == 0) return null;
            var line = start.AsSpan(0, read);
            var end = line.IndexOf((byte)'\n');
            // A line that is still being written has no place yet.
            if (end < 0 && read < start.Length) return null;
            if (end >= 0) line = line[..end];
            var time = LogLine.TryParse(line, out var parsed) && parsed.TryReadTime(out var local) ? local : default;
            return time.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture)
                + $"x{Convert.ToHexStringLower(SHA256.HashData(line).AsSpan(0, 8))}";
        }
    }
}
