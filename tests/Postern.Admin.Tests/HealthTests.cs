using System.Net;
using System.Text.Json;

namespace Postern.Admin.Tests;

/// <summary>The open health endpoints (contract §6), and nothing else yet.</summary>
public sealed class HealthTests : IAsyncLifetime
{
    private readonly HttpClient http = new();
    private Readiness readiness = new(SpoolOpen: true, ListenersBound: true);
    private AdminHost host = null!;

    public async ValueTask InitializeAsync()
    {
        host = await AdminHost.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), () => readiness, default);
        http.BaseAddress = host.Address;
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Live_answers()
    {
        using var answer = await http.GetAsync(new Uri("/health/live", UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
        Assert.True(answer.Headers.CacheControl!.NoStore);
    }

    [Theory]
    [InlineData(true, true, HttpStatusCode.OK)]
    [InlineData(false, true, HttpStatusCode.ServiceUnavailable)]
    [InlineData(true, false, HttpStatusCode.ServiceUnavailable)]
    public async Task Ready_says_whether_mail_can_be_taken(bool spool, bool listeners, HttpStatusCode expected)
    {
        readiness = new Readiness(spool, listeners);

        using var answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative));

        Assert.Equal(expected, answer.StatusCode);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(spool, json.RootElement.GetProperty("spoolOpen").GetBoolean());
        Assert.Equal(listeners, json.RootElement.GetProperty("listenersBound").GetBoolean());
    }

    [Fact]
    public async Task Anything_else_is_not_found_as_problem_details()
    {
        using var answer = await http.GetAsync(new Uri("/api/v1/queue", UriKind.Relative));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.False(answer.Headers.Contains("Server"));
    }

    [Fact]
    public async Task An_address_in_use_is_an_error_that_names_it()
    {
        var taken = new IPEndPoint(IPAddress.Loopback, host.Address.Port);

        var error = await Assert.ThrowsAsync<IOException>(() => AdminHost.StartAsync(taken, () => readiness, default));

        Assert.Contains(taken.ToString(), error.Message, StringComparison.Ordinal);
    }
}
