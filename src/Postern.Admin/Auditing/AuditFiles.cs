using System.Globalization;

namespace Postern.Admin.Auditing;

/// <summary>
/// The files of the audit log: <c>audit.log</c> is written, <c>audit.log.000001</c> and so on are full and stay until
/// somebody takes them away. What cannot be read is an <see cref="IOException"/>.
/// </summary>
internal sealed class AuditFiles(string folder)
{
    private const string Name = "audit.log";
    private const int Block = 2 * AuditLine.MaxLength;

    /// <summary>The file that is written.</summary>
    public string Current { get; } = Path.Combine(folder, Name);

    /// <summary>Taken by whoever writes.</summary>
    public string Lock { get; } = Path.Combine(folder, ".audit.lock");

    /// <summary>
    /// All files, the oldest first, each with its number. The one that is written has the number that it will have
    /// when it is full.
    /// </summary>
    public IReadOnlyList<(int Number, string Path)> All()
    {
        List<string> files;
        try
        {
            files = [.. Directory.EnumerateFiles(folder, Name + "*")];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
        var full = files.Select(path => (Number: NumberOf(path), Path: path))
            .Where(file => file.Number > 0).OrderBy(file => file.Number).ToList();
        var next = full is [.., var last] ? last.Number + 1 : 1;
        return files.Contains(Current) ? [.. full, (next, Current)] : full;
    }

    /// <summary>Puts the file that is written beside the full ones.</summary>
    public void Archive()
    {
        var number = All() is [.., var current] ? current.Number : 1;
        File.Move(Current, string.Create(CultureInfo.InvariantCulture, $"{Current}.{number:D6}"), overwrite: false);
    }

    /// <summary>Opens a file for reading, also while it is written.</summary>
    public static FileStream OpenToRead(string path)
    {
        try
        {
            return new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{path} cannot be read: permission denied", e);
        }
    }

    /// <summary>The line that ends at an offset, without its line feed, and where it starts.</summary>
    /// <returns>
    /// No line: the octets before the offset have no line feed at their end; then where they start.
    /// </returns>
    public static (byte[]? Line, long Start) LineBefore(FileStream file, long end)
    {
        for (var size = Block; end > 0; size *= 2)
        {
            var block = new byte[(int)Math.Min(size, end)];
            file.Seek(end - block.Length, SeekOrigin.Begin);
            file.ReadExactly(block);
            var isLine = block[^1] == '\n';
            var start = block.AsSpan(0, block.Length - (isLine ? 1 : 0)).LastIndexOf((byte)'\n') + 1;
            if (start == 0 && block.Length < end) continue;
            return (isLine ? block[start..^1] : null, end - block.Length + start);
        }
        return (null, 0);
    }

    // 0: it is none of ours. The pattern of a folder finds the name without anything behind it as well.
    private int NumberOf(string path) => path.Length > Current.Length && int.TryParse(
        path.AsSpan(Current.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
