using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Postern.Reporting;

namespace Postern.Tests.Running;

/// <summary>Server-sent events of a running gateway, over a real connection (HTML Living Standard §9.2).</summary>
public sealed class EventStreamTests : IAsyncLifetime
{
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(60);

    private readonly WorkFolder work = new();
    private readonly CancellationTokenSource limit = new(patience);
    private RunningGateway running = null!;

    public async ValueTask InitializeAsync()
    {
        running = await RunningGateway.StartAsync(work);
    }

    public async ValueTask DisposeAsync()
    {
        await running.DisposeAsync();
        work.Dispose();
        limit.Dispose();
    }

    [Fact]
    public async Task Lines_come_with_their_ids_and_only_those_that_were_asked_for()
    {
        await using var message = await OpenAsync("topic=log&mid=6");
        await using var text = await OpenAsync("topic=log&text=BOB%40");
        await using var both = await OpenAsync("");

        running.Gateway.Notice("Info", "MID 6 ICID 5 RID 0 To: <bob@example.com>");
        running.Gateway.Notice("Info", "MID 66 ICID 5 RID 0 To: <eve@example.com>");
        running.Gateway.Notice("Info", "Message done DCID 300 MID 6 to RID [0]");

        Assert.EndsWith("MID 6 ICID 5 RID 0 To: <bob@example.com>", await LineAsync(message), StringComparison.Ordinal);
        var (name, data) = await NextAsync(message);
        Assert.Equal("line", name);
        Assert.Equal((6, 300, JsonValueKind.Null), (data.GetProperty("mid").GetInt64(),
            data.GetProperty("dcid").GetInt64(), data.GetProperty("icid").ValueKind));
        Assert.Contains("bob@", await LineAsync(text), StringComparison.Ordinal);
        (name, data) = await NextAsync(both);
        Assert.Equal("status", name);
        Assert.Equal(running.Gateway.Configuration.HostName, data.GetProperty("hostName").GetString());
    }

    [Fact]
    public async Task More_lines_than_anybody_reads_are_counted_and_told_and_stop_nobody()
    {
        const int All = 20_000;
        await using var stream = await OpenAsync("topic=log&text=flood");
        for (var i = 1; i <= All; i++) running.Gateway.Notice("Info", $"flood {i}");
        Assert.True(await running.Gateway.Log.FlushAsync());

        long lines = 0, lost = 0;
        var last = "";
        while (lines + lost < All)
        {
            var (name, data) = await NextAsync(stream);
            if (name == "lost") lost += data.GetProperty("lines").GetInt64();
            else lines++;
            if (name == "line") last = data.GetProperty("text").GetString()!;
        }

        Assert.Equal(All, lines + lost);
        Assert.True(lost > 0, "every line was kept, so that there is no bound");
        // The newest are those that are kept.
        Assert.EndsWith($"flood {All}", last, StringComparison.Ordinal);
        Assert.Equal(0, running.Gateway.Log.LostEvents);
    }

    [Fact]
    public async Task A_stop_ends_a_stream_and_is_not_held_up_by_it()
    {
        await using var stream = await OpenAsync("");
        var start = Stopwatch.GetTimestamp();
        var stopped = running.Gateway.DisposeAsync().AsTask();

        string name;
        JsonElement data;
        do (name, data) = await NextAsync(stream);
        while (name != "end");

        Assert.Equal("the gateway stops", data.GetProperty("reason").GetString());
        await stopped;
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_reader_that_goes_gives_its_place_back()
    {
        for (var i = 0; i < MailLog.MaxTaps + 20; i++) await (await OpenAsync("topic=log")).DisposeAsync();
        // The gateway sees that a reader has gone when it looks after it.
        while (!limit.IsCancellationRequested)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, At("topic=log"));
            using var answer = await running.Http.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (answer.StatusCode == HttpStatusCode.OK) return;
        }
        Assert.Fail("all places stay taken");
    }

    [Theory]
    [InlineData("topic=mail", "topic is log or status")]
    [InlineData("mid=x", "mid, icid and dcid are numbers")]
    [InlineData("address=x", "'address' is no parameter")]
    public async Task What_is_wrong_is_told(string query, string says)
    {
        using var answer = await running.Http.GetAsync(At(query), limit.Token);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(says, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<Stream> OpenAsync(string query)
    {
        var answer = await running.Http.GetAsync(At(query), HttpCompletionOption.ResponseHeadersRead, limit.Token);
        while (answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests)
        {
            // Readers that have gone are still counted.
            answer.Dispose();
            answer = await running.Http.GetAsync(At(query), HttpCompletionOption.ResponseHeadersRead, limit.Token);
        }
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        return await answer.Content.ReadAsStreamAsync(limit.Token);
    }

    private async Task<string> LineAsync(Stream stream)
    {
        var (name, data) = await NextAsync(stream);
        Assert.Equal("line", name);
        return data.GetProperty("text").GetString()!;
    }

    // The next event; comments have none.
    private async Task<(string Name, JsonElement Data)> NextAsync(Stream stream)
    {
        var name = "";
        while (true)
        {
            var line = await ReadLineAsync(stream);
            if (line.StartsWith("event: ", StringComparison.Ordinal)) name = line[7..];
            if (!line.StartsWith("data: ", StringComparison.Ordinal)) continue;
            using var json = JsonDocument.Parse(line[6..]);
            return (name, json.RootElement.Clone());
        }
    }

    // No reader that takes more than the line: the next call has the rest.
    private async Task<string> ReadLineAsync(Stream stream)
    {
        var octets = new List<byte>();
        var one = new byte[1];
        while (true)
        {
            await stream.ReadExactlyAsync(one, limit.Token);
            if (one[0] == '\n') return System.Text.Encoding.UTF8.GetString([.. octets]);
            octets.Add(one[0]);
        }
    }

    private static Uri At(string query) => new($"/api/v1/events?{query}", UriKind.Relative);
}
