using System.Globalization;

namespace Postern.Reporting;

/// <summary>
/// The rotated files of one log: <c>mail.log.20140702T091507</c>, with <c>-1</c> to <c>-999</c> behind it when a
/// second has several. The time is local, that of the rotation. Throws what the file system throws.
/// </summary>
internal static class LogArchive
{
    private const string Stamp = "yyyyMMdd'T'HHmmss";
    private const int MaxInSecond = 999;

    /// <summary>Gives the file its archive name. False when the second has all the files that it can have.</summary>
    public static bool TryArchive(string path, DateTimeOffset local)
    {
        var name = path + "." + local.ToString(Stamp, CultureInfo.InvariantCulture);
        for (var number = 0; number <= MaxInSecond; number++)
        {
            var target = number == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{number}");
            if (Path.Exists(target)) continue;
            File.Move(path, target, overwrite: false);
            return true;
        }
        return false;
    }

    /// <summary>
    /// Deletes what was rotated before <paramref name="oldest"/>. A name that is not ours is left alone.
    /// </summary>
    public static void Purge(string path, DateTimeOffset oldest)
    {
        var folder = Path.GetDirectoryName(path);
        if (folder is null || !Directory.Exists(folder)) return;
        foreach (var file in Directory.EnumerateFiles(folder, Path.GetFileName(path) + ".*"))
            if (TryReadTime(file.AsSpan(path.Length), out var rotated) && rotated < oldest.DateTime)
                File.Delete(file);
    }

    /// <summary>The rotated files, the oldest first.</summary>
    public static IReadOnlyList<string> FilesOf(string path)
    {
        var folder = Path.GetDirectoryName(path);
        if (folder is null || !Directory.Exists(folder)) return [];
        var files = new List<(DateTime Rotated, int Number, string Path)>();
        foreach (var file in Directory.EnumerateFiles(folder, Path.GetFileName(path) + ".*"))
        {
            var suffix = file.AsSpan(path.Length);
            if (!TryReadTime(suffix, out var rotated)) continue;
            // The first of a second has no number.
            _ = int.TryParse(suffix[Math.Min(17, suffix.Length)..], CultureInfo.InvariantCulture, out var number);
            files.Add((rotated, number, file));
        }
        return [.. files.OrderBy(f => f.Rotated).ThenBy(f => f.Number).Select(f => f.Path)];
    }

    private static bool TryReadTime(ReadOnlySpan<char> suffix, out DateTime rotated)
    {
        rotated = default;
        if (suffix.Length < 16) return false;
        var number = suffix[16..];
        if (!number.IsEmpty && (number[0] != '-' || number[1..].ContainsAnyExceptInRange('0', '9'))) return false;
        return DateTime.TryParseExact(
            suffix[1..16], Stamp, CultureInfo.InvariantCulture, DateTimeStyles.None, out rotated);
    }
}
