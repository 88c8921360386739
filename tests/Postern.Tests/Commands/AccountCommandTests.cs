namespace Postern.Tests.Commands;

/// <summary><c>postern admin account</c>, without a running gateway.</summary>
public sealed class AccountCommandTests : IDisposable
{
    private readonly WorkFolder work = new();

    public void Dispose() => work.Dispose();

    [Fact]
    public async Task Accounts_are_made_listed_changed_and_deleted()
    {
        await work.RunAsync("admin", "reset");
        var (code, output, _) = await work.RunAsync("admin", "account", "new", "alice", "--role", "operator");
        Assert.Equal(0, code);
        Assert.StartsWith("account alice, one-time password ", output, StringComparison.Ordinal);
        var (_, reset, _) = await work.RunAsync("admin", "account", "reset", "alice");
        Assert.NotEqual(output, reset);

        (_, output, _) = await work.RunAsync("admin", "account", "list");
        Assert.Equal("admin  administrator  one-time password\nalice  operator  one-time password\n", output);
        (_, output, _) = await work.RunAsync("admin", "account", "edit", "alice", "--role", "viewer");
        Assert.Equal("edit: account alice, viewer\n", output);
        (_, output, _) = await work.RunAsync("admin", "account", "delete", "alice");
        Assert.Equal("delete: account alice, viewer\n", output);
        (_, output, _) = await work.RunAsync("admin", "account", "list");
        Assert.Equal("admin  administrator  one-time password\n", output);

        (code, _, var error) = await work.RunAsync("admin", "account", "delete", "admin");
        Assert.Equal(1, code);
        Assert.Contains("'admin' is the last administrator", error, StringComparison.Ordinal);
        var audit = work.Read("data/logs/audit.log");
        Assert.Contains("\"action\":\"admin account new alice\"", audit, StringComparison.Ordinal);
        Assert.Contains("\"action\":\"admin account delete admin\"", audit, StringComparison.Ordinal);
        Assert.DoesNotContain(reset.Split("password ")[1].Split(' ')[0], audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_factor_is_listed_and_taken_from_who_has_lost_it()
    {
        await work.RunAsync("admin", "reset");
        var accounts = work.PathOf("data/accounts");
        await File.WriteAllTextAsync(accounts, work.Read("data/accounts").TrimEnd('\n')
            + " totp:GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ:7:\n");

        Assert.Equal("admin  administrator  one-time password  two-step login\n",
            (await work.RunAsync("admin", "account", "list")).Out);
        Assert.Equal("resettotp: account admin, administrator\n",
            (await work.RunAsync("admin", "account", "resettotp", "admin")).Out);
        Assert.Equal("admin  administrator  one-time password\n",
            (await work.RunAsync("admin", "account", "list")).Out);
        Assert.Contains("\"action\":\"admin account resettotp admin\"", work.Read("data/logs/audit.log"),
            StringComparison.Ordinal);
        var (code, _, error) = await work.RunAsync("admin", "account", "resettotp", "nobody");
        Assert.Equal((1, "postern: there is no account 'nobody'\n"), (code, error));
    }

    [Theory]
    [InlineData("--role", "new", "alice")]
    [InlineData("'god'", "new", "alice", "--role", "god")]
    public async Task A_role_has_to_be_given_and_be_one(string says, params string[] arguments)
    {
        var (code, _, error) = await work.RunAsync(["admin", "account", .. arguments]);
        Assert.Equal(2, code);
        Assert.Contains(says, error, StringComparison.Ordinal);
        Assert.False(File.Exists(work.PathOf("data/accounts")));
    }
}
