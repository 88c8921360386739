using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Postern.Admin;

namespace Postern.Tests.Running;

/// <summary>Edits of the table over the API of a running gateway, on a real file.</summary>
public sealed class RouteApiTests : IAsyncLifetime
{
    private const string Before = "# head office\nexample.com  10.0.0.1 # why\n\nALL smarthost.example\n";
    private readonly WorkFolder work = new();
    private RunningGateway running = null!;

    public async ValueTask InitializeAsync()
    {
        work.Write("smtproutes", Before);
        running = await RunningGateway.StartAsync(work);
    }

    public async ValueTask DisposeAsync()
    {
        await running.DisposeAsync();
        work.Dispose();
    }

    [Fact]
    public async Task An_edit_keeps_the_rest_of_the_file_and_is_in_force_when_it_answers()
    {
        var added = await PostAsync("new?key=partner.example&hosts=10.0.0.3:26&option=hosts%3Dfirst-up");
        Assert.Equal(["partner.example"], added.Added);
        Assert.Equal(3, added.Routes);
        Assert.Equal(3, running.Gateway.Routes.Count);
        await PostAsync("edit?key=Example.COM&hosts=10.0.0.2");
        Assert.Equal("# head office\nexample.com  10.0.0.2 # why\n\nALL smarthost.example\n"
            + "partner.example 10.0.0.3:26 hosts=first-up\n", FileText());

        var page = (await running.Http.GetFromJsonAsync<RoutesPage>(Uri("?search=PARTNER&limit=1"), ApiJson.Options))!;
        var route = Assert.Single(page.Routes);
        Assert.Equal(("partner.example", "hosts", "hosts=first-up", 3, (string?)null),
            (route.Key, route.Kind, route.Options, page.Total, page.Next));
        Assert.Equal(new RouteHostForm("10.0.0.3", false, 26, 0, 1), Assert.Single(route.Hosts));

        var history = (await running.Http.GetFromJsonAsync<List<RouteVersion>>(Uri("/history"), ApiJson.Options))!;
        Assert.Equal(["edited by hand", "new partner.example (API, token)", "edit Example.COM (API, token)"],
            history.Select(v => v.Change));
        var kept = await running.Http.GetAsync(Uri($"/history/{history[0].Number}"));
        Assert.Equal((Before, "text/plain"),
            (await kept.Content.ReadAsStringAsync(), kept.Content.Headers.ContentType!.MediaType));
        Assert.Equal(HttpStatusCode.NotFound, (await running.Http.GetAsync(Uri("/history/99"))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await running.Http.GetAsync(Uri("/history/x"))).StatusCode);
        await PostAsync($"rollback?version={history[0].Number}");
        Assert.Equal(Before, FileText());
        Assert.Equal(2, running.Gateway.Routes.Count);
        Assert.Equal(["ALL"], (await PostAsync("delete?key=ALL")).Removed);
    }

