using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Postern.Admin.Tests;

/// <summary>The OpenAPI document, held against what the API does (contract §6).</summary>
public sealed class ApiDocumentTests : IAsyncLifetime
{
    private const string Routes = "example.com 10.0.0.1\n";
    private ApiFixture _api = null!;
    private JsonDocument _document = null!;

    private sealed record Operation(string Method, string Path, JsonElement Described)
    {
        public bool IsOpen => Described.GetProperty("security").GetArrayLength() == 0;
        public IEnumerable<JsonElement> Parameters =>
            Described.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray() : [];
    }

    public async ValueTask InitializeAsync()
    {
        _api = await ApiFixture.StartAsync(Routes);
        // Every path names something that is there.
        using var drain = await _api.Http.PostAsync(new Uri("/api/v1/hosts/10.0.0.1/drain", UriKind.Relative), null);
        _api.PutToken("00c0ffee");
        // The operations on accounts come in the order new, edit, reset, delete.
        _api.Accounts.Reset();
        var text = await _api.Http.GetStringAsync(new Uri("/api/v1/openapi.json", UriKind.Relative));
        _document = JsonDocument.Parse(text);
    }

    public ValueTask DisposeAsync()
    {
        _document.Dispose();
        return _api.DisposeAsync();
    }

    [Fact]
    public void Every_operation_is_described()
    {
        Assert.StartsWith("3.1", _document.RootElement.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            [
                "GET /api/v1/accounts", "GET /api/v1/alerts", "GET /api/v1/audit", "GET /api/v1/audit/verification",
                "GET /api/v1/destinations", "GET /api/v1/events", "GET /api/v1/flow",
                "GET /api/v1/hosts", "GET /api/v1/hosts/{host}", "GET /api/v1/hosts/{host}/hour",
                "GET /api/v1/log/incoming/{icid}", "GET /api/v1/log/lines",
                "GET /api/v1/log/messages", "GET /api/v1/log/messages/{mid}", "GET /api/v1/log/outgoing/{dcid}",
                "GET /api/v1/messages/{mid}", "GET /api/v1/messages/{mid}/content",
                "GET /api/v1/messages/{mid}/headers", "GET /api/v1/profiles", "GET /api/v1/queue",
                "GET /api/v1/queue/count",
                "GET /api/v1/routes", "GET /api/v1/routes/file", "GET /api/v1/routes/history",
                "GET /api/v1/routes/history/{version}",
                "GET /api/v1/routes/test", "GET /api/v1/spool", "GET /api/v1/spool/verification", "GET /api/v1/status",
                "GET /api/v1/status/series",
                "GET /api/v1/suspensions", "GET /api/v1/tokens",
                "GET /health/live", "GET /health/proof/{nonce}", "GET /health/ready",
                "POST /api/v1/accounts/delete", "POST /api/v1/accounts/edit", "POST /api/v1/accounts/end-sessions",
                "POST /api/v1/accounts/new", "POST /api/v1/accounts/reset", "POST /api/v1/accounts/reset-totp",
                "POST /api/v1/delivery/resume", "POST /api/v1/delivery/suspend", "POST /api/v1/dns/flush",
                "POST /api/v1/hosts/{host}/drain", "POST /api/v1/hosts/{host}/retry",
                "POST /api/v1/hosts/{host}/undrain",
                "POST /api/v1/listeners/resume", "POST /api/v1/listeners/suspend", "POST /api/v1/profiles/delete",
                "POST /api/v1/profiles/edit", "POST /api/v1/profiles/new", "POST /api/v1/queue/bounce",
                "POST /api/v1/queue/delete", "POST /api/v1/queue/deliver", "POST /api/v1/queue/redirect",
                "POST /api/v1/routes/clear", "POST /api/v1/routes/delete", "POST /api/v1/routes/edit",
                "POST /api/v1/routes/import", "POST /api/v1/routes/new", "POST /api/v1/routes/preview",
                "POST /api/v1/routes/reload", "POST /api/v1/routes/rollback", "POST /api/v1/tokens/new",
                "POST /api/v1/tokens/revoke",
            ],
            Operations().Select(o => $"{o.Method} {o.Path}").Order(StringComparer.Ordinal));
        Assert.All(Operations(), operation =>
        {
            Assert.NotEmpty(operation.Described.GetProperty("summary").GetString()!);
            Assert.All(operation.Parameters, p => Assert.NotEmpty(p.GetProperty("description").GetString()!));
            Assert.Equal(operation.Path.Count(c => c == '{'),
                operation.Parameters.Count(p => p.GetProperty("in").GetString() == "path"));
            Assert.Equal(!operation.IsOpen, Responses(operation).ContainsKey("401"));
        });
        Assert.Equal("bearer", _document.RootElement.GetProperty("components").GetProperty("securitySchemes")
            .GetProperty("token").GetProperty("scheme").GetString());
    }

