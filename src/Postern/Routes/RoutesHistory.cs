using System.Globalization;
using System.Text.Json;
using Postern.Admin;

namespace Postern.Routes;

/// <summary>
/// The last versions of the routes file in a folder of their own: <c>000012.json</c> says who changed what and when,
/// <c>000012.smtproutes</c> is the file after the change. One writer at a time, see <see cref="Routing.FileLock"/>.
/// </summary>
public sealed class RoutesHistory(string folder, TimeProvider time)
{
    /// <summary>Versions kept; older ones are deleted.</summary>
    public const int Kept = 20;

    /// <summary>The folder of the history below a data folder.</summary>
    public static string FolderIn(string dataFolder) => Path.Combine(dataFolder, "routes-history");

    /// <summary>
    /// All kept versions, the oldest first. One whose entry cannot be read says why in place of what was changed.
    /// </summary>
    public IReadOnlyList<RouteVersion> List()
    {
        if (!Directory.Exists(folder)) return [];
        var versions = Directory.EnumerateFileSystemEntries(folder, "*.json").Select(Read).OfType<RouteVersion>();
        return [.. versions.OrderBy(version => version.Number)];
    }

    /// <summary>The content of a version; null when it is not kept, or cannot be read.</summary>
    public byte[]? ContentOf(int number)
    {
        var file = PathOf(number, "smtproutes");
        try
        {
            return File.Exists(file) ? File.ReadAllBytes(file) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// Notes the content of the file when the newest version has another: somebody edited it by hand. The first
    /// content ever seen is noted so, too.
    /// </summary>
    public void RecordIfUnknown(ReadOnlySpan<byte> content, string author, string change)
    {
        var versions = List();
        var newest = versions is [.., var last] ? last : null;
        var before = newest is null ? [] : ContentOf(newest.Number);
        if (before is not null && content.SequenceEqual(before)) return;
        Record(versions, before, content, author, change);
    }

    // Adds a version and deletes those that are too many.
    private void Record(
        IReadOnlyList<RouteVersion> versions, ReadOnlySpan<byte> before, ReadOnlySpan<byte> content, string author,
        string change)
    {
        var newest = versions is [.., var last] ? last : null;
        var (added, removed, diff) = LineDiff.Between(before, content);
        var number = (newest?.Number ?? 0) + 1;
        var version = new RouteVersion(number, time.GetUtcNow(), author, change, added, removed, diff);
        Routing.FileOwner.MakeFolder(folder);
        // The content comes first: a version that is listed can be put back.
        Routing.AtomicFile.Write(PathOf(version.Number, "smtproutes"), content);
        Routing.AtomicFile.Write(PathOf(version.Number, "json"),
            JsonSerializer.SerializeToUtf8Bytes(version, JsonSerializerOptions.Web));
        foreach (var old in versions.SkipLast(Kept - 1))
        {
            Delete(PathOf(old.Number, "json"));
            Delete(PathOf(old.Number, "smtproutes"));
        }
    }

    private string PathOf(int number, string extension) =>
        Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{number:D6}.{extension}"));

    // An entry that lacks something is shown without it: its content can be put back all the same.
    private static RouteVersion Whole(RouteVersion version) => version with
    {
        Author = version.Author ?? RouteVersion.Unknown,
        Change = version.Change ?? RouteVersion.Unknown,
        Diff = version.Diff ?? [],
    };

    // Null: another edit has deleted it since it was found.
    private static RouteVersion? Read(string file)
    {
        // An entry that cannot be read must not hide the others.
        try
        {
            return JsonSerializer.Deserialize<RouteVersion>(File.ReadAllBytes(file), JsonSerializerOptions.Web)
                is { } version ? Whole(version) : Unreadable(file, "it is damaged");
        }
        catch (JsonException)
        {
            return Unreadable(file, "it is damaged");
        }
        catch (FileNotFoundException e)
        {
            return new FileInfo(file).LinkTarget is null ? null : Unreadable(file, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unreadable(file, e.Message);
        }
    }

    // What is no version by its name is none.
    private static RouteVersion? Unreadable(string file, string why) => int.TryParse(
        Path.GetFileNameWithoutExtension(file), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? new RouteVersion(number, File.GetLastWriteTimeUtc(file), RouteVersion.Unknown,
            $"cannot be read: {why.TrimEnd('.')}", 0, 0, [])
        : null;

    private static void Delete(string file)
    {
        // Whatever somebody has put there in its place stays.
        if (!Directory.Exists(file)) File.Delete(file);
    }
}
