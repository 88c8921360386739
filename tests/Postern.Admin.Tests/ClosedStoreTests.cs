using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Postern.Admin.Tests;

/// <summary>What the queue says while the store is closed: that it cannot tell, never that there is none.</summary>
public sealed class ClosedStoreTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task What_needs_the_store_is_503_while_it_is_closed_and_what_cannot_be_read_is_left_alone()
    {
        await using var api = await ApiFixture.StartAsync("example.com 10.0.0.1\n");
        using var drained = await api.Http.PostAsync(At("/api/v1/hosts/10.0.0.1/drain"), null);
        var mid = await api.AcceptAsync("bob@example.com");
        for (var clock = Stopwatch.StartNew(); !await IsAtRestAsync(api);) Assert.True(clock.Elapsed < Patience);
        await api.CloseStoreAsync();

        foreach (var path in new[]
        {
            "/api/v1/queue", "/api/v1/queue?recipient=bob", "/api/v1/queue/count?sender=a@src.example",
            $"/api/v1/messages/{mid}",
        })
        {
            using var answer = await api.Http.GetAsync(At(path));
            await IsUnavailableAsync(path, answer);
        }
        foreach (var path in new[] { "/api/v1/queue/delete?recipient=bob", "/api/v1/queue/bounce?recipient=bob" })
        {
            using var answer = await api.Http.PostAsync(At(path), null);
            await IsUnavailableAsync(path, answer);
        }
        using var bounce = await api.Http.PostAsync(At("/api/v1/queue/bounce?host=example.com"), null);
        var told = await bounce.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((HttpStatusCode.OK, 0, 1), (bounce.StatusCode, told.GetProperty("recipients").GetInt32(),
            told.GetProperty("leftAlone").GetInt32()));
        Assert.Equal(1, await api.Delivery.AskAsync(s => s.Overview.Gauges().Messages));
    }

    private static async Task IsUnavailableAsync(string path, HttpResponseMessage answer)
    {
        Assert.Equal((path, HttpStatusCode.ServiceUnavailable), (path, answer.StatusCode));
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Contains("the spool is closed", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static Task<bool> IsAtRestAsync(ApiFixture api) => api.Delivery.AskAsync(
        s => s.Queues.SelectMany(queue => queue.All).SingleOrDefault() is { IsAtRest: true });

    private static Uri At(string path) => new(path, UriKind.Relative);
}
