using System.Net;
using Postern.Admin.Accounts;

namespace Postern.Admin.Tests;

/// <summary>Who may read what monitors read, and that nothing else opens with it (contract §6, hardening §4).</summary>
public sealed class MonitorAccessTests
{
    private const string Viewer = "correct horse: battery";
    private static readonly string token = "Bearer " + ApiFixture.Token;

    [Theory]
    [InlineData("/xml/status", "Basic")]
    [InlineData("/metrics", "Bearer")]
    public async Task Without_credentials_both_answer_401(string path, string scheme)
    {
        await using var api = await ApiFixture.StartAsync();
        api.Accounts.Reset();
        foreach (var given in (string?[])[null, "Basic", "Basic !", "Basic YWRtaW4=", "Bearer x", "Basic Og=="])
        {
            var (status, _, headers) = await MonitorClient.GetAsync(api, path, given);
            Assert.Equal(HttpStatusCode.Unauthorized, status);
            Assert.Equal(scheme, headers.WwwAuthenticate.Single().Scheme);
            api.Time.Advance(TimeSpan.FromHours(2));
        }
    }

    [Fact]
    public async Task Every_account_may_read_the_status_and_the_token_both()
    {
        await using var api = await ApiFixture.StartAsync();
        api.Accounts.Put(new Account("nagios", AccountRole.Viewer, false, PasswordHash.Of(Viewer)));
        var admin = MonitorClient.Basic(Account.Admin, api.ChooseAdmin());

        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(api, "/xml/status", MonitorClient.Basic("nagios", Viewer)));
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(api, "/xml/status", admin));
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(api, "/xml/status", token));
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(api, "/metrics", token));
        var oneTime = MonitorClient.Basic(Account.Admin, api.Accounts.Reset());
        Assert.Equal(HttpStatusCode.Forbidden, await StatusOfAsync(api, "/xml/status", oneTime));
        Assert.All((string[])["/metrics", "/api/v1/status", "/api/v1/openapi.json", "/", "/xml", "/xml/status/x"],
            path => Assert.Equal(HttpStatusCode.Unauthorized, StatusOfAsync(api, path, admin).Result));
    }

    [Fact]
    public async Task Metrics_are_open_to_listed_addresses_and_nothing_else_is()
    {
        await using var api = await ApiFixture.StartAsync();
        api.MetricsFrom = [IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("::1/128")];
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusOfAsync(api, "/metrics"));

        api.MetricsFrom = [IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("127.0.0.0/8")];
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(api, "/metrics"));
        Assert.All((string[])["/xml/status", "/api/v1/status", "/metrics/x"],
            path => Assert.Equal(HttpStatusCode.Unauthorized, StatusOfAsync(api, path).Result));
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_account_are_answered_alike()
    {
        await using var api = await ApiFixture.StartAsync();
        api.Accounts.Reset();

        var wrong = await MonitorClient.GetAsync(api, "/xml/status", MonitorClient.Basic(Account.Admin, "guess"));
        var unknown = await MonitorClient.GetAsync(api, "/xml/status", MonitorClient.Basic("nobody", "guess"));

        // The trace id is that of the request.
        Assert.Equal(wrong.Body.Split("traceId")[0], unknown.Body.Split("traceId")[0]);
        Assert.Equal(wrong.Body.Length, unknown.Body.Length);
        Assert.Equal(wrong.Status, unknown.Status);
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.Status);
        Assert.Equal(
            ["A login from 127.0.0.1 failed for the account admin", "A login from 127.0.0.1 failed"], api.Told);
    }

    [Fact]
    public async Task After_failed_logins_the_right_password_has_to_wait_as_well()
    {
        await using var api = await ApiFixture.StartAsync();
        var right = MonitorClient.Basic(Account.Admin, api.ChooseAdmin());
        var wrong = MonitorClient.Basic(Account.Admin, "guess");
        for (var i = 0; i < 5; i++) await StatusOfAsync(api, "/xml/status", wrong);

        var (status, _, headers) = await MonitorClient.GetAsync(api, "/xml/status", right);
        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(1)), (status, headers.RetryAfter!.Delta));

        api.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(api, "/xml/status", right));
        // The token is not a login.
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(api, "/xml/status", token));
    }

    [Fact]
    public async Task An_accounts_file_that_others_can_read_lets_nobody_in()
    {
        await using var api = await ApiFixture.StartAsync();
        var right = MonitorClient.Basic(Account.Admin, api.ChooseAdmin());
        var file = Path.Combine(Path.GetDirectoryName(api.DrainedFile)!, "accounts");
        if (OperatingSystem.IsWindows()) return;
        File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.OtherRead);

        var (status, body, _) = await MonitorClient.GetAsync(api, "/xml/status", right);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.DoesNotContain(file, body, StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> StatusOfAsync(
        ApiFixture api, string path, string? authorization = null) =>
        (await MonitorClient.GetAsync(api, path, authorization)).Status;
}
