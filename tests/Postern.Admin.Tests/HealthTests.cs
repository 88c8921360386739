using System.Net;
using System.Text.Json;

namespace Postern.Admin.Tests;

/// <summary>The open health endpoints (contract §6).</summary>
public sealed class HealthTests : IAsyncLifetime
{
    private ApiFixture api = null!;

    public async ValueTask InitializeAsync()
    {
        api = await ApiFixture.StartAsync();
        api.Http.DefaultRequestHeaders.Authorization = null;
    }

    public ValueTask DisposeAsync() => api.DisposeAsync();

    [Fact]
    public async Task Live_answers()
    {
        using var answer = await api.Http.GetAsync(new Uri("/health/live", UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
        Assert.True(answer.Headers.CacheControl!.NoStore);
    }

    [Theory]
    [InlineData(true, true, true, HttpStatusCode.OK)]
    [InlineData(false, true, true, HttpStatusCode.ServiceUnavailable)]
    [InlineData(true, false, true, HttpStatusCode.ServiceUnavailable)]
    [InlineData(true, true, false, HttpStatusCode.ServiceUnavailable)]
    public async Task Ready_says_whether_mail_can_be_taken(
        bool spool, bool listeners, bool room, HttpStatusCode expected)
    {
        api.Readiness = new Readiness(spool, listeners, room);

        using var answer = await api.Http.GetAsync(new Uri("/health/ready", UriKind.Relative));

        Assert.Equal(expected, answer.StatusCode);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(spool, json.RootElement.GetProperty("spoolOpen").GetBoolean());
        Assert.Equal(listeners, json.RootElement.GetProperty("listenersBound").GetBoolean());
        Assert.Equal(room, json.RootElement.GetProperty("hasRoom").GetBoolean());
    }

    [Fact]
    public async Task Answers_do_not_name_the_server()
    {
        using var answer = await api.Http.GetAsync(new Uri("/health/nothing", UriKind.Relative));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Server"));
    }

    [Fact]
    public async Task An_address_in_use_is_an_error_that_names_it()
    {
        var taken = new IPEndPoint(IPAddress.Loopback, api.Http.BaseAddress!.Port);

        var error = await Assert.ThrowsAsync<IOException>(() => AdminHost.StartAsync(taken, api.Parts, default));

        Assert.Contains(taken.ToString(), error.Message, StringComparison.Ordinal);
    }
}
