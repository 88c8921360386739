using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Postern.Admin.Tests;

/// <summary><c>Idempotency-Key</c>: a request that comes again is answered again, and not done again.</summary>
public sealed class RepeatedRequestTests
{
    private static readonly IServiceProvider services = new ServiceCollection().AddLogging().BuildServiceProvider();

    private readonly FakeTimeProvider time = new();
    private int done;

    [Fact]
    public async Task Over_HTTP_the_second_request_changes_nothing_and_is_answered_as_the_first()
    {
        await using var api = await ApiFixture.StartAsync();

        var first = await FlushAsync(api, "abc");
        var second = await FlushAsync(api, "abc");
        var other = await FlushAsync(api, "abd");
        var without = await FlushAsync(api, null);

        Assert.Equal(3, api.Flushes);
        Assert.Equal((first.Status, first.Body, false), (second.Status, second.Body, first.IsAgain));
        Assert.True(second.IsAgain);
        Assert.Equal((false, false), (other.IsAgain, without.IsAgain));
        Assert.Equal(HttpStatusCode.BadRequest, (await FlushAsync(api, new string('x', 256))).Status);
        // One entry for each time that it was done.
        Assert.Equal(3, api.Audit.Read(null, "", 10)!.Entries.Count);

        using var request = Request("/api/v1/hosts/10.0.0.1/drain", "abc");
        using var answer = await api.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.False(File.Exists(api.DrainedFile));
    }

    [Fact]
    public async Task The_body_the_query_and_the_caller_belong_to_the_request()
    {
        var requests = new RepeatedRequests(time);
        await AskAsync(requests, "k", "?a=1", "body");

        Assert.Equal(200, await AskAsync(requests, "k", "?a=1", "body"));
        Assert.Equal(422, await AskAsync(requests, "k", "?a=2", "body"));
        Assert.Equal(422, await AskAsync(requests, "k", "?a=1", "other"));
        Assert.Equal(1, done);
        await AskAsync(requests, "k", "?a=2", "body", "bob");
        Assert.Equal(2, done);
    }

    [Fact]
    public async Task While_the_first_is_under_way_a_second_one_is_told_so()
    {
        var requests = new RepeatedRequests(time);
        var end = new TaskCompletionSource<IResult>();
        var first = requests.AnswerAsync(Context("k"), _ => end.Task);

        Assert.Equal(409, await AskAsync(requests, "k"));
        end.SetResult(Results.Json(1));
        await first;

        Assert.Equal(200, await AskAsync(requests, "k"));
        Assert.Equal(0, done);
    }

    [Fact]
    public async Task What_failed_may_be_tried_again()
    {
        var requests = new RepeatedRequests(time);
        await requests.AnswerAsync(Context("k"), _ => Task.FromResult(Results.Problem(statusCode: 503)));
        await Assert.ThrowsAsync<IOException>(() => requests.AnswerAsync(Context("k"), _ => throw new IOException()));

        Assert.Equal(200, await AskAsync(requests, "k"));
        Assert.Equal(1, done);
    }

    [Fact]
    public async Task What_was_done_for_a_client_that_has_gone_is_not_done_again()
    {
        var requests = new RepeatedRequests(time);
        using var gone = new CancellationTokenSource();
        var context = Context("k", body: "all of it");
        context.RequestAborted = gone.Token;
        await requests.AnswerAsync(context, async c =>
        {
            await c.Request.Body.CopyToAsync(Stream.Null, CancellationToken.None);
            done++;
            await gone.CancelAsync();
            return Results.Json("it is done");
        });

        var again = Context("k", body: "all of it");
        await (await requests.AnswerAsync(again, Never)).ExecuteAsync(again);

        Assert.Equal((1, "\"it is done\""), (done, await BodyOf(again)));
        Assert.Equal(422, await AskAsync(requests, "k", body: "something else"));
    }

    [Fact]
    public async Task A_body_that_does_not_come_to_its_end_is_not_waited_for()
    {
        var requests = new RepeatedRequests(time);
        var context = Context("k");
        var body = new EndlessBody();
        context.Request.Body = body;
        var first = requests.AnswerAsync(context, _ => Task.FromResult(Results.Json(++done)));
        await body.IsAsked;
        time.Advance(TimeSpan.FromSeconds(5));
        await first;

        Assert.Equal((200, 1), (await AskAsync(requests, "k"), done));
    }

