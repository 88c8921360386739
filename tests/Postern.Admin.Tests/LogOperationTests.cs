using System.Net;
using System.Text.Json;

namespace Postern.Admin.Tests;

/// <summary>What the mail log has told, over the API.</summary>
public sealed class LogOperationTests : IAsyncLifetime
{
    private const string NoPlace =
        "'here' is no place in the mail log: give the 'next' of a page or the 'at' of a message.";

    private ApiFixture _api = null!;

    public async ValueTask InitializeAsync() => _api = await ApiFixture.StartAsync();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Theory]
    [InlineData("mid=6")]
    [InlineData("sender=ALICE@&recipient=bob@example.com")]
    [InlineData("subject=hello&icid=5&dcid=300")]
    [InlineData("host=10.0.0.1:25&since=2014-07-01T00:00:00Z&until=2014-07-05T00:00:00%2B02:00")]
    public async Task A_message_is_found_and_told_of(string query)
    {
        using var found = await GetAsync($"/api/v1/log/messages?{query}");
        var match = Assert.Single(found.RootElement.GetProperty("messages").EnumerateArray());
        Assert.Equal(6, match.GetProperty("mid").GetInt64());
        Assert.Equal(JsonValueKind.Null, found.RootElement.GetProperty("next").ValueKind);
        using var story = await GetAsync($"/api/v1/log/messages/6?after={match.GetProperty("at").GetString()}");
        // What a peer wrote stays as the log has escaped it.
        Assert.Equal(ApiFixture.Logged.SkipLast(1),
            story.RootElement.GetProperty("lines").EnumerateArray().Select(l => l.GetProperty("line").GetString()));
    }

    [Theory]
    [InlineData("sender=bob@")]
    [InlineData("since=2014-07-05T00:00:00Z")]
    [InlineData("dcid=299")]
    public async Task What_does_not_fit_is_not_found(string query)
    {
        using var found = await GetAsync($"/api/v1/log/messages?{query}");
        Assert.Empty(found.RootElement.GetProperty("messages").EnumerateArray());
    }

    [Theory]
    [InlineData("messages?mid=six", "mid is a number.")]
    [InlineData("messages?since=yesterday", "since is a time with its offset: 2014-07-02T09:15:07+02:00.")]
    [InlineData("lines?text=", "text is empty: leave it out, or say what is meant.")]
    [InlineData("messages?sender=", "sender is empty: leave it out, or say what is meant.")]
    [InlineData("messages?limit=1001", "limit is 1 to 1000.")]
    [InlineData("messages?after=here", NoPlace)]
    [InlineData("messages/6?after=here", NoPlace)]
    [InlineData("messages/six", "'six' is no MID.")]
    public async Task What_is_asked_wrongly_is_said(string path, string detail)
    {
        using var answer = await _api.Http.GetAsync(new Uri($"/api/v1/log/{path}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(detail, problem.RootElement.GetProperty("detail").GetString());
    }

    private async Task<JsonDocument> GetAsync(string path) =>
        JsonDocument.Parse(await _api.Http.GetStringAsync(new Uri(path, UriKind.Relative)));
}
