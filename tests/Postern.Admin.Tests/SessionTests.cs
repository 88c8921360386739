using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Time.Testing;
using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Admin.Auditing;
using Postern.Admin.Pages;

namespace Postern.Admin.Tests;

/// <summary>When a session is over (contract §6, hardening §4.1).</summary>
public sealed class SessionTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("postern-sessions-").FullName;
    private readonly FakeTimeProvider time = new();
    private readonly AccountStore store;
    private readonly Account account = new("anna", AccountRole.Operator, false, PasswordHash.Of("x"));
    private readonly Sessions sessions;

    public SessionTests()
    {
        store = new AccountStore(Path.Combine(folder, "accounts"));
        store.Put(account);
        sessions = new Sessions(store, time);
    }

    private sealed class Known(ClaimsPrincipal user) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() =>
            Task.FromResult(new AuthenticationState(user));
    }

    public void Dispose()
    {
        sessions.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void It_is_kept_by_use_and_over_twelve_hours_after_the_last()
    {
        var secret = sessions.Begin(account);
        time.Advance(TimeSpan.FromHours(11));
        var session = sessions.Use(secret)!;
        Assert.Equal(("anna", AccountRole.Operator), (session.Account.Name, session.Account.Role));
        time.Advance(TimeSpan.FromHours(11));
        Assert.Same(session, sessions.UseById(session.Id));
        Assert.Null(sessions.Use(secret + "0"));

        time.Advance(TimeSpan.FromHours(12));

        Assert.Null(sessions.Use(secret));
        Assert.True(session.Ended.IsCancellationRequested);
    }

    [Fact]
    public async Task A_page_that_is_open_does_nothing_any_more_once_its_session_is_over()
    {
        var session = sessions.Use(sessions.Begin(account))!;
        var circuit = new SessionCircuit(sessions, new Known(Caller.OfSession(session, null)));
        var done = 0;
        var act = circuit.CreateInboundActivityHandler(_ =>
        {
            done++;
            return Task.CompletedTask;
        });
        await act(null!);
        Assert.Equal(1, done);

        store.Put(account with { Role = AccountRole.Viewer });
        time.Advance(Sessions.LookPeriod);
        await act(null!);
        Assert.Equal(1, done);
        var stranger = new SessionCircuit(sessions, new Known(new ClaimsPrincipal()));
        await stranger.CreateInboundActivityHandler(_ => throw new InvalidOperationException())(null!);
    }

    [Fact]
    public async Task What_a_role_may_not_do_on_a_page_is_refused_and_written_down_as_refused()
    {
        await using var api = await ApiFixture.StartAsync("");
        var session = sessions.Use(sessions.Begin(account))!;
        var viewer = new Viewer(new Known(Caller.OfSession(session, System.Net.IPAddress.Loopback)), sessions);
        await viewer.BeginAsync();
        var actions = new PageActions(api.Parts, viewer);

        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => actions.ActAsync<bool>(
            "clearRoutes", null, AccountRole.Administrator, _ => throw new InvalidOperationException()));

        var entry = api.Audit.Read(null, "clearRoutes", 10)!.Entries.Single();
        Assert.Equal(("anna", "127.0.0.1", AuditResult.Refused), (entry.Who, entry.From, entry.Result));
        Assert.Equal("clearRoutes is for the role administrator or above.", entry.Detail);

        // A file that is refused to the gateway is no matter of the role, and is shown as a disk that fails.
        var denied = await Assert.ThrowsAsync<IOException>(() => actions.ActAsync<bool>(
            "newToken", null, account.Role, _ => throw new UnauthorizedAccessException("permission denied")));
        Assert.Equal("permission denied", denied.Message);
    }

    [Fact]
    public async Task Who_has_lost_a_role_does_nothing_with_it_before_the_next_look_either()
    {
        await using var api = await ApiFixture.StartAsync("");
        var session = sessions.Use(sessions.Begin(account))!;
        var viewer = new Viewer(new Known(Caller.OfSession(session, System.Net.IPAddress.Loopback)), sessions);
        await viewer.BeginAsync();
        store.Put(account with { Role = AccountRole.Viewer });

        // Cancelled, and so no fault of the page.
        await Assert.ThrowsAsync<OperationCanceledException>(() => new PageActions(api.Parts, viewer).ActAsync<bool>(
            "drainHost", null, AccountRole.Operator, _ => throw new InvalidOperationException()));

        Assert.True(viewer.Ended.IsCancellationRequested);
        Assert.Equal(SessionEnd.Role, viewer.End);
        var entry = api.Audit.Read(null, "drainHost", 10)!.Entries.Single();
        Assert.Equal((AuditResult.Refused, "the session is over"), (entry.Result, entry.Detail));
    }

    [Fact]
    public void Another_password_and_another_role_end_it_without_a_request()
    {
        foreach (var (change, why) in new (Func<Account, Account>, SessionEnd)[]
        {
            (one => one with { Hash = PasswordHash.Of("y") }, SessionEnd.Secret),
            (one => one with { Role = AccountRole.Viewer }, SessionEnd.Role),
            (one => one with { IsOneTime = true }, SessionEnd.Secret),
        })
        {
            store.Put(account);
            var session = sessions.Use(sessions.Begin(account))!;
            store.Put(change(account));
            Assert.False(session.Ended.IsCancellationRequested);
            time.Advance(Sessions.LookPeriod);
            Assert.True(session.Ended.IsCancellationRequested);
            Assert.Equal(why, session.End);
            Assert.Null(sessions.UseById(session.Id));
        }
    }

    [Fact]
    public void An_accounts_file_that_cannot_be_read_lets_nobody_in_and_ends_nothing()
    {
        var secret = sessions.Begin(account);
        var file = Path.Combine(folder, "accounts");
        var content = File.ReadAllText(file);
        File.WriteAllText(file, "no account\n");
        time.Advance(Sessions.LookPeriod);

        Assert.Throws<IOException>(() => sessions.Use(secret));

        File.WriteAllText(file, content);
        Assert.NotNull(sessions.Use(secret));
    }

    [Fact]
    public void An_accounts_file_that_stays_bad_ends_all_sessions_without_a_request()
    {
        var session = sessions.Use(sessions.Begin(account))!;
        File.WriteAllText(Path.Combine(folder, "accounts"), "no account\n");
        time.Advance(Sessions.LookPeriod);
        Assert.False(session.Ended.IsCancellationRequested);
        time.Advance(Sessions.LookPeriod);
        Assert.True(session.Ended.IsCancellationRequested);
        Assert.Equal(SessionEnd.Unreadable, session.End);
    }

    [Fact]
    public void A_page_that_only_stays_open_does_not_keep_it()
    {
        var session = sessions.Use(sessions.Begin(account))!;
        time.Advance(Sessions.Idle - TimeSpan.FromMinutes(1));
        Assert.True(sessions.IsOpen(session.Id));
        time.Advance(TimeSpan.FromMinutes(1) + Sessions.LookPeriod);
        Assert.False(sessions.IsOpen(session.Id));
        Assert.True(session.Ended.IsCancellationRequested);
        Assert.Equal(SessionEnd.Idle, session.End);
    }

    [Fact]
    public void An_account_has_ten_at_most_and_the_one_that_was_not_used_for_longest_goes()
    {
        var secrets = Enumerable.Range(0, Sessions.MaxOfAccount).Select(_ =>
        {
            time.Advance(TimeSpan.FromMinutes(1));
            return sessions.Begin(account);
        }).ToList();
        time.Advance(TimeSpan.FromMinutes(1));
        var oldest = sessions.Use(secrets[0])!;

        var one = sessions.Use(sessions.Begin(account));

        Assert.NotNull(one);
        Assert.NotNull(sessions.Use(secrets[0]));
        Assert.Null(sessions.Use(secrets[1]));
        Assert.NotNull(sessions.Use(secrets[2]));
        sessions.End(oldest, SessionEnd.None);
        Assert.Null(sessions.Use(secrets[0]));
    }
}
