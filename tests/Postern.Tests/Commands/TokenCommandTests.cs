using System.Text.Json;

namespace Postern.Tests.Commands;

/// <summary><c>postern admin token</c>, without a running gateway.</summary>
public sealed class TokenCommandTests : IDisposable
{
    private readonly WorkFolder work = new();

    public void Dispose() => work.Dispose();

    [Fact]
    public async Task A_token_is_made_listed_and_revoked_and_its_secret_is_told_once()
    {
        var (code, output, _) = await work.RunAsync(
            "admin", "token", "new", "robot", "--role", "operator", "--days", "30", "--json");
        Assert.Equal(0, code);
        using var made = JsonDocument.Parse(output);
        var (id, secret) = (made.RootElement.GetProperty("id").GetString()!,
            made.RootElement.GetProperty("secret").GetString()!);
        Assert.StartsWith($"postern_{id}_", secret, StringComparison.Ordinal);

        (_, output, _) = await work.RunAsync("admin", "token", "list");
        Assert.StartsWith($"{id}  robot  operator  until ", output, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, output, StringComparison.Ordinal);

        (code, output, _) = await work.RunAsync("admin", "token", "revoke", id);
        Assert.Equal((0, $"token robot ({id}) is revoked\n"), (code, output));
        (_, output, _) = await work.RunAsync("admin", "token", "list");
        Assert.Equal("There are no tokens.\n", output);

        var audit = work.Read("data/logs/audit.log");
        Assert.Contains("\"action\":\"admin token new robot\"", audit, StringComparison.Ordinal);
        Assert.Contains($"\"action\":\"admin token revoke {id}\"", audit, StringComparison.Ordinal);
        Assert.DoesNotContain(secret.Split('_')[2], audit, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "is no name of a token", "new", "a b")]
    [InlineData(2, "--days is 1 to 3650", "new", "a", "--days", "0")]
    [InlineData(2, "god", "new", "a", "--role", "god")]
    [InlineData(1, "there is no token '00c0ffee'", "revoke", "00c0ffee")]
    public async Task What_is_wrong_is_told(int expected, string says, params string[] arguments)
    {
        var (code, _, error) = await work.RunAsync(["admin", "token", .. arguments]);
        Assert.Equal(expected, code);
        Assert.Contains(says, error, StringComparison.Ordinal);
        Assert.False(File.Exists(work.PathOf("data/tokens")));
    }
}