    [Fact]
    public async Task Without_the_token_every_operation_but_the_open_ones_answers_401()
    {
        _api.Http.DefaultRequestHeaders.Authorization = null;
        foreach (var operation in Operations())
        {
            using var answer = await AskAsync(operation);
            Assert.Equal(operation.IsOpen, answer.StatusCode != HttpStatusCode.Unauthorized);
            if (!operation.IsOpen) Assert.Equal("application/problem+json", MediaType(answer));
        }
    }

    [Fact]
    public async Task With_the_token_every_operation_answers_as_described()
    {
        _api.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiFixture.Token);
        var mid = await _api.AcceptAsync("bob@example.com");
        foreach (var operation in Operations())
        {
            using var answer = await AskAsync(operation, mid.Value);
            Assert.Equal((operation.Path, HttpStatusCode.OK), (operation.Path, answer.StatusCode));
            // Only what is asked to tell how far it is has another form besides.
            var described = Responses(operation)["200"].GetProperty("content").EnumerateObject()
                .Single(form => form.Name == MediaType(answer));
            if (described.Name != "application/json") continue;
            using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            Matches(body.RootElement, described.Value.GetProperty("schema"), operation.Path);
        }
    }

    [Fact]
    public async Task What_is_asked_wrongly_is_answered_by_a_problem_that_is_described()
    {
        foreach (var operation in Operations().Where(o => o.Parameters.Any() && !o.IsOpen))
        {
            var path = operation.Path.Replace("{host}", "10.1", StringComparison.Ordinal)
                .Replace("{mid}", "x", StringComparison.Ordinal) + "?limit=0&host=a..b&mid=x&name=none";
            using var answer = await SendAsync(operation, path);
            Assert.Contains((int)answer.StatusCode, (int[])[400, 404]);
            Assert.Equal(MediaType(answer), Responses(operation)[$"{(int)answer.StatusCode}"].GetProperty("content")
                .EnumerateObject().Single().Name);
        }
    }

    [Fact]
    public async Task Every_operation_that_changes_something_stands_in_the_audit_log()
    {
        // They change nothing: what is written down is the edit that a program has made or shows.
        string[] others = ["previewRoutes", "reloadRoutes"];
        _api.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiFixture.Token);
        var mid = await _api.AcceptAsync("bob@example.com");
        foreach (var operation in Operations().Where(o => o.Method != "GET"))
        {
            var name = operation.Described.GetProperty("operationId").GetString()!;
            using (await AskAsync(operation, mid.Value)) { }
            using var log = JsonDocument.Parse(await _api.Http.GetStringAsync(
                new Uri("/api/v1/audit?limit=1", UriKind.Relative)));
            var last = log.RootElement.GetProperty("entries")[0].GetProperty("action").GetString();
            Assert.Equal((name, !others.Contains(name)), (name, last == name));
        }
    }

    // Every member that is answered is described, with the type that it has, and every one described is answered.
    private void Matches(JsonElement value, JsonElement schema, string where)
    {
        schema = Resolved(schema);
        if (schema.TryGetProperty("oneOf", out var choices))
        {
            var fitting = choices.EnumerateArray().Select(Resolved).Where(choice => IsOf(value, choice)).ToList();
            Assert.True(fitting.Count > 0, $"{where} is {value.ValueKind}, which is none of {choices.GetRawText()}");
            schema = fitting[0];
        }
        Assert.True(IsOf(value, schema), $"{where} is {value.GetRawText()}, not as in {schema.GetRawText()}");
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray()) Matches(item, schema.GetProperty("items"), $"{where}[]");
        }
        if (value.ValueKind != JsonValueKind.Object) return;
        var properties = schema.TryGetProperty("properties", out var named)
            ? named.EnumerateObject().ToDictionary(p => p.Name, p => p.Value) : [];
        foreach (var name in properties.Keys)
            Assert.True(value.TryGetProperty(name, out _), $"{where}.{name} is described and missing");
        foreach (var member in value.EnumerateObject())
        {
            var isDescribed = properties.TryGetValue(member.Name, out var described)
                || schema.TryGetProperty("additionalProperties", out described);
            Assert.True(isDescribed, $"{where}.{member.Name} is not described");
            Matches(member.Value, described, $"{where}.{member.Name}");
        }
    }

    private JsonElement Resolved(JsonElement schema)
    {
        while (schema.TryGetProperty("$ref", out var reference))
        {
            schema = reference.GetString()!.Split('/')[1..].Aggregate(
                _document.RootElement, (element, name) => element.GetProperty(name));
        }
        return schema;
    }

    private static bool IsOf(JsonElement value, JsonElement schema)
    {
        if (schema.TryGetProperty("enum", out var words))
            return words.EnumerateArray().Any(word => JsonElement.DeepEquals(word, value));
        if (!schema.TryGetProperty("type", out var type)) return false;
        var types = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().ToList() : [type];
        return types.Exists(one => (one.GetString(), value.ValueKind) switch
        {
            ("null", JsonValueKind.Null) or ("string", JsonValueKind.String) => true,
            ("boolean", JsonValueKind.True or JsonValueKind.False) or ("number", JsonValueKind.Number) => true,
            ("integer", JsonValueKind.Number) => value.TryGetInt64(out _),
            ("array", JsonValueKind.Array) or ("object", JsonValueKind.Object) => true,
            _ => false,
        });
    }

    private IReadOnlyList<Operation> Operations() =>
    [
        .. from path in _document.RootElement.GetProperty("paths").EnumerateObject()
           from method in path.Value.EnumerateObject()
           select new Operation(method.Name.ToUpperInvariant(), path.Name, method.Value),
    ];

    private static Dictionary<string, JsonElement> Responses(Operation operation) =>
        operation.Described.GetProperty("responses").EnumerateObject().ToDictionary(r => r.Name, r => r.Value);

    // By the examples of the document alone, but for the message, which must be there.
    private Task<HttpResponseMessage> AskAsync(Operation operation, long mid = 1)
    {
        var path = operation.Path.Replace("{mid}", $"{mid}", StringComparison.Ordinal);
        var query = new StringBuilder();
        foreach (var parameter in operation.Parameters)
        {
            var name = parameter.GetProperty("name").GetString()!;
            if (!parameter.TryGetProperty("example", out var example)) continue;
            var value = Uri.EscapeDataString(
                example.ValueKind == JsonValueKind.String ? example.GetString()! : example.GetRawText());
            if (parameter.GetProperty("in").GetString() == "path")
                path = path.Replace($"{{{name}}}", value, StringComparison.Ordinal);
            else query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(value);
        }
        return SendAsync(operation, path + query);
    }

    private async Task<HttpResponseMessage> SendAsync(Operation operation, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(operation.Method), new Uri(path, UriKind.Relative));
        if (operation.Described.TryGetProperty("requestBody", out var body)
            && body.GetProperty("content").TryGetProperty("text/plain", out _))
            request.Content = new StringContent(Routes);
        // What streams has no end.
        return await _api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static string MediaType(HttpResponseMessage answer) => answer.Content.Headers.ContentType!.MediaType!;
}
