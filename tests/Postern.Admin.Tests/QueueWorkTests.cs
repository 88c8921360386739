using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Postern.Admin.Auditing;
using Postern.Delivery.Reports;
using Postern.Spool;

namespace Postern.Admin.Tests;

/// <summary>What a client is told of work on the whole queue, and what becomes of the work when it goes.</summary>
public sealed class QueueWorkTests : IDisposable
{
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(60);
    private static readonly OperationReport half = new(1, 2, 0), whole = new(3, 4, 0);

    private readonly FakeTimeProvider time = new();
    private readonly TaskCompletionSource end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource gone = new();
    private readonly ApplicationLifetime lifetime = new(NullLogger<ApplicationLifetime>.Instance);
    private readonly Heard heard = new();
    private readonly string folder = Directory.CreateTempSubdirectory("postern-work-").FullName;

    public void Dispose()
    {
        gone.Dispose();
        heard.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Over_HTTP_who_accepts_lines_is_told_the_end_in_the_last_and_others_get_the_report_alone()
    {
        await using var api = await ApiFixture.StartAsync("example.com 192.0.2.10\n");
        await api.HeldAsync(await api.AcceptAsync("bob@example.com"));
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri("/api/v1/queue/delete?all=true", UriKind.Relative));
        request.Headers.Accept.ParseAdd("application/x-ndjson");
        request.Headers.Add(RepeatedRequests.Header, "k");
        using var answer = await api.Http.SendAsync(request);
        using var alone = await api.Http.PostAsync(
            new Uri("/api/v1/queue/delete?all=true", UriKind.Relative), null);

        Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType!.MediaType);
        var last = StepIn((await answer.Content.ReadAsStringAsync()).TrimEnd().Split('\n')[^1]);
        Assert.Equal((1, true, null), (last.Done.Recipients, last.IsLast, last.Failure));
        Assert.Equal("application/json", alone.Content.Headers.ContentType!.MediaType);
        Assert.StartsWith("{\"messages\":0,", await alone.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task How_far_it_is_is_told_once_a_second_and_a_repetition_gets_the_end()
    {
        var works = 0;
        var serve = Pipeline(c =>
        {
            works++;
            return new QueueWork(c, time).RunAsync(WorkAsync);
        });
        var answer = serve(Context("k"));
        Assert.Equal(new(half, false, null), StepIn(await NextAsync()));
        end.SetResult();
        await answer.WaitAsync(patience);
        Assert.Equal(new(whole, true, null), StepIn(await NextAsync()));
        Assert.Equal((JsonLines.Type, "no-store"), ($"{heard.Headers.ContentType}", $"{heard.Headers.CacheControl}"));

        using var repeated = new Heard();
        await serve(Context("k", repeated));

        Assert.Equal(new(whole, true, null), StepIn(await repeated.Lines.Reader.ReadAsync()));
        Assert.Equal(("true", 1), (repeated.Headers["Idempotency-Replayed"].ToString(), works));
    }

    [Theory]
    [InlineData("k")]
    [InlineData(null)]
    public async Task When_its_client_goes_work_with_a_key_goes_on_and_other_work_ends(string? key)
    {
        var working = new QueueWork(Context(key), time).RunAsync(WorkAsync);
        await NextAsync();
        await gone.CancelAsync();
        if (key is null)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => working.WaitAsync(patience));
            return;
        }
        Assert.False(working.IsCompleted);
        end.SetResult();
        Assert.Equal(200, ((IStatusCodeHttpResult)await working.WaitAsync(patience)).StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Work_that_a_closed_store_or_a_stop_ends_says_how_far_it_came_and_may_be_done_again(bool stops)
    {
        var works = 0;
        var serve = Pipeline(c => works++ == 0 ? new QueueWork(c, time).RunAsync(WorkAsync)
            : Task.FromResult(Results.Json(1)));
        var answer = serve(Context("k"));
        await NextAsync();
        if (stops) lifetime.StopApplication();
        else end.SetException(new SpoolException("the store is closed"));

        await answer.WaitAsync(patience);

        Assert.Equal(new(half, true, stops ? "the gateway stops" : "the store is closed"), StepIn(await NextAsync()));
        using var repeated = new Heard();
        await serve(Context("k", repeated));
        Assert.Equal(2, works);
        Assert.Contains("\"result\":\"failed\"", string.Concat(Directory.GetFiles(folder).Select(File.ReadAllText)),
            StringComparison.Ordinal);
    }

    private async Task<OperationReport> WorkAsync(Action<OperationReport> told, CancellationToken cancellationToken)
    {
        told(half);
        await end.Task.WaitAsync(cancellationToken);
        return whole;
    }

    // The next line: that of a second later, where none was sent.
    private async Task<string> NextAsync()
    {
        var line = heard.Lines.Reader.ReadAsync().AsTask();
        if (!line.IsCompleted) time.Advance(TimeSpan.FromSeconds(1));
        return await line.WaitAsync(patience);
    }

    private static OperationStep StepIn(string line) =>
        JsonSerializer.Deserialize<OperationStep>(line, ApiJson.Options)!;

    // As operations of the API are served.
    private RequestDelegate Pipeline(Func<HttpContext, Task<IResult>> answer) =>
        new ApiPipeline(new AuditLog(folder, time, static _ => { }), new RepeatedRequests(time)).For(
            new ApiOperation(HttpMethod.Post, "/x", "x", "", typeof(OperationReport), answer) { IsOpen = true });

    private DefaultHttpContext Context(string? key, Heard? by = null)
    {
        var context = new DefaultHttpContext
        {
            RequestServices = new ServiceCollection().AddSingleton<IHostApplicationLifetime>(lifetime)
                .AddLogging().BuildServiceProvider(),
            Request = { Method = "POST", Path = "/x", Headers = { Accept = JsonLines.Type }, Body = Stream.Null },
            RequestAborted = gone.Token,
        };
        context.Features.Set<IHttpResponseFeature>(by ?? heard);
        context.Response.Body = by ?? heard;
        if (key is not null) context.Request.Headers[RepeatedRequests.Header] = key;
        return context;
    }

    /// <summary>
    /// An answer as its client hears it, a line at a time; it has begun with the first, and its headers are sent.
    /// </summary>
    private sealed class Heard : MemoryStream, IHttpResponseFeature
    {
        public Channel<string> Lines { get; } = Channel.CreateUnbounded<string>();
        public int StatusCode { get; set; } = 200;
        public string? ReasonPhrase { get; set; }
        public IHeaderDictionary Headers { get; set; } = new HeaderDictionary();
        public Stream Body { get; set; } = Null;
        public bool HasStarted { get; private set; }

        public void OnStarting(Func<object, Task> callback, object state)
        {
        }

        public void OnCompleted(Func<object, Task> callback, object state)
        {
        }

        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            (HasStarted, ((HeaderDictionary)Headers).IsReadOnly) = (true, true);
            Lines.Writer.TryWrite(Encoding.UTF8.GetString(buffer.Span));
            return ValueTask.CompletedTask;
        }

        public override Task WriteAsync(
            byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }
}