    [Theory]
    [InlineData("new?key=a.example&hosts=192.168.10", "exactly four decimal octets")]
    [InlineData("new?key=a..b&hosts=h:99999%2Fpri%3Dx,192.168.10&option=foo", "a..b")]
    [InlineData("new?key=a..b&hosts=h:99999%2Fpri%3Dx,192.168.10&option=foo", "99999")]
    [InlineData("new?key=a..b&hosts=h:99999%2Fpri%3Dx,192.168.10&option=foo", "priority 'x'")]
    [InlineData("new?key=a..b&hosts=h:99999%2Fpri%3Dx,192.168.10&option=foo", "exactly four decimal octets")]
    [InlineData("new?key=a..b&hosts=h:99999%2Fpri%3Dx,192.168.10&option=foo", "'foo' is no option")]
    [InlineData("new?key=example.com&hosts=10.0.0.2", "there is a route for example.com already")]
    [InlineData("new?key=a.example", "hosts is missing")]
    [InlineData("new?key=a.example&hosts=b.example%0AALL%20evil.example", "control character")]
    [InlineData("new?key=a.example&hosts=b.example&option=auth%3Dnobody", "the profile 'nobody' is not defined")]
    [InlineData("edit?key=a.example&hosts=b.example", "there is no route for a.example")]
    [InlineData("delete?key=a.example", "there is no route for a.example")]
    [InlineData("rollback?version=99", "There is no version 99")]
    public async Task What_is_wrong_is_told_and_changes_nothing(string request, string detail)
    {
        using var answer = await running.Http.PostAsync(Uri("/" + request), null);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(detail, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(Before, FileText());
    }

    [Fact]
    public async Task An_edit_of_what_somebody_else_has_changed_is_refused_and_names_it()
    {
        var (table, route) = await LookAsync("example.com");
        Assert.Equal(HttpStatusCode.OK, await TryAsync("edit?key=example.com&hosts=10.0.0.2", table));

        var (status, detail) = await RefusedAsync("edit?key=example.com&hosts=10.0.0.3", table);
        Assert.Equal(HttpStatusCode.PreconditionFailed, status);
        Assert.Contains("changed meanwhile: example.com (20", detail, StringComparison.Ordinal);
        Assert.Contains(": edit example.com (API, token))", detail, StringComparison.Ordinal);
        (status, detail) = await RefusedAsync("edit?key=example.com&hosts=10.0.0.3", route);
        Assert.Equal(HttpStatusCode.PreconditionFailed, status);
        Assert.Contains("example.com is '10.0.0.2' now", detail, StringComparison.Ordinal);
        (status, detail) = await RefusedAsync("delete?key=gone.example", route);
        Assert.Equal(HttpStatusCode.PreconditionFailed, status);
        Assert.Contains("there is no route gone.example now", detail, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await RefusedAsync("rollback?version=1", table)).Status);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await RefusedAsync("clear?all=true", table)).Status);
        Assert.Equal(HttpStatusCode.PreconditionFailed,
            (await RefusedAsync("edit?key=example.com&hosts=10.0.0.3", $"W/{table}")).Status);
        Assert.Equal(Before.Replace("10.0.0.1", "10.0.0.2", StringComparison.Ordinal), FileText());
    }

    [Fact]
    public async Task Two_people_who_edit_two_routes_do_not_disturb_each_other()
    {
        var (_, route) = await LookAsync("example.com");
        await PostAsync("edit?key=ALL&hosts=other.example");

        Assert.Equal(HttpStatusCode.OK, await TryAsync("edit?key=example.com&hosts=10.0.0.2", route));
        // The next version is in the answer of the edit and in the list.
        var (table, next) = await LookAsync("example.com");
        Assert.NotEqual(route, next);
        Assert.Equal(HttpStatusCode.OK, await TryAsync("edit?key=example.com&hosts=10.0.0.3", table));
        Assert.Equal(HttpStatusCode.OK, await TryAsync("edit?key=example.com&hosts=10.0.0.4", "*"));
    }

    [Fact]
    public async Task The_file_goes_out_and_in_and_is_emptied()
    {
        using var file = await running.Http.GetAsync(Uri("/file"));
        Assert.Equal(Before, await file.Content.ReadAsStringAsync());
        Assert.Equal("text/plain", file.Content.Headers.ContentType!.MediaType);
        Assert.Equal((await LookAsync("ALL")).Table, file.Headers.ETag!.ToString());

        const string Source = "example.com 10.0.0.9\nnew.example 10.0.0.8\n";
        var preview = await PreviewAsync("?merge=true", Source);
        Assert.Equal(("new.example", "example.com"), (Assert.Single(preview.Added), Assert.Single(preview.Altered)));
        Assert.Empty(preview.Removed);
        Assert.Equal(["ALL"], (await PreviewAsync("", Source)).Removed);
        // Preview and import name the line of the file that was given, not that which it would have behind the others.
        const string Wrong = "a.example x\nb.example 1.2.3\nc.example y:0\n";
        Assert.Equal([2, 3], (await PreviewAsync("?merge=true", Wrong)).Errors.Select(error => error.Line));
        var (status, detail) = await RefusedAsync("import?merge=true", null, Wrong);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Matches("^line 2, column 11: .*; line 3, column 13: ", detail);
        Assert.Equal(Before, FileText());
        var merged = await PostAsync("import?merge=true", Source);
        Assert.Equal((3, 2, "new.example", "example.com"),
            (merged.Routes, merged.Changes, Assert.Single(merged.Added), Assert.Single(merged.Altered)));
        Assert.Contains("10.0.0.9 # why", FileText(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await RefusedAsync("import", null, "a.example 1.2.3\n")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await RefusedAsync("clear", null)).Status);
        // What is mistyped and what is empty must not replace the table.
        var before = FileText();
        Assert.Contains("merge is true or false",
            (await RefusedAsync("import?merge=True", null, "a.example b.example\n")).Detail, StringComparison.Ordinal);
        Assert.Contains("would delete all routes",
            (await RefusedAsync("import", null, "# nothing\n")).Detail, StringComparison.Ordinal);
        Assert.Equal(before, FileText());
        var replaced = await PostAsync("import", "# new\nonly.example 10.0.0.7\n");
        Assert.Equal((1, 4), (replaced.Routes, replaced.Changes));
        Assert.Equal("# new\nonly.example 10.0.0.7\n", FileText());
        Assert.Equal(["only.example"], (await PostAsync("clear?all=true")).Removed);
        Assert.Equal(0, running.Gateway.Routes.Count);
        Assert.Equal("# new\n", FileText());
        await PostAsync("import", "a.example 10.0.0.7\n");
        Assert.Equal(["a.example"], (await PostAsync("import?all=true", "# none\n")).Removed);
    }

    [Fact]
    public async Task A_file_that_is_missing_does_not_begin_anew_with_one_route()
    {
        await PostAsync("edit?key=example.com&hosts=10.0.0.2");
        File.Delete(work.PathOf("smtproutes"));

        foreach (var (request, body) in new[]
        {
            ("new?key=new.example&hosts=10.0.0.3", ""), ("edit?key=ALL&hosts=10.0.0.3", ""), ("delete?key=ALL", ""),
            ("clear?all=true", ""), ("import?merge=true", "new.example 10.0.0.3\n"),
        })
        {
            var (status, detail) = await RefusedAsync(request, null, body);
            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.Contains("is missing; 'postern smtproutes rollback 2' puts", detail, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(work.PathOf("smtproutes")));
        Assert.Equal(2, running.Gateway.Routes.Count);
        // A whole table is compared with the one that mail goes by.
        const string Whole = "only.example 10.0.0.7\n";
        Assert.Equal(["ALL", "example.com"], (await PreviewAsync("", Whole)).Removed.Order(StringComparer.Ordinal));
        Assert.Equal(
            ["ALL", "example.com"], (await PostAsync("import", Whole)).Removed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_takes_the_place_of_a_wrong_file_is_compared_with_the_routes_in_force()
    {
        work.Write("smtproutes", "example.com 1.2.3\n");

        var preview = await PreviewAsync("", "only.example 10.0.0.7\n");

        Assert.Equal("only.example", Assert.Single(preview.Added));
        Assert.Equal(2, preview.Removed.Count);
    }

    [Fact]
    public async Task No_route_is_left_out_of_the_pages_when_the_table_changes_between_them()
    {
        await PostAsync("import", "b.example x\nc.example x\n[10.0.0.0/8] x\n.a.example x\nALL x\na.example x\n");
        var all = (await PageAsync("?limit=1000")).Routes.Select(route => route.Key).ToList();

        var seen = new List<string>();
        for (var page = await PageAsync("?limit=1"); ; page = await PageAsync($"?limit=1&after={page.Next}"))
        {
            seen.Add(Assert.Single(page.Routes).Key);
            if (page.Next is null) break;
            await PostAsync($"delete?key={seen[^1]}");
        }

        Assert.Equal(all, seen);
        Assert.Equal(6, all.Count);
    }

    private async Task<(string Table, string Route)> LookAsync(string key)
    {
        using var answer = await running.Http.GetAsync(Uri($"?search={key}"));
        var page = (await answer.Content.ReadFromJsonAsync<RoutesPage>(ApiJson.Options))!;
        return (answer.Headers.ETag!.ToString(), $"\"{page.Routes.Single(r => r.Key == key).Version}\"");
    }

    private async Task<PreviewAnswer> PreviewAsync(string query, string body)
    {
        using var content = new StringContent(body);
        using var answer = await running.Http.PostAsync(Uri("/preview" + query), content);
        return (await answer.Content.ReadFromJsonAsync<PreviewAnswer>(ApiJson.Options))!;
    }

    private async Task<RoutesPage> PageAsync(string query) =>
        (await running.Http.GetFromJsonAsync<RoutesPage>(Uri(query), ApiJson.Options))!;

    private async Task<HttpStatusCode> TryAsync(string request, string? expected) =>
        (await RefusedAsync(request, expected)).Status;

    private async Task<(HttpStatusCode Status, string Detail)> RefusedAsync(
        string request, string? expected, string body = "")
    {
        using var post = new HttpRequestMessage(HttpMethod.Post, Uri("/" + request))
        {
            Content = new StringContent(body),
        };
        if (expected is not null) post.Headers.TryAddWithoutValidation("If-Match", expected);
        using var answer = await running.Http.SendAsync(post);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return (answer.StatusCode,
            json.RootElement.TryGetProperty("detail", out var detail) ? detail.GetString()! : "");
    }

    private async Task<RouteEditAnswer> PostAsync(string request, string body = "")
    {
        using var content = new StringContent(body);
        using var answer = await running.Http.PostAsync(Uri("/" + request), content);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<RouteEditAnswer>(ApiJson.Options))!;
    }

    private string FileText() => File.ReadAllText(work.PathOf("smtproutes"));

    private static Uri Uri(string rest) => new("/api/v1/routes" + rest, UriKind.Relative);
}
