using System.Net;
using System.Net.Http.Json;
using Postern.Admin.Accounts;

namespace Postern.Admin.Tests;

/// <summary>Accounts over the API, in a real file.</summary>
public sealed class AccountEditTests : IAsyncLifetime
{
    private ApiFixture api = null!;

    public async ValueTask InitializeAsync()
    {
        api = await ApiFixture.StartAsync();
        api.Accounts.Reset();
    }

    public ValueTask DisposeAsync() => api.DisposeAsync();

    [Fact]
    public async Task An_account_is_made_changed_reset_and_deleted_and_its_password_is_told_once()
    {
        var made = await DoneAsync("new?name=alice&role=viewer");
        Assert.Equal(new AccountForm("alice", AccountRole.Viewer, true, false, null, 0), made.Account);
        Assert.Equal(HttpStatusCode.Forbidden, await StatusPageAsync("alice", made.Password!));

        Assert.Equal(AccountRole.Operator, (await DoneAsync("edit?name=alice&role=operator")).Account.Role);
        var reset = await DoneAsync("reset?name=alice");
        Assert.Equal(AccountRole.Operator, reset.Account.Role);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusPageAsync("alice", made.Password!));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusPageAsync("alice", reset.Password!));
        var list = await api.Http.GetFromJsonAsync<AccountsAnswer>(
            new Uri("/api/v1/accounts", UriKind.Relative), ApiJson.Options);
        Assert.Equal([("admin", null), ("alice", api.Time.GetUtcNow())],
            list!.Accounts.Select(a => (a.Name, a.LastLogin)));
        Assert.Equal(0, (await DoneAsync("end-sessions?name=alice")).Account.Sessions);

        await DoneAsync("delete?name=alice");
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusPageAsync("alice", reset.Password!));
        var log = await File.ReadAllTextAsync(Path.Combine(api.LogFolder, "audit.log"));
        Assert.Contains("account alice, viewer, password •••", log, StringComparison.Ordinal);
        Assert.DoesNotContain(made.Password!, log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("delete?name=admin", "'admin' is the last administrator")]
    [InlineData("edit?name=admin&role=viewer", "'admin' is the last administrator")]
    [InlineData("new?name=admin&role=viewer", "there is an account 'admin' already")]
    [InlineData("new?name=a%20b&role=viewer", "is no name")]
    [InlineData("new?name=token&role=operator", "'token' is no name for an account")]
    [InlineData("new?name=alice&role=god", "role is viewer, operator, administrator")]
    [InlineData("new?name=alice", "role is viewer, operator, administrator")]
    [InlineData("reset?name=nobody", "there is no account 'nobody'")]
    public async Task What_would_lock_everybody_out_or_is_wrong_is_refused(string request, string says)
    {
        var before = api.Accounts.Read();
        using var answer = await api.Http.PostAsync(At(request), null);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(says, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(before, api.Accounts.Read());
    }

    [Fact]
    public async Task A_password_is_not_changed_of_an_account_that_is_another_one_by_then()
    {
        var edits = new AccountEdits(api.Accounts, TimeProvider.System);
        await DoneAsync("new?name=alice&role=operator");
        foreach (var meanwhile in (string[])["edit?name=alice&role=viewer", "reset?name=alice", "delete?name=alice"])
        {
            var proved = api.Accounts.Find("alice")!;
            await DoneAsync(meanwhile);
            var left = api.Accounts.Find("alice");

            var outcome = await edits.ChooseAsync(proved, "a lamp above the gate");

            Assert.Null(outcome.Account);
            Assert.Equal("the account 'alice' was changed meanwhile", outcome.Refusal);
            Assert.Equal(left, api.Accounts.Find("alice"));
        }
    }

    [Fact]
    public async Task A_reset_waits_for_whoever_changes_accounts()
    {
        var before = api.Accounts.Find(Account.Admin);
        var held = await api.Accounts.LockAsync(TimeProvider.System, default);
        var reset = new AccountEdits(api.Accounts, TimeProvider.System).ResetAdminAsync();
        Assert.False(reset.IsCompleted);
        Assert.Equal(before, api.Accounts.Find(Account.Admin));
        held.Dispose();
        var password = (await reset).Password!;
        Assert.True(PasswordHash.Matches(api.Accounts.Find(Account.Admin)!.Hash, password));
    }

    [Fact]
    public async Task Of_two_administrators_one_may_go()
    {
        await DoneAsync("new?name=alice&role=administrator");
        await DoneAsync("delete?name=admin");
        Assert.Equal("alice", Assert.Single(api.Accounts.Read()).Name);
    }

    [Fact]
    public async Task Who_ran_a_command_stands_in_the_audit_log_and_is_believed_from_the_token_of_the_file_alone()
    {
        var viewer = (await api.Tokens.IssueAsync("robot", AccountRole.Operator, 1))!.Secret;
        foreach (var token in (string[])[ApiFixture.Token, viewer])
        {
            using var request = new HttpRequestMessage(
                HttpMethod.Post, new Uri("/api/v1/dns/flush", UriKind.Relative));
            request.Headers.Authorization = new("Bearer", token);
            request.Headers.TryAddWithoutValidation(CommandUser.Header, "j%C3%BCrgen");
            using var answer = await api.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        Assert.Equal(["token robot", "token (jürgen)"], api.Audit.Read(null, "", 10)!.Entries.Select(e => e.Who));
    }

    private async Task<AccountAnswer> DoneAsync(string request)
    {
        using var answer = await api.Http.PostAsync(At(request), null);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<AccountAnswer>(ApiJson.Options))!;
    }

    private async Task<HttpStatusCode> StatusPageAsync(string name, string password) =>
        (await MonitorClient.GetAsync(api, "/xml/status", MonitorClient.Basic(name, password))).Status;

    private static Uri At(string request) => new($"/api/v1/accounts/{request}", UriKind.Relative);
}
