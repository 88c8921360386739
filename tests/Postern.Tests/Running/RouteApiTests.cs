using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Postern.Admin;

namespace Postern.Tests.Running;

/// <summary>Edits of the table over the API of a running gateway, on a real file.</summary>
public sealed class RouteApiTests : IAsyncLifetime
{
    private const string Before = "# head office\nexample.com  10.0.0.1 # why\n\nALL smarthost.example\n";
    private readonly WorkFolder work = new();
    private readonly HttpClient http = new();
    private RunningGateway running = null!;

    public async ValueTask InitializeAsync()
    {
        work.Write("smtproutes", Before);
        running = await RunningGateway.StartAsync(work);
        http.BaseAddress = running.Gateway.AdminAddress;
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer", (await File.ReadAllTextAsync(work.PathOf("data/api-token"))).Trim());
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
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

        var page = (await http.GetFromJsonAsync<RoutesPage>(Uri("?search=PARTNER&limit=1"), ApiJson.Options))!;
        var route = Assert.Single(page.Routes);
        Assert.Equal(("partner.example", "hosts", "hosts=first-up", 3, (int?)null),
            (route.Key, route.Kind, route.Options, page.Total, page.Next));
        Assert.Equal(new RouteHostForm("10.0.0.3", false, 26, 0, 1), Assert.Single(route.Hosts));

        var history = (await http.GetFromJsonAsync<List<RouteVersion>>(Uri("/history"), ApiJson.Options))!;
        Assert.Equal(["edited by hand", "new partner.example (API)", "edit Example.COM (API)"],
            history.Select(v => v.Change));
        await PostAsync($"rollback?version={history[0].Number}");
        Assert.Equal(Before, FileText());
        Assert.Equal(2, running.Gateway.Routes.Count);
        Assert.Equal(["ALL"], (await PostAsync("delete?key=ALL")).Removed);
    }

    [Theory]
    [InlineData("new?key=a.example&hosts=192.168.10", "exactly four decimal octets")]
    [InlineData("new?key=example.com&hosts=10.0.0.2", "there is a route for example.com already")]
    [InlineData("new?key=a.example", "hosts is missing")]
    [InlineData("new?key=a.example&hosts=b.example%0AALL%20evil.example", "control character")]
    [InlineData("new?key=a.example&hosts=b.example&option=auth%3Dnobody", "the profile 'nobody' is not defined")]
    [InlineData("edit?key=a.example&hosts=b.example", "there is no route for a.example")]
    [InlineData("delete?key=a.example", "there is no route for a.example")]
    [InlineData("rollback?version=99", "There is no version 99")]
    public async Task What_is_wrong_is_told_and_changes_nothing(string request, string detail)
    {
        using var answer = await http.PostAsync(Uri("/" + request), null);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(detail, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(Before, FileText());
    }

    private async Task<RouteEditAnswer> PostAsync(string request)
    {
        using var answer = await http.PostAsync(Uri("/" + request), null);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<RouteEditAnswer>(ApiJson.Options))!;
    }

    private string FileText() => File.ReadAllText(work.PathOf("smtproutes"));

    private static Uri Uri(string rest) => new("/api/v1/routes" + rest, UriKind.Relative);
}
