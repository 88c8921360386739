using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Postern.Admin.Accounts;
using Postern.Admin.Auditing;

namespace Postern.Admin.Tests;

/// <summary>What of the API stands in the audit log, and how it is read there.</summary>
public sealed class AuditApiTests : IAsyncLifetime
{
    private ApiFixture api = null!;

    public async ValueTask InitializeAsync() => api = await ApiFixture.StartAsync("example.com 192.0.2.10\n");

    public ValueTask DisposeAsync() => api.DisposeAsync();

    [Fact]
    public async Task Every_change_has_an_entry_and_what_only_looks_has_none()
    {
        await api.Http.GetAsync(At("/api/v1/status"));
        await api.Http.PostAsync(At("/api/v1/routes/preview"), new StringContent("a.example 10.0.0.1\n"));
        await api.Http.PostAsync(At("/api/v1/hosts/192.0.2.10/drain"), null);
        await api.Http.PostAsync(At("/api/v1/queue/delete?host=example.com"), null);
        await api.Http.PostAsync(At("/api/v1/queue/bounce"), null);
        using var wrong = await api.Http.PostAsync(At("/api/v1/queue/bounce?hots=x&hots=y"), null);
        await api.Http.PostAsync(At("/api/v1/delivery/suspend"), null);
        await api.Http.PostAsync(At("/api/v1/routes/edit?key=example.com&hosts=10.0.0.2"), null);

        var entries = (await PageAsync("")).Entries;

        Assert.Equal(
            ["editRoute", "suspendDelivery", "bounceRecipients", "bounceRecipients", "deleteRecipients", "drainHost"],
            entries.Select(e => e.Action));
        Assert.All(entries, e => Assert.Equal(("token", "127.0.0.1"), (e.Who, e.From)));
        Assert.Equal(("example.com 10.0.0.1", "example.com 10.0.0.2"), (entries[0].Before, entries[0].After));
        Assert.Contains("\"allDelivery\":true", entries[1].After, StringComparison.Ordinal);
        // What is no parameter may be anything, and is not repeated.
        Assert.Equal((AuditResult.Refused, "•••"), (entries[2].Result, entries[2].Parameters!["hots"]));
        Assert.Contains("'hots' is no parameter", entries[2].Detail, StringComparison.Ordinal);
        using var problem = JsonDocument.Parse(await wrong.Content.ReadAsStringAsync());
        Assert.Equal(problem.RootElement.GetProperty("traceId").GetString(), entries[2].Request);
        Assert.Equal((AuditResult.Done, "0 recipients of 0 messages"), (entries[4].Result, entries[4].After));
        Assert.Equal("192.0.2.10", entries[5].Parameters!["host"]);
        Assert.Equal(6, (await GetAsync<AuditVerification>("/api/v1/audit/verification")).Last);
    }

    [Fact]
    public async Task Who_looks_at_a_message_has_an_entry()
    {
        var mid = await api.AcceptAsync("bob@example.com");

        var headers = await GetAsync<MessageHeaders>($"/api/v1/messages/{mid}/headers");
        using var export = await api.Http.GetAsync(At($"/api/v1/messages/{mid}/content"));
        using var none = await api.Http.GetAsync(At("/api/v1/messages/999/content"));

        Assert.Equal(new MessageHeaders("Subject: x\r\n", true), headers);
        Assert.Equal("Subject: x\r\n\r\nx\r\n", await export.Content.ReadAsStringAsync());
        Assert.Equal(("message/rfc822", "attachment", $"{mid}.eml"), (export.Content.Headers.ContentType!.MediaType,
            export.Content.Headers.ContentDisposition!.DispositionType,
            export.Content.Headers.ContentDisposition.FileName!.Trim('"')));
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        Assert.Equal([("exportMessage", AuditResult.Refused), ("exportMessage", AuditResult.Done),
            ("showMessageHeaders", AuditResult.Done)], (await PageAsync("")).Entries.Select(e => (e.Action, e.Result)));
    }

    [Fact]
    public async Task Logins_stand_there_once_and_a_name_that_is_no_account_is_not_repeated()
    {
        var right = MonitorClient.Basic(Account.Admin, api.ChooseAdmin());
        for (var i = 0; i < 3; i++) await MonitorClient.GetAsync(api, "/xml/status", right);
        await MonitorClient.GetAsync(api, "/xml/status", MonitorClient.Basic(Account.Admin, "guess"));
        await MonitorClient.GetAsync(api, "/xml/status", MonitorClient.Basic("hunter2", "guess"));

        Assert.Equal([("login", "", AuditResult.Refused), ("login", "admin", AuditResult.Refused),
            ("login", "admin", AuditResult.Done)],
            (await PageAsync("")).Entries.Select(e => (e.Action, e.Who, e.Result)));
        Assert.DoesNotContain("hunter2", await File.ReadAllTextAsync(Path.Combine(api.LogFolder, "audit.log")),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_of_the_disk_is_written_down_as_one()
    {
        // A folder cannot be replaced by a file.
        Directory.CreateDirectory(api.DrainedFile);
        using var answer = await api.Http.PostAsync(At("/api/v1/hosts/192.0.2.10/drain"), null);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        var entry = Assert.Single((await PageAsync("")).Entries);
        Assert.Equal(AuditResult.Failed, entry.Result);
        Assert.Contains("cannot be written", entry.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DELETE", "/api/v1/queue", "GET, HEAD")]
    [InlineData("GET", "/api/v1/queue/delete", "POST")]
    [InlineData("PUT", "/api/v1/messages/6", "GET, HEAD")]
    public async Task A_wrong_method_is_told_with_those_that_the_address_has(string method, string path, string allowed)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), At(path));
        using var answer = await api.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(allowed, string.Join(", ", answer.Content.Headers.Allow));
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    private Task<AuditPage> PageAsync(string query) => GetAsync<AuditPage>($"/api/v1/audit{query}");

    private async Task<T> GetAsync<T>(string path) =>
        (await api.Http.GetFromJsonAsync<T>(At(path), ApiJson.Options))!;

    private static Uri At(string path) => new(path, UriKind.Relative);
}