    [Fact]
    public async Task A_routes_file_that_comes_again_may_be_as_large_as_the_first_time()
    {
        await using var api = await ApiFixture.StartAsync();
        var file = "example.com 10.0.0.2\n" + string.Concat(Enumerable.Repeat($"# {new string('x', 97)}\n", 15_000));

        var first = await PostAsync(api, "/api/v1/routes/import", "i", file);
        var second = await PostAsync(api, "/api/v1/routes/import", "i", file);
        var other = await PostAsync(api, "/api/v1/routes/import", "i", file + "#\n");

        Assert.Equal((HttpStatusCode.OK, false), (first.Status, first.IsAgain));
        Assert.Equal((HttpStatusCode.OK, true), (second.Status, second.IsAgain));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.Status);
    }

    [Fact]
    public async Task A_secret_is_told_once_and_only_to_who_may_still_ask_for_it()
    {
        await using var api = await ApiFixture.StartAsync();
        const string New = "/api/v1/tokens/new?name=robot";

        var first = await PostAsync(api, New, "n");
        var second = await PostAsync(api, New, "n");

        Assert.Single(api.Tokens.Read());
        Assert.Contains("\"secret\":\"postern_", first.Body, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, true), (second.Status, second.IsAgain));
        Assert.DoesNotContain("postern_", second.Body, StringComparison.Ordinal);
        Assert.Contains("its answer has a secret, which is told once", second.Body, StringComparison.Ordinal);

        // Two tokens with one name are two callers, and a role that is not enough is told so first.
        var one = (await api.Tokens.IssueAsync("twin", Accounts.AccountRole.Operator, 1))!.Secret;
        var two = (await api.Tokens.IssueAsync("twin", Accounts.AccountRole.Operator, 1))!.Secret;
        var low = (await api.Tokens.IssueAsync("twin", Accounts.AccountRole.Viewer, 1))!.Secret;
        foreach (var (token, status, flushes) in new[]
        {
            (one, HttpStatusCode.OK, 1), (one, HttpStatusCode.OK, 1), (two, HttpStatusCode.OK, 2),
            (low, HttpStatusCode.Forbidden, 2),
        })
        {
            api.Http.DefaultRequestHeaders.Authorization = new("Bearer", token);
            Assert.Equal((status, flushes), ((await FlushAsync(api, "f")).Status, api.Flushes));
        }
    }

    [Fact]
    public async Task A_key_is_forgotten_after_a_day_and_when_there_are_too_many()
    {
        var requests = new RepeatedRequests(time);
        await AskAsync(requests, "k");
        time.Advance(RepeatedRequests.Memory - TimeSpan.FromSeconds(1));
        await AskAsync(requests, "k");
        Assert.Equal(1, done);
        time.Advance(TimeSpan.FromSeconds(2));
        await AskAsync(requests, "k");
        Assert.Equal(2, done);

        for (var i = 0; i < RepeatedRequests.MaxKept; i++) await AskAsync(requests, $"k{i}");
        await AskAsync(requests, "k");
        Assert.Equal(RepeatedRequests.MaxKept + 3, done);
        await AskAsync(requests, $"k{RepeatedRequests.MaxKept - 1}");
        Assert.Equal(RepeatedRequests.MaxKept + 3, done);
    }

    [Fact]
    public async Task Answers_that_are_kept_have_a_bound()
    {
        var requests = new RepeatedRequests(time);
        var large = new string('x', 60_000);
        for (var i = 0; i < 400; i++)
            await requests.AnswerAsync(Context($"k{i}"), _ => Task.FromResult(Results.Text(large)));

        // 400 of them are more than all that is kept.
        await AskAsync(requests, "k0");
        Assert.Equal(1, done);
        await AskAsync(requests, "k399");
        Assert.Equal(1, done);

        await requests.AnswerAsync(Context("huge"), _ => Task.FromResult(Results.Text(large + large)));
        var again = Context("huge");
        await (await requests.AnswerAsync(again, Never)).ExecuteAsync(again);
        Assert.Contains("too large to be kept", await BodyOf(again), StringComparison.Ordinal);
    }

    private static Task<IResult> Never(HttpContext context) => throw new InvalidOperationException("it is done twice");

    private async Task<int> AskAsync(
        RepeatedRequests requests, string key, string query = "", string body = "", string caller = "ann")
    {
        var context = Context(key, query, body, caller);
        var result = await requests.AnswerAsync(context, async c =>
        {
            using var reader = new StreamReader(c.Request.Body, leaveOpen: true);
            Assert.Equal(body, await reader.ReadToEndAsync());
            return Results.Json(++done);
        });
        await result.ExecuteAsync(context);
        return context.Response.StatusCode;
    }

    private static DefaultHttpContext Context(
        string key, string query = "", string body = "", string caller = "ann") => new()
        {
            RequestServices = services,
            User = new(new System.Security.Claims.ClaimsIdentity(
                [new(System.Security.Claims.ClaimTypes.Name, caller)], "test")),
            Request =
            {
                Method = "POST",
                Path = "/x",
                QueryString = new QueryString(query),
                Headers = { [RepeatedRequests.Header] = key },
                Body = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(body)),
            },
            Response = { Body = new MemoryStream() },
        };

    private static async Task<string> BodyOf(HttpContext context)
    {
        context.Response.Body.Position = 0;
        using var reader = new StreamReader(context.Response.Body);
        return await reader.ReadToEndAsync();
    }

    private static async Task<(HttpStatusCode Status, string Body, bool IsAgain)> FlushAsync(
        ApiFixture api, string? key) => await PostAsync(api, "/api/v1/dns/flush", key);

    private static async Task<(HttpStatusCode Status, string Body, bool IsAgain)> PostAsync(
        ApiFixture api, string path, string? key, string? body = null)
    {
        using var request = Request(path, key);
        if (body is not null) request.Content = new StringContent(body);
        using var answer = await api.Http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(),
            answer.Headers.Contains("Idempotency-Replayed"));
    }

    private static HttpRequestMessage Request(string path, string? key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative));
        if (key is not null) request.Headers.Add(RepeatedRequests.Header, key);
        return request;
    }

    /// <summary>A body that never ends, as that of a client that stalls.</summary>
    private sealed class EndlessBody : MemoryStream
    {
        private readonly TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task IsAsked => asked.Task;

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var end = new TaskCompletionSource<int>();
            await using var given = cancellationToken.Register(() => end.TrySetCanceled(cancellationToken));
            asked.TrySetResult();
            return await end.Task;
        }

        public override Task<int> ReadAsync(
            byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }
}
