namespace Tidy;

/// <summary>The files that the rules read; build output and hidden folders are not among them.</summary>
public sealed class RepositoryFiles
{
    private static readonly string[] LeftOut = ["bin", "obj", "artifacts", "TestResults", "BenchmarkDotNet.Artifacts"];

    private RepositoryFiles(string root) => Root = root;

    /// <summary>The folder that holds Postern.slnx.</summary>
    public string Root { get; }

    /// <summary>The checkout in which this assembly was built.</summary>
    public static RepositoryFiles Here { get; } = new(FindRoot(AppContext.BaseDirectory));

    /// <summary>All C# files under the given folders, parsed.</summary>
    public IReadOnlyList<SourceFile> Sources(params string[] folders) =>
        [.. folders.SelectMany(folder => Paths(folder, ".cs")).Select(path => SourceFile.Parse(path, Read(path)))];

    /// <summary>
    /// The paths of all files under a folder ("" is the whole checkout) that end as given, with forward slashes,
    /// relative to the root, in ordinal order.
    /// </summary>
    public IReadOnlyList<string> Paths(string folder, string ending)
    {
        var start = new DirectoryInfo(Path.Combine(Root, folder));
        return !start.Exists ? [] :
        [
            .. Walk(start)
                .Where(file => file.Name.EndsWith(ending, StringComparison.Ordinal))
                .Select(file => Path.GetRelativePath(Root, file.FullName).Replace('\\', '/'))
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>The whole text of a file.</summary>
    public string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Whether a file or folder is there.</summary>
    public bool Has(string path) => Path.Exists(Path.Combine(Root, path));

    private static IEnumerable<FileInfo> Walk(DirectoryInfo folder) =>
        folder.EnumerateFiles().Concat(
            folder.EnumerateDirectories()
                .Where(inner => !LeftOut.Contains(inner.Name) && !inner.Name.StartsWith('.'))
                .SelectMany(Walk));

    private static string FindRoot(string from)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Postern.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No Postern.slnx above {from}");
    }
}
