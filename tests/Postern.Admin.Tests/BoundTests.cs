using System.Net;
using Postern.Admin.Accounts;
using Postern.Delivery.Acting;
using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;
using Postern.Delivery.Scheduling;
using Postern.Mail;
using Postern.Routing;
using Postern.Spool;

namespace Postern.Admin.Tests;

/// <summary>What one caller may cost and mean at a time (hardening §4.3).</summary>
public sealed class BoundTests
{
    [Fact]
    public async Task Two_routes_files_are_dealt_with_at_a_time_and_a_third_is_told_to_come_again()
    {
        await using var api = await ApiFixture.StartAsync();
        using var http = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) })
        {
            BaseAddress = api.Http.BaseAddress,
        };
        http.DefaultRequestHeaders.Authorization = api.Http.DefaultRequestHeaders.Authorization;
        http.DefaultRequestHeaders.ExpectContinue = true;
        var uploads = Enumerable.Range(0, LargeBodies.MaxAtOnce).Select(_ => new Upload()).ToList();
        var answers = uploads.Select(upload => http.PostAsync(Preview, upload)).ToList();
        foreach (var upload in uploads) await upload.IsAsked;

        using (var third = await api.Http.PostAsync(Preview, new StringContent("")))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, third.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(5), third.Headers.RetryAfter!.Delta);
        }

        foreach (var upload in uploads) upload.End();
        foreach (var answer in answers) Assert.Equal(HttpStatusCode.OK, (await answer).StatusCode);
        using var later = await api.Http.PostAsync(Preview, new StringContent(""));
        Assert.Equal(HttpStatusCode.OK, later.StatusCode);
    }

    [Fact]
    public async Task A_file_of_nothing_but_lines_is_refused()
    {
        await using var api = await ApiFixture.StartAsync();
        using var file = new ByteArrayContent(Enumerable.Repeat((byte)'\n', SmtpRoutesFile.MaxLines).ToArray());
        using var answer = await api.Http.PostAsync(Preview, file);

        Assert.Contains("more than 5000000 lines", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("queue?all=yes")]
    [InlineData("queue/count?all=yes")]
    public async Task A_flag_is_true_or_false_also_where_nothing_depends_on_it(string request)
    {
        await using var api = await ApiFixture.StartAsync();
        using var answer = await api.Http.GetAsync(At(request));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("all is true or false", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("delete?recipient=", "recipient is empty")]
    [InlineData("delete?host=", "host is empty")]
    [InlineData("bounce?sender=", "sender is empty")]
    [InlineData("delete?recipient=&all=true", "recipient is empty")]
    [InlineData("delete", "all=true")]
    [InlineData("delete?all=True", "all is true or false")]
    [InlineData("delete?attempts=0", "all=true")]
    [InlineData("delete?older=0s", "all=true")]
    [InlineData("bounce?larger=0B&attempts=0", "all=true")]
    [InlineData("redirect?to=192.0.2.99&larger=0KB", "all=true")]
    public async Task What_restricts_nothing_is_not_done_to_the_whole_queue(string request, string says)
    {
        await using var api = await ApiFixture.StartAsync("example.com 192.0.2.10\n");
        using (await api.Http.PostAsync(At("hosts/192.0.2.10/drain"), null)) { }
        await api.AcceptAsync("bob@example.com");

        using var answer = await api.Http.PostAsync(At($"queue/{request}"), null);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(says, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var count = await api.Http.GetStringAsync(At("queue/count?all=true"));
        Assert.Contains("\"recipients\":1", count, StringComparison.Ordinal);
    }

    [Fact]
    public void Mail_can_be_asked_for_by_every_reason_that_it_can_wait_for() => Assert.Equal(
        Enum.GetValues<WaitReason>().Where(reason => reason != WaitReason.None).Order(),
        QueueRequest.Reasons.Select(word => Enum.Parse<WaitReason>(word, ignoreCase: true)).Order());

    [Fact]
    public async Task Everything_is_done_to_everything_when_that_is_said()
    {
        await using var api = await ApiFixture.StartAsync("example.com 192.0.2.10\n");
        using (await api.Http.PostAsync(At("hosts/192.0.2.10/drain"), null)) { }
        await api.HeldAsync(await api.AcceptAsync("bob@example.com"));

        using var bounces = await api.Http.PostAsync(At("queue/delete?sender=%3C%3E"), null);
        using var all = await api.Http.PostAsync(At("queue/delete?attempts=0&all=true"), null);

        Assert.Contains("\"recipients\":0", await bounces.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("\"recipients\":1", await all.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_goes_before_the_end_leaves_behind_how_much_was_done()
    {
        await using var api = await ApiFixture.StartAsync();
        using var gone = new CancellationTokenSource();
        var said = new List<OperationReport>();
        var parts = 0;

        await Assert.ThrowsAsync<OperationCanceledException>(() => new QueueAccess(api.Delivery).OperateAsync(
            new QueueSelection(), (_, _, _) =>
            {
                if (++parts == 2) gone.Cancel();
                return new OperationSlice(1, 2, 3, new Mid(parts), Task.CompletedTask);
            }, said.Add, gone.Token));

        Assert.Equal([new OperationReport(1, 2, 3), new OperationReport(2, 4, 6)], said);
    }

    [Fact]
    public async Task A_stream_of_events_ends_with_its_token_and_nobody_takes_all_places()
    {
        await using var api = await ApiFixture.StartAsync();
        var token = (await api.Tokens.IssueAsync("robot", AccountRole.Viewer, 1))!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var robot = new HttpClient { BaseAddress = api.Http.BaseAddress };
        robot.DefaultRequestHeaders.Authorization = new("Bearer", token.Secret);
        var streams = new List<StreamReader>();
        for (var i = 0; i < EventApi.MaxOfCaller; i++)
            streams.Add(new StreamReader(await robot.GetStreamAsync(At("events"), limit.Token)));
        using var another = await robot.GetAsync(At("events"), HttpCompletionOption.ResponseHeadersRead, limit.Token);
        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(5)),
            (another.StatusCode, another.Headers.RetryAfter!.Delta));
        using var other = await api.Http.GetAsync(
            At("events"), HttpCompletionOption.ResponseHeadersRead, limit.Token);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);

        await api.Tokens.RevokeAsync(token.Token.Id);

        // Each ends at its next look, long before the time when every stream ends.
        foreach (var stream in streams)
        {
            var said = await stream.ReadToEndAsync(limit.Token);
            Assert.Contains("event: end\ndata: {\"reason\":\"the login or token is no longer good\"}", said,
                StringComparison.Ordinal);
            stream.Dispose();
        }
    }

    private static readonly Uri Preview = At("routes/preview");

    private static Uri At(string path) => new($"/api/v1/{path}", UriKind.Relative);

    /// <summary>A body that is asked for by "100 Continue", and sent when a test says so.</summary>
    private sealed class Upload : HttpContent
    {
        private readonly TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task IsAsked => asked.Task;

        public void End() => end.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            asked.TrySetResult();
            await end.Task;
            await stream.WriteAsync("example.com 10.0.0.1\n"u8.ToArray());
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
