using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Postern.Admin.Alerts;

namespace Postern.Admin.Tests;

/// <summary>When an alert is raised and ended, and what the hook is posted.</summary>
public sealed class AlertTests
{
    private static readonly AlertCondition host = new(AlertKind.HostLeftOut, "10.0.0.1:25", "it is left out");
    private static readonly AlertCondition spool = new(AlertKind.SpoolClosed, "", "it is closed");

    private readonly DateTimeOffset now = DateTimeOffset.UnixEpoch;

    [Fact]
    public void An_alert_is_raised_once_by_the_second_look_and_ended_once_by_the_second_without_it()
    {
        var book = new AlertBook();
        Assert.Empty(book.Look([host], now));
        var raised = Assert.Single(book.Look([host], now.AddSeconds(10)));
        Assert.Equal(
            new Alert(AlertKind.HostLeftOut, "10.0.0.1:25", "it is left out", now.AddSeconds(10), null), raised);
        Assert.Empty(book.Look([host with { Text = "it says more" }], now.AddSeconds(20)));
        Assert.Equal("it says more", Assert.Single(book.Active).Text);

        Assert.Empty(book.Look([], now.AddSeconds(30)));
        Assert.Empty(book.Look([host], now.AddSeconds(40)));
        Assert.Empty(book.Look([], now.AddSeconds(50)));
        var ended = Assert.Single(book.Look([], now.AddSeconds(60)));
        Assert.Equal(raised with { Ended = now.AddSeconds(60) }, ended);
        Assert.Empty(book.Look([], now.AddSeconds(70)));
        Assert.Empty(book.Active);
        Assert.Equal([ended], book.Ended);
    }

    [Fact]
    public void A_host_that_comes_and_goes_raises_nothing_and_a_closed_spool_is_told_at_once()
    {
        var book = new AlertBook();
        for (var i = 0; i < 10; i++) Assert.Empty(book.Look(i % 2 == 0 ? [host] : [], now));
        Assert.Equal(AlertKind.SpoolClosed, Assert.Single(book.Look([spool], now)).Kind);
        Assert.Empty(book.Look([spool], now));
    }

    [Fact]
    public void There_is_a_bound_for_hosts_and_for_what_is_over()
    {
        var book = new AlertBook();
        List<AlertCondition> many = [.. Enumerable.Range(0, 300).Select(i => host with { Subject = $"{i}" })];
        book.Look(many, now);
        Assert.Equal(AlertBook.MaxHosts, book.Look(many, now).Count);
        // They are no reason to keep anything else from an operator.
        Assert.Equal(AlertKind.SpoolClosed, Assert.Single(book.Look([.. many, spool], now)).Kind);
        book.Look([], now);
        book.Look([], now);
        book.Look(many[150..], now);
        book.Look(many[150..], now);
        book.Look([], now);
        book.Look([], now);
        Assert.Equal(AlertBook.MaxEnded, book.Ended.Count);
    }

    [Fact]
    public async Task The_hook_is_posted_what_was_raised_and_what_is_over_and_follows_no_redirect()
    {
        using var listener = new LoopbackHook();
        var told = new List<string>();
        var time = new FakeTimeProvider();
        IReadOnlyList<AlertCondition> conditions = [spool];
        await using var watch = new AlertWatch(() => Task.FromResult(conditions),
            () => new AlertSettings { Webhook = listener.Address }, () => "gw.example", _ => Task.CompletedTask,
            (level, text) => { lock (told) told.Add($"{level} {text}"); }, time);

        time.Advance(AlertWatch.Interval);
        var raised = await listener.NextAsync(HttpStatusCode.OK);
        conditions = [];
        time.Advance(AlertWatch.Interval);
        time.Advance(AlertWatch.Interval);
        var ended = await listener.NextAsync(HttpStatusCode.Redirect);

        Assert.Equal(("gw.example", "spoolClosed", "raised", "it is closed"), (Member(raised, "gateway"),
            Member(raised, "kind"), Member(raised, "state"), Member(raised, "text")));
        Assert.Equal("ended", Member(ended, "state"));
        // Twice more, five seconds apart, and then it is given up.
        for (var i = 0; i < 2; i++)
        {
            var again = listener.NextAsync(HttpStatusCode.Redirect);
            while (!again.IsCompleted)
            {
                time.Advance(TimeSpan.FromSeconds(1));
                await Task.Yield();
            }
            Assert.Equal("ended", Member(await again, "state"));
        }
        await UntilAsync(() => { lock (told) return told.Count == 3; });
        Assert.Equal(["Warning Alert: it is closed", "Info Alert over: it is closed",
            $"Warning An alert could not be posted to http://{listener.Address.Authority}: it answered 302"], told);
        Assert.False(listener.WasRedirected);
        Assert.Empty(watch.Now.Active);
        Assert.Equal("it is closed", Assert.Single(watch.Now.Ended).Text);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("gw:p%40ss:w%C3%B6rd@", "gw:p@ss:wörd")]
    [InlineData("gw@", "gw:")]
    public async Task The_user_and_the_password_of_the_address_go_as_basic_authentication(string user, string? sent)
    {
        using var listener = new LoopbackHook();
        var address = new Uri(listener.Address.AbsoluteUri.Replace("//", $"//{user}", StringComparison.Ordinal));
        await using var hook = new AlertHook(() => address, new FakeTimeProvider(), _ => { });
        hook.Post("gw.example", new Alert(AlertKind.SpoolClosed, "", "it is closed", now, null));
        Assert.Equal("raised", Member(await listener.NextAsync(HttpStatusCode.OK), "state"));
        Assert.Equal(sent is null ? null : $"Basic {Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(sent))}",
            listener.Authorization);
    }

