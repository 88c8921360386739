using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Postern.Admin.Auditing;
using Postern.Delivery.Reports;

namespace Postern.Admin.Tests;

/// <summary>The HTTP API under /api/v1 (contract §6), over real connections.</summary>
public sealed class ApiTests
{
    // A drained host holds mail without a connection attempt, so that nothing leaves this machine.
    private const string Routes = "example.com 192.0.2.10, 192.0.2.20/pri=10\nALL 192.0.2.30\n";

    [Theory]
    [InlineData("/api/v1/hosts")]
    [InlineData("/api/v1/nothing")]
    [InlineData("/api")]
    [InlineData("/")]
    [InlineData("/healthy")]
    public async Task Without_the_token_every_path_answers_401(string path)
    {
        await using var api = await ApiFixture.StartAsync();
        foreach (var scheme in (string[])["", "Bearer " + new string('6', 64), "Basic " + ApiFixture.Token, "Bearer "])
        {
            api.Http.DefaultRequestHeaders.Remove("Authorization");
            if (scheme.Length > 0) api.Http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", scheme);

            using var answer = await api.Http.GetAsync(new Uri(path, UriKind.Relative));

            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
            Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
        }
    }

    [Theory]
    [InlineData("/api/nothing")]
    [InlineData("/api/v1/nothing.json")]
    public async Task What_is_not_there_is_told_as_a_problem(string path)
    {
        await using var api = await ApiFixture.StartAsync();

        using var answer = await api.Http.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Routes_that_were_replaced_are_taken_up_before_the_answer()
    {
        await using var api = await ApiFixture.StartAsync(Routes);

        var taken = await PostAsync<RoutesTaken>(api, "/api/v1/routes/reload");

        Assert.Equal((1, 2), (api.Reloads, taken.Routes));
    }

    [Fact]
    public async Task A_drained_host_is_told_so_durably_and_undrained_again()
    {
        await using var api = await ApiFixture.StartAsync(Routes);

        var drained = await PostAsync<DrainAnswer>(api, "/api/v1/hosts/192.0.2.10%3A25/drain");
        var again = await PostAsync<DrainAnswer>(api, "/api/v1/hosts/192.0.2.10%3A25/drain");
        var test = Assert.Single(await GetAsync<List<AddressReport>>(
            api, "/api/v1/routes/test?address=bob@example.com"));
        var report = Assert.Single((await GetAsync<HostStatus>(api, "/api/v1/hosts/192.0.2.10")).Hosts);

        Assert.Equal(("192.0.2.10:25", true, false), (drained.Host, drained.Changed, again.Changed));
        Assert.Equal("192.0.2.10:25\n", await File.ReadAllTextAsync(api.DrainedFile));
        Assert.Equal("192.0.2.20:25", Assert.Single(test.Hosts).Host);
        Assert.Equal((HostState.Drained, "by hand"), (test.NotTried[0].State, Assert.Single(test.NotTried).Note));
        Assert.Equal(HostState.Drained, report.State);

        var back = await PostAsync<DrainAnswer>(api, "/api/v1/hosts/192.0.2.10/undrain");
        Assert.True(back.Changed);
        Assert.Equal(HostState.Up, Assert.Single(back.Hosts).State);
        Assert.Equal("", await File.ReadAllTextAsync(api.DrainedFile));
    }

    [Fact]
    public async Task A_host_that_is_not_left_out_is_not_retried_and_the_audit_log_says_so()
    {
        await using var api = await ApiFixture.StartAsync(Routes);
        // It is known from now on.
        await GetAsync<List<AddressReport>>(api, "/api/v1/routes/test?address=bob@example.com");

        var told = await PostAsync<RetryAnswer>(api, "/api/v1/hosts/192.0.2.10/retry");
        using var wrong = await api.Http.PostAsync(new Uri("/api/v1/hosts/10.1/retry", UriKind.Relative), null);

        Assert.Equal(("192.0.2.10", 0, HostState.Up), (told.Host, told.Retried, Assert.Single(told.Hosts).State));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        var entries = (await GetAsync<AuditPage>(api, "/api/v1/audit")).Entries;
        Assert.Equal([("retryHost", "10.1", AuditResult.Refused, null), ("retryHost", "192.0.2.10", AuditResult.Done,
            "nothing was changed")], entries.Select(e => (e.Action, e.Parameters!["host"], e.Result, e.After)));
    }

    [Fact]
    public async Task A_message_that_waits_is_explained_and_other_routes_are_weighed()
    {
        await using var api = await ApiFixture.StartAsync(Routes);
        foreach (var host in (string[])["192.0.2.10", "192.0.2.20", "192.0.2.30"])
            await PostAsync<DrainAnswer>(api, $"/api/v1/hosts/{host}/drain");
        var mid = await api.AcceptAsync("bob@example.com", "eve@example.com", "x@other.example");

        var message = await GetAsync<MessageReport>(api, $"/api/v1/messages/{mid}");
        var preview = await PostAsync<PreviewAnswer>(
            api, "/api/v1/routes/preview", "new.example 192.0.2.40\nexample.com 192.0.2.10\nALL 192.0.2.30\n");
        var wrong = await PostAsync<PreviewAnswer>(api, "/api/v1/routes/preview", "a.example 1.2.3\n");

        Assert.Equal((mid.Value, "a@src.example"), (message.Mid, message.From));
        Assert.Equal([0, 1, 2], message.Recipients.SelectMany(r => r.Rids));
        Assert.Equal("new.example", Assert.Single(preview.Added));
        Assert.Equal("example.com", Assert.Single(preview.Altered));
        Assert.Equal(2, preview.RecipientsElsewhere);
        Assert.Empty(preview.Removed);
        Assert.Equal((1, 11), (Assert.Single(wrong.Errors).Line, wrong.Errors[0].Column));
    }

    [Fact]
    public async Task Mail_by_DNS_is_explained_with_what_DNS_says_now()
    {
        await using var api = await ApiFixture.StartAsync();

        var test = Assert.Single(await GetAsync<List<AddressReport>>(api, "/api/v1/routes/test?address=dns.example"));

        Assert.Equal(("dns", null), (test.Outcome, test.Route));
        var step = Assert.Single(test.Hosts);
        Assert.Equal(("mx.dns.example", "192.0.2.1:25", "192.0.2.1", 25, 10),
            (step.Entry, step.Host, step.Address, step.Port, step.Priority));
    }

    [Fact]
    public async Task An_address_that_mail_may_not_be_led_to_is_explained()
    {
        await using var api = await ApiFixture.StartAsync();

        var test = Assert.Single(await GetAsync<List<AddressReport>>(
            api, "/api/v1/routes/test?address=bob@[127.0.0.1]"));

        Assert.Empty(test.Hosts);
        Assert.Equal("[127.0.0.1] is in a refused network", test.DnsError);
    }

    [Fact]
    public async Task A_name_is_told_with_its_addresses_and_their_health()
    {
        await using var api = await ApiFixture.StartAsync();
        await GetAsync<List<AddressReport>>(api, "/api/v1/routes/test?address=dns.example");
        await PostAsync<DrainAnswer>(api, "/api/v1/hosts/192.0.2.1/drain");

        var name = await GetAsync<HostStatus>(api, "/api/v1/hosts/mx.dns.example");

        Assert.Equal([("mx.dns.example:25", HostState.Drained), ("192.0.2.1:25", HostState.Drained)],
            name.Hosts.Select(h => (h.Host, h.State)));
        Assert.Equal(["192.0.2.1:25"], name.Hosts[0].Addresses);
        Assert.Null(name.Domain);
    }

    [Fact]
    public async Task A_receiving_domain_is_told_with_its_way_its_queue_and_its_hosts()
    {
        await using var api = await ApiFixture.StartAsync(Routes);
        foreach (var host in (string[])["192.0.2.10", "192.0.2.20"])
            await PostAsync<DrainAnswer>(api, $"/api/v1/hosts/{host}/drain");
        await api.AcceptAsync("bob@example.com", "eve@example.com");

        var status = await GetAsync<HostStatus>(api, "/api/v1/hosts/example.com");
        var top = await GetAsync<DestinationsAnswer>(api, "/api/v1/destinations?sort=active&limit=1");
        var all = await GetAsync<GatewayStatus>(api, "/api/v1/status");

        Assert.Equal(["192.0.2.10:25", "192.0.2.20:25"], status.Hosts.Select(h => h.Host));
        Assert.Equal(("example.com", 2), (status.Domain!.Route!.Key, status.Domain.Queue!.Recipients));
        Assert.Equal(("example.com", 2, HostState.Drained), Assert.Single(
            top.Destinations.Select(d => (d.Domain, d.ActiveRecipients, d.HostState!.Value))));
        Assert.Equal((1, 2, 2, 3), (all.Delivery.Messages, all.Delivery.ActiveRecipients,
            all.Delivery.UnattemptedRecipients, all.ConnectionsIn));
    }

    [Fact]
    public async Task Receiving_domains_come_in_pages_by_their_names_whatever_happens_between_them()
    {
        await using var api = await ApiFixture.StartAsync(Routes);
        foreach (var host in (string[])["192.0.2.10", "192.0.2.20", "192.0.2.30"])
            await PostAsync<DrainAnswer>(api, $"/api/v1/hosts/{host}/drain");
        await api.AcceptAsync("x@c.example", "x@a.example", "x@b.example");

        var first = await GetAsync<DestinationsAnswer>(api, "/api/v1/destinations?sort=domain&limit=2");
        await api.AcceptAsync("x@aa.example");
        var second = await GetAsync<DestinationsAnswer>(
            api, $"/api/v1/destinations?sort=domain&limit=2&after={first.Next}");
        using var wrong = await api.Http.GetAsync(
            new Uri("/api/v1/destinations?sort=active&after=a.example", UriKind.Relative));

        Assert.Equal(["a.example", "b.example"], first.Destinations.Select(d => d.Domain));
        Assert.Equal(["c.example"], second.Destinations.Select(d => d.Domain));
        Assert.Null(second.Next);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
    }

    [Fact]
    public async Task HEAD_answers_as_GET_does_without_the_body()
    {
        await using var api = await ApiFixture.StartAsync(Routes);
        foreach (var path in (string[])["/api/v1/routes", "/api/v1/nothing", "/health/live", "/metrics", "/xml/status"])
        {
            using var get = await api.Http.GetAsync(new Uri(path, UriKind.Relative));
            using var request = new HttpRequestMessage(HttpMethod.Head, new Uri(path, UriKind.Relative));
            using var head = await api.Http.SendAsync(request);

            Assert.Equal((path, get.StatusCode), (path, head.StatusCode));
            Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
            Assert.Equal(get.Headers.ETag, head.Headers.ETag);
            Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task Hosts_come_in_pages()
    {
        await using var api = await ApiFixture.StartAsync(Routes);
        await GetAsync<List<AddressReport>>(api, "/api/v1/routes/test?address=a@example.com&address=b@c.example");

        var first = await GetAsync<HostsPage>(api, "/api/v1/hosts?limit=2");
        var second = await GetAsync<HostsPage>(api, $"/api/v1/hosts?limit=2&after={first.Next}");

        Assert.Equal(["192.0.2.10:25", "192.0.2.20:25"], first.Hosts.Select(h => h.Host));
        Assert.Equal("192.0.2.30:25", Assert.Single(second.Hosts).Host);
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task A_file_that_is_refused_to_the_gateway_is_told_as_a_disk_that_fails_is()
    {
        await using var api = await ApiFixture.StartAsync();

        using var answer = await api.Http.GetAsync(
            new Uri($"/api/v1/routes/history/{ApiFixture.Denied}", UriKind.Relative));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("permission denied", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(api.Told);
    }

    [Fact]
    public async Task Dns_is_flushed_on_request()
    {
        await using var api = await ApiFixture.StartAsync();
        await PostAsync<JsonElement>(api, "/api/v1/dns/flush");
        Assert.Equal(1, api.Flushes);
    }

    [Theory]
    [InlineData("/api/v1/hosts/10.1", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/hosts/192.0.2.99", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/hosts?limit=0", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/hosts?limit=100000", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/messages/12", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/messages/x", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/routes/test", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/routes/test?address=%20", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/nothing", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/destinations?sort=size", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/destinations?limit=1001", HttpStatusCode.BadRequest)]
    [InlineData("/health/proof/0", HttpStatusCode.BadRequest)]
    public async Task What_is_wrong_is_told_as_problem_details(string path, HttpStatusCode expected)
    {
        await using var api = await ApiFixture.StartAsync();

        using var answer = await api.Http.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.NotEmpty(json.RootElement.GetProperty("detail").GetString()!);
    }

    [Fact]
    public void The_token_file_is_made_once_for_its_owner_alone_and_refused_when_others_can_read_it()
    {
        var folder = Directory.CreateTempSubdirectory("postern-token-").FullName;
        try
        {
            var file = Path.Combine(folder, "api-token");
            var token = ApiToken.ReadOrMake(file);
            Assert.Equal(64, token.Length);
            Assert.Equal(token, ApiToken.ReadOrMake(file));
            if (OperatingSystem.IsWindows()) return;
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));

            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead);
            Assert.Contains("chmod 600", Assert.Throws<IOException>(() => ApiToken.ReadOrMake(file)).Message,
                StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<T> GetAsync<T>(ApiFixture api, string path) =>
        (await api.Http.GetFromJsonAsync<T>(new Uri(path, UriKind.Relative), ApiJson.Options))!;

    private static async Task<T> PostAsync<T>(ApiFixture api, string path, string body = "")
    {
        using var content = new StringContent(body);
        using var answer = await api.Http.PostAsync(new Uri(path, UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<T>(ApiJson.Options))!;
    }
}
