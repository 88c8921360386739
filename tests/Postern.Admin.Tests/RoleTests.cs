using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Postern.Admin.Accounts;

namespace Postern.Admin.Tests;

/// <summary>
/// Who may do what over the API: every operation of the OpenAPI document is asked without a token, and with one of each
/// role (contract §6, hardening §4.1).
/// </summary>
public sealed class RoleTests : IAsyncLifetime
{
    /// <summary>What each role may beside the one before it. An operation that is new has to be put here.</summary>
    private static readonly Dictionary<string, AccountRole> least = new(StringComparer.Ordinal)
    {
        ["listHosts"] = AccountRole.Viewer,
        ["showHost"] = AccountRole.Viewer,
        ["testRoutes"] = AccountRole.Viewer,
        ["showMessage"] = AccountRole.Viewer,
        ["showStatus"] = AccountRole.Viewer,
        ["showSeries"] = AccountRole.Viewer,
        ["showSpool"] = AccountRole.Viewer,
        ["verifySpool"] = AccountRole.Operator,
        ["listAlerts"] = AccountRole.Viewer,
        ["listDestinations"] = AccountRole.Viewer,
        ["showFlow"] = AccountRole.Viewer,
        ["streamEvents"] = AccountRole.Viewer,
        ["listQueue"] = AccountRole.Viewer,
        ["countQueue"] = AccountRole.Viewer,
        ["listRoutes"] = AccountRole.Viewer,
        ["listRouteVersions"] = AccountRole.Viewer,
        ["exportRoutes"] = AccountRole.Viewer,
        ["showRouteVersion"] = AccountRole.Viewer,
        ["listProfiles"] = AccountRole.Viewer,
        ["showSuspensions"] = AccountRole.Viewer,
        ["findMessages"] = AccountRole.Viewer,
        ["tellMessage"] = AccountRole.Viewer,
        ["showHostHour"] = AccountRole.Viewer,
        ["lastLines"] = AccountRole.Viewer,
        ["tellIncoming"] = AccountRole.Viewer,
        ["tellOutgoing"] = AccountRole.Viewer,
        ["drainHost"] = AccountRole.Operator,
        ["undrainHost"] = AccountRole.Operator,
        ["retryHost"] = AccountRole.Operator,
        ["flushDns"] = AccountRole.Operator,
        ["deleteRecipients"] = AccountRole.Operator,
        ["bounceRecipients"] = AccountRole.Operator,
        ["deliverNow"] = AccountRole.Operator,
        ["redirectRecipients"] = AccountRole.Operator,
        ["showMessageHeaders"] = AccountRole.Operator,
        ["exportMessage"] = AccountRole.Operator,
        ["suspendDelivery"] = AccountRole.Operator,
        ["resumeDelivery"] = AccountRole.Operator,
        ["suspendListener"] = AccountRole.Operator,
        ["resumeListener"] = AccountRole.Operator,
    };

    private static readonly string[] open = ["live", "ready", "prove"];

    private ApiFixture api = null!;

    public async ValueTask InitializeAsync() => api = await ApiFixture.StartAsync("example.com 10.0.0.1\n");

    public ValueTask DisposeAsync() => api.DisposeAsync();

    [Fact]
    public async Task Every_operation_answers_401_without_a_token_and_403_below_its_role_and_nothing_else_does()
    {
        var tokens = new Dictionary<AccountRole, string>();
        foreach (var role in Enum.GetValues<AccountRole>())
            tokens[role] = (await api.Tokens.IssueAsync($"{role}", role, 1))!.Secret;
        var operations = await OperationsAsync();
        Assert.Empty(least.Keys.Except(operations.Select(o => o.Name)));

        foreach (var (name, method, path, description) in operations)
        {
            if (open.Contains(name)) continue;
            Assert.Equal((name, HttpStatusCode.Unauthorized), (name, await StatusAsync(method, path, null)));
            Assert.Equal((name, HttpStatusCode.Unauthorized), (name, await StatusAsync(method, path, "x")));
            var needed = least.GetValueOrDefault(name, AccountRole.Administrator);
            Assert.Equal($"Least role: {needed.Word()}.", description);
            foreach (var (role, token) in tokens)
            {
                var status = await StatusAsync(method, path, token);
                Assert.Equal((name, role, role < needed), (name, role, status == HttpStatusCode.Forbidden));
                Assert.NotEqual(HttpStatusCode.Unauthorized, status);
            }
        }
    }

