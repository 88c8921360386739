using Microsoft.Extensions.Time.Testing;
using Postern.Admin.Accounts;

namespace Postern.Admin.Tests;

/// <summary>Tokens for programs, in a real file and under a clock that the test moves.</summary>
public sealed class TokenStoreTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("postern-tokens-").FullName;
    private readonly FakeTimeProvider time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));

    private string File => Path.Combine(folder, "tokens");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_token_opens_with_its_role_until_its_end_and_its_secret_is_stored_nowhere()
    {
        var made = (await Store().IssueAsync("robot", AccountRole.Operator, 30))!;

        Assert.Equal(made.Token, Store().Find(made.Secret));
        Assert.Equal(("robot", AccountRole.Operator, time.GetUtcNow().AddDays(30)),
            (made.Token.Name, made.Token.Role, made.Token.Expires));
        Assert.StartsWith($"postern_{made.Token.Id}_", made.Secret, StringComparison.Ordinal);
        var text = await System.IO.File.ReadAllTextAsync(File);
        Assert.DoesNotContain(made.Secret.Split('_')[2], text, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));

        time.Advance(TimeSpan.FromDays(30) - TimeSpan.FromSeconds(1));
        Assert.NotNull(Store().Find(made.Secret));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(Store().Find(made.Secret));
        Assert.Equal(made.Token, Assert.Single(Store().Read()));
    }

    [Fact]
    public async Task What_is_no_token_opens_nothing()
    {
        var made = (await Store().IssueAsync("robot", AccountRole.Viewer, 1))!;
        var other = (await Store().IssueAsync("other", AccountRole.Viewer, 1))!;

        Assert.All((string[])
            [
                "", "postern", made.Token.Id, made.Secret[..^1], made.Secret + "0", made.Secret.ToUpperInvariant(),
                $"postern_{made.Token.Id}_", $"postern_{made.Token.Id}_{new string('0', 64)}",
                made.Secret.Replace(made.Token.Id, other.Token.Id, StringComparison.Ordinal),
                // The hash itself, as somebody has it who has seen the file.
                $"postern_{made.Token.Id}_{System.IO.File.ReadLines(File).First().Split(' ')[^1]}",
            ],
            secret => Assert.Null(Store().Find(secret)));
    }

    [Fact]
    public async Task What_another_process_has_revoked_opens_nothing_from_then_on()
    {
        var store = Store();
        var first = (await store.IssueAsync("first", AccountRole.Viewer, 1))!;
        var second = (await store.IssueAsync("second", AccountRole.Viewer, 1))!;

        Assert.Equal(first.Token, await Store().RevokeAsync(first.Token.Id));

        Assert.Null(store.Find(first.Secret));
        Assert.NotNull(store.Find(second.Secret));
        Assert.Null(await Store().RevokeAsync(first.Token.Id));
    }

    [Fact]
    public async Task Expired_ones_are_forgotten_after_a_month_and_there_is_a_bound()
    {
        for (var i = 0; i < TokenStore.MaxTokens; i++) await Store().IssueAsync($"t{i}", AccountRole.Viewer, 1);
        Assert.Null(await Store().IssueAsync("more", AccountRole.Viewer, 1));
        time.Advance(TimeSpan.FromDays(31));

        Assert.NotNull(await Store().IssueAsync("more", AccountRole.Viewer, 1));
        Assert.Single(Store().Read());
    }

    [Fact]
    public async Task A_file_that_others_can_read_or_that_holds_something_else_opens_nothing()
    {
        var made = (await Store().IssueAsync("robot", AccountRole.Viewer, 1))!;
        await System.IO.File.AppendAllTextAsync(File, "x\n");
        Assert.Contains("tokens:2: this is no token",
            Assert.Throws<IOException>(() => Store().Find(made.Secret)).Message, StringComparison.Ordinal);
        if (OperatingSystem.IsWindows()) return;
        System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Contains("can be read by others",
            Assert.Throws<IOException>(() => Store().Find(made.Secret)).Message, StringComparison.Ordinal);
    }

    private TokenStore Store() => new(File, time);
}
