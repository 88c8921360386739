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
        ApiFixture api, string? key)
    {
        using var request = Request("/api/v1/dns/flush", key);
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
}
