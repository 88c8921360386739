using Microsoft.Extensions.Time.Testing;
using Postern.Admin.Accounts;
using Postern.Admin.Auditing;

namespace Postern.Admin.Tests;

/// <summary>
/// What is there and cannot be read is not taken for nothing, as by a command that runs as another user. Folders in
/// place of files and a link to itself stand for that here, since root may read all.
/// </summary>
public sealed class UnreadableFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("postern-unreadable-").FullName;

    [Fact]
    public void Accounts() => Assert.Throws<IOException>(() => new AccountStore(Folder()).Read());

    [Fact]
    public void Tokens() => Assert.Throws<IOException>(() => new TokenStore(Folder(), new FakeTimeProvider()).Read());

    [Fact]
    public void The_audit_log() => Assert.Throws<IOException>(
        () => new AuditLog(Loop(), new FakeTimeProvider(), static _ => { }).Verify(1, null, CancellationToken.None));

    [Fact]
    public void What_is_not_there_is_nothing()
    {
        var missing = Path.Combine(_folder, "missing");
        Assert.Empty(new AccountStore(missing).Read());
        Assert.Empty(new AccountStore(Path.Combine(missing, "accounts")).Read());
        Assert.Empty(new TokenStore(missing, new FakeTimeProvider()).Read());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Folder() => Directory.CreateDirectory(Path.Combine(_folder, "folder")).FullName;

    private string Loop()
    {
        var path = Path.Combine(_folder, "loop");
        File.CreateSymbolicLink(path, path);
        return path;
    }
}