    [Fact]
    public async Task A_token_of_a_program_reads_what_monitors_read_and_opens_nothing_once_it_is_revoked()
    {
        var made = (await api.Tokens.IssueAsync("prometheus", AccountRole.Viewer, 1))!;
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("GET", "/metrics", made.Secret));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("GET", "/xml/status", made.Secret));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("POST", "/api/v1/dns/flush", made.Secret));
        Assert.Equal(0, api.Flushes);
        var entry = Assert.Single(api.Audit.Read(null, "", 10)!.Entries);
        Assert.Equal(("token prometheus", "flushDns is for the role operator or above."), (entry.Who, entry.Detail));

        await api.Tokens.RevokeAsync(made.Token.Id);

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("GET", "/metrics", made.Secret));
    }

    [Fact]
    public async Task A_redirect_sends_no_credentials_unless_an_administrator_says_so()
    {
        const string Redirect = "/api/v1/queue/redirect?all=true&to=192.0.2.99%20auth%3Doffice";
        var one = (await api.Tokens.IssueAsync("helpdesk", AccountRole.Operator, 1))!.Secret;
        foreach (var host in (string[])["10.0.0.1", "192.0.2.98", "192.0.2.99"])
            Assert.Equal(HttpStatusCode.OK, await StatusAsync("POST", $"/api/v1/hosts/{host}/drain", one));
        await api.AcceptAsync("bob@example.com");

        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("POST", Redirect, one));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(
            "POST", "/api/v1/queue/redirect?all=true&to=192.0.2.98", one));

        using var done = await JsonAsync("POST", Redirect);
        Assert.Equal(1, done.RootElement.GetProperty("messages").GetInt32());
    }

    [Fact]
    public async Task Tokens_are_made_listed_and_revoked_over_the_API_and_the_secret_is_told_once()
    {
        using var made = await JsonAsync("POST", "/api/v1/tokens/new?name=robot&role=operator&days=30");
        var secret = made.RootElement.GetProperty("secret").GetString()!;
        var id = made.RootElement.GetProperty("token").GetProperty("id").GetString()!;
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("GET", "/api/v1/status", secret));

        using var list = await JsonAsync("GET", "/api/v1/tokens");
        Assert.Equal("robot", Assert.Single(list.RootElement.GetProperty("tokens").EnumerateArray())
            .GetProperty("name").GetString());
        Assert.DoesNotContain(secret, list.RootElement.GetRawText(), StringComparison.Ordinal);
        using var revoked = await JsonAsync("POST", $"/api/v1/tokens/revoke?id={id}");
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("GET", "/api/v1/status", secret));
        var log = await File.ReadAllTextAsync(Path.Combine(api.LogFolder, "audit.log"));
        Assert.DoesNotContain(secret.Split('_')[2], log, StringComparison.Ordinal);
        Assert.Contains(id, log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("new?name=a%20b", "is no name")]
    [InlineData("new?name=a&role=god", "role is viewer, operator, administrator")]
    [InlineData("new?name=a&days=0", "days is 1 to 3650")]
    public async Task What_is_wrong_is_told_and_makes_no_token(string request, string says)
    {
        using var problem = await JsonAsync("POST", $"/api/v1/tokens/{request}");
        Assert.Contains(says, problem.RootElement.GetProperty("detail").GetString()!, StringComparison.Ordinal);
        Assert.Empty(api.Tokens.Read());
    }

    private async Task<List<(string Name, string Method, string Path, string? Description)>> OperationsAsync()
    {
        using var document = await JsonAsync("GET", "/api/v1/openapi.json");
        return
        [
            .. from path in document.RootElement.GetProperty("paths").EnumerateObject()
               from method in path.Value.EnumerateObject()
               select (method.Value.GetProperty("operationId").GetString()!, method.Name.ToUpperInvariant(),
                   path.Name.Replace("{mid}", "1", StringComparison.Ordinal)
                       .Replace("{host}", "10.0.0.1", StringComparison.Ordinal),
                   method.Value.TryGetProperty("description", out var text) ? text.GetString() : null),
        ];
    }

    private async Task<HttpStatusCode> StatusAsync(string method, string path, string? token)
    {
        using var http = new HttpClient { BaseAddress = api.Http.BaseAddress };
        if (token is not null)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return answer.StatusCode;
    }

    private async Task<JsonDocument> JsonAsync(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        using var answer = await api.Http.SendAsync(request);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
    }
}
