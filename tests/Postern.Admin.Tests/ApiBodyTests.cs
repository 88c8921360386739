using System.Net;
using System.Text;

namespace Postern.Admin.Tests;

/// <summary>What a body of a request may be, and what of it is understood.</summary>
public sealed class ApiBodyTests : IAsyncLifetime
{
    private const string New = "/api/v1/routes/new";
    private ApiFixture api = null!;

    public async ValueTask InitializeAsync() => api = await ApiFixture.StartAsync("example.com 192.0.2.10\n");

    public ValueTask DisposeAsync() => api.DisposeAsync();

    [Fact]
    public async Task Parameters_may_be_the_members_of_an_object_and_stand_in_the_audit_log()
    {
        var (status, _) = await PostAsync(New,
            """{"key": "a.example", "hosts": "10.0.0.1", "option": ["hosts=turns", "hold_for_probe=5s"]}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("a.example 10.0.0.1 hosts=turns hold_for_probe=5s\n", await File.ReadAllTextAsync(api.RoutesFile));
        var audit = await api.Http.GetStringAsync(new Uri("/api/v1/audit", UriKind.Relative));
        Assert.Contains("\"hosts\":\"10.0.0.1\"", audit, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"all": true}""", HttpStatusCode.OK, "")]
    [InlineData("""{"all": false}""", HttpStatusCode.BadRequest, "Say all=true")]
    [InlineData("""{"all": "True"}""", HttpStatusCode.BadRequest, "all is true or false")]
    [InlineData("""{"al": true}""", HttpStatusCode.BadRequest, "'al' is no parameter")]
    [InlineData("""{"all": {"x": true}}""", HttpStatusCode.BadRequest, "'all' is a text")]
    [InlineData("""{"all": []}""", HttpStatusCode.BadRequest, "'all' is a text")]
    [InlineData("""{"all": null}""", HttpStatusCode.BadRequest, "'all' is a text")]
    [InlineData("""{"all": "\ud800"}""", HttpStatusCode.BadRequest, "not JSON")]
    [InlineData("""{"\udc00": true}""", HttpStatusCode.BadRequest, "not JSON")]
    [InlineData("""{"all": true, "all": true}""", HttpStatusCode.BadRequest, "not JSON")]
    [InlineData("""["all"]""", HttpStatusCode.BadRequest, "is an object")]
    [InlineData("""{"all": true""", HttpStatusCode.BadRequest, "not JSON")]
    public async Task What_is_not_understood_changes_nothing(string body, HttpStatusCode expected, string says)
    {
        var (status, text) = await PostAsync("/api/v1/routes/clear", body);

        Assert.Equal(expected, status);
        Assert.Contains(says, text, StringComparison.Ordinal);
        Assert.Equal(expected != HttpStatusCode.OK, !File.Exists(api.RoutesFile));
    }

    [Fact]
    public async Task A_parameter_stands_in_one_place()
    {
        var (status, text) = await PostAsync("/api/v1/routes/clear?all=true", """{"all": true}""");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("'all' stands in the query and in the body", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/routes/clear?all=true", "all=true", "application/x-www-form-urlencoded")]
    [InlineData("/api/v1/routes/clear?all=true", "{}", "text/plain")]
    [InlineData("/api/v1/routes/import", "{}", "application/json")]
    [InlineData("/api/v1/routes/import", "a.example x", "multipart/form-data")]
    public async Task A_body_of_another_type_than_the_operation_has_is_415(string path, string body, string type)
    {
        var (status, text) = await PostAsync(path, body, type);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, status);
        Assert.Contains(type, text, StringComparison.Ordinal);
        Assert.False(File.Exists(api.RoutesFile));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/octet-stream")]
    public async Task A_routes_file_is_taken_by_whatever_type_a_client_has_for_it(string type)
    {
        var (status, text) = await PostAsync("/api/v1/routes/import", "a.example 10.0.0.1\n", type);

        Assert.True(status == HttpStatusCode.OK, text);
        Assert.Contains("a.example", File.ReadAllText(api.RoutesFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_with_parameters_in_its_body_is_known_when_it_comes_again()
    {
        const string Body = """{"key": "a.example", "hosts": "10.0.0.1"}""";
        var first = await PostAsync(New, Body, key: "k");
        var second = await PostAsync(New, Body, key: "k");
        var other = await PostAsync(New, """{"key": "b.example", "hosts": "10.0.0.1"}""", key: "k");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.UnprocessableEntity),
            (first.Status, second.Status, other.Status));
        Assert.Equal(first.Text, second.Text);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_told_as_a_problem()
    {
        foreach (var (path, type) in ((string, string)[])[
            ("/api/v1/profiles/new?name=x&username=y", "text/plain"), ("/api/v1/routes/clear", "application/json")])
        {
            var (status, text) = await PostAsync(path, new string(' ', 1_000_001), type);

            Assert.Equal((path, HttpStatusCode.RequestEntityTooLarge), (path, status));
            Assert.Contains("\"detail\"", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task More_keys_than_are_described_are_refused_and_none_of_them_is_deleted()
    {
        var keys = string.Join(',', Enumerable.Range(0, 1001).Select(i => $"\"a{i}.example\""));

        var (status, text) = await PostAsync("/api/v1/routes/delete", $"{{\"key\": [{keys}]}}");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("More than 1000 keys", text, StringComparison.Ordinal);
    }

    private async Task<(HttpStatusCode Status, string Text)> PostAsync(
        string path, string body, string type = "application/json", string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative))
        {
            Content = new StringContent(body, Encoding.UTF8, type),
        };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        using var answer = await api.Http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