    [Fact]
    public async Task More_than_sixty_alerts_an_hour_are_counted_and_not_posted()
    {
        using var listener = new LoopbackHook();
        var time = new FakeTimeProvider();
        await using var hook = new AlertHook(() => listener.Address, time, _ => { });
        var alert = new Alert(AlertKind.HostLeftOut, "h", "t", now, null);

        for (var i = 0; i < AlertQueue.MaxInHour + 7; i++) hook.Post("gw", alert);
        for (var i = 0; i < AlertQueue.MaxInHour; i++)
            Assert.Equal("0", Member(await listener.NextAsync(HttpStatusCode.OK), "left"));
        time.Advance(TimeSpan.FromHours(1));
        hook.Post("gw", alert);

        Assert.Equal("7", Member(await listener.NextAsync(HttpStatusCode.OK), "left"));
    }

    [Fact]
    public async Task Many_hosts_keep_nothing_else_back_and_what_was_left_out_and_is_still_so_is_posted_later()
    {
        using var listener = new LoopbackHook();
        var time = new FakeTimeProvider();
        await using var hook = new AlertHook(() => listener.Address, time, _ => { });
        List<Alert> hosts =
        [
            .. Enumerable.Range(0, AlertQueue.MaxInHour + 2)
                .Select(i => new Alert(AlertKind.HostLeftOut, $"h{i}", "t", now, null)),
        ];
        foreach (var alert in hosts) hook.Post("gw", alert);
        hook.Post("gw", new Alert(AlertKind.DiskLow, "", "t", now, null));

        for (var i = 0; i < AlertQueue.MaxInHour; i++)
            Assert.Equal($"h{i}", Member(await listener.NextAsync(HttpStatusCode.OK), "subject"));
        Assert.Equal("diskLow", Member(await listener.NextAsync(HttpStatusCode.OK), "kind"));

        // One is over meanwhile: nobody has heard of it. The other one is told once.
        hook.Post("gw", hosts[^2] with { Ended = now });
        hook.PostAgain("gw", [hosts[^1]]);
        time.Advance(TimeSpan.FromHours(1));
        hook.PostAgain("gw", [hosts[^1]]);
        hook.PostAgain("gw", [hosts[^1]]);
        hook.Post("gw", new Alert(AlertKind.OldMessage, "", "t", now, null));
        Assert.Equal(hosts[^1].Subject, Member(await listener.NextAsync(HttpStatusCode.OK), "subject"));
        Assert.Equal("oldMessage", Member(await listener.NextAsync(HttpStatusCode.OK), "kind"));
    }

    [Fact]
    public async Task What_could_not_be_posted_is_posted_later_if_it_is_still_so()
    {
        using var listener = new LoopbackHook();
        var time = new FakeTimeProvider();
        var told = new TaskCompletionSource();
        await using var hook = new AlertHook(() => listener.Address, time, _ => told.SetResult());
        var alert = new Alert(AlertKind.DiskLow, "", "t", now, null);
        hook.Post("gw", alert);
        for (var i = 0; i < 3; i++)
        {
            var refused = listener.NextAsync(HttpStatusCode.ServiceUnavailable);
            while (!refused.IsCompleted)
            {
                time.Advance(TimeSpan.FromSeconds(1));
                await Task.Yield();
            }
            await refused;
        }
        await told.Task.WaitAsync(TimeSpan.FromSeconds(60));

        var again = listener.NextAsync(HttpStatusCode.OK);
        while (!again.IsCompleted)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            hook.PostAgain("gw", [alert]);
            await Task.Yield();
        }
        Assert.Equal("diskLow", Member(await again, "kind"));
    }

    private static string Member(JsonElement json, string name) => json.GetProperty(name).ToString();

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
