namespace Postern.Spool.Tests;

/// <summary>A folder on the real disk, gone with the test.</summary>
internal sealed class TestFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("postern-spool-").FullName;

    public string Path => System.IO.Path.Combine(_root, "spool");

    public MailSpool Open() => MailSpool.Open(new SpoolOptions(Path), TimeProvider.System);

    /// <summary>A copy of the spool as it lies on the disk now.</summary>
    public TestFolder Copy()
    {
        var copy = new TestFolder();
        foreach (var file in Directory.GetFiles(Path, "*", SearchOption.AllDirectories))
        {
            var target = System.IO.Path.Combine(copy.Path, System.IO.Path.GetRelativePath(Path, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        return copy;
    }

    /// <summary>The WAL that was written last.</summary>
    public string NewestWal() =>
        Directory.GetFiles(System.IO.Path.Combine(Path, "store"), "*.log").OrderBy(name => name).Last();

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
