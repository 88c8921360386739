using System.Runtime.Versioning;

namespace Postern.Routing.Tests;

/// <summary>Edits on a real disk: whole or not at all.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RoutesFileEditTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("postern-routes-").FullName;

    private string FilePath => Path.Combine(_folder, "smtproutes");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private RoutesChange Plan(Func<RoutesDocument, RouteError?> edit) =>
        RoutesFileEdit.Plan(FilePath, new HashSet<string> { "office" }, edit);

    private RoutesChange Apply(Func<RoutesDocument, RouteError?> edit) => RoutesFileEdit.Write(FilePath, Plan(edit));

    [Fact]
    public void An_edit_replaces_the_file_and_tells_the_difference()
    {
        File.WriteAllText(FilePath, "# mine\na.example x\n");
        File.SetUnixFileMode(FilePath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        var change = Apply(d => d.New("b.example", "y.example", "auth=office"));
        Assert.Equal(["b.example"], change.Difference!.Added.Select(r => r.Key));
        Assert.Equal((1, 2), (change.Before!.Count, change.After!.Count));
        Assert.Equal("# mine\na.example x\nb.example y.example auth=office\n", File.ReadAllText(FilePath));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead,
            File.GetUnixFileMode(FilePath));
        Assert.Equal([".smtproutes.lock", "smtproutes"], Names());
    }

    [Fact]
    public void A_missing_file_is_made()
    {
        Assert.NotNull(Apply(d => d.New("b.example", "y.example")).Difference);
        Assert.Equal(1, SmtpRoutesFile.Load(FilePath).Table!.Count);
    }

    [Fact]
    public void What_would_be_wrong_is_not_written()
    {
        File.WriteAllText(FilePath, "a.example x\n");
        Assert.Equal("the profile 'none' is not defined",
            Apply(d => d.New("b.example", "y", "auth=none")).Errors.Single().Message);
        Assert.Equal(2, Apply(d => { d.Replace(RoutesDocument.Read("x 1.2\ny 3.4")); return null; }).Errors.Count);
        Assert.NotNull(Apply(d => d.Delete(["c.example"])).Errors.Single());
        Assert.NotNull(Plan(d => d.Delete(["a.example"])).Difference);
        Assert.Equal("a.example x\n", File.ReadAllText(FilePath));
    }

    [Fact]
    public void A_file_that_changed_since_it_was_read_is_not_written_over()
    {
        File.WriteAllText(FilePath, "a.example x\n");
        var plan = Plan(d => d.New("b.example", "y"));
        File.WriteAllText(FilePath, "a.example by.hand\n");
        Assert.Contains("was changed meanwhile", RoutesFileEdit.Write(FilePath, plan).Errors.Single().Message,
            StringComparison.Ordinal);
        Assert.Equal("a.example by.hand\n", File.ReadAllText(FilePath));
        Assert.NotNull(Apply(d => d.New("b.example", "y")).Difference);
        Assert.Equal("a.example by.hand\nb.example y\n", File.ReadAllText(FilePath));
    }

    [Fact]
    public void While_one_writes_another_cannot()
    {
        var plan = Plan(d => d.New("b.example", "x"));
        using (new FileStream(Path.Combine(_folder, ".smtproutes.lock"), FileMode.Create, FileAccess.Write,
            FileShare.None))
        {
            var other = Assert.Throws<IOException>(() => RoutesFileEdit.Write(FilePath, plan));
            Assert.Contains(".smtproutes.lock", other.Message, StringComparison.Ordinal);
            Assert.False(File.Exists(FilePath));
        }
        Assert.NotNull(RoutesFileEdit.Write(FilePath, plan).Difference);
        Assert.Equal("b.example x\n", File.ReadAllText(FilePath));
    }

    [Fact]
    public void A_link_stays_a_link()
    {
        File.WriteAllText(FilePath + ".real", "a.example x\n");
        File.CreateSymbolicLink(FilePath, FilePath + ".real");
        Assert.NotNull(Apply(d => d.New("b.example", "y")).Difference);
        Assert.Equal(FilePath + ".real", new FileInfo(FilePath).LinkTarget);
        Assert.Equal("a.example x\nb.example y\n", File.ReadAllText(FilePath + ".real"));
    }

    [Fact]
    public void A_write_that_fails_leaves_nothing_behind()
    {
        Directory.CreateDirectory(FilePath);
        var failure = Assert.Throws<IOException>(() => AtomicFile.Write(FilePath, "x"u8));
        Assert.Equal($"{FilePath} cannot be written: it is a folder", failure.Message);
        Assert.Equal(["smtproutes"], Names());
        var missing = Path.Combine(_folder, "missing", "out");
        failure = Assert.Throws<IOException>(() => AtomicFile.Write(missing, "x"u8));
        Assert.Equal($"{missing} cannot be written: there is no such folder", failure.Message);
    }

    private string[] Names() =>
        [.. Directory.GetFileSystemEntries(_folder).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)];
}
