using System.Net.Sockets;
using Postern.TestHosts;

namespace Scenarios;

/// <summary>SIGTERM: what is in progress ends, nothing new begins, nothing is lost, and the exit code is 0.</summary>
public sealed class ShutdownTests
{
    private const string Stopping = "Postern is stopping";
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task A_transaction_in_progress_ends_and_its_message_is_delivered_after_the_next_start()
    {
        await using var scene = await Scene.StartAsync();
        var client = await scene.ClientAsync();
        Assert.StartsWith("250 ", await client.SayAsync("MAIL FROM:<alice@src.example>"), StringComparison.Ordinal);

        var ending = scene.Gateway.TerminateAsync();
        await scene.Gateway.Log.WaitForAsync(Stopping);
        Assert.StartsWith("250 ", await client.SayAsync("RCPT TO:<bob@example.com>"), StringComparison.Ordinal);
        Assert.StartsWith("354 ", await client.SayAsync("DATA"), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await client.SayAsync(Scene.Content("one") + "."), StringComparison.Ordinal);
        Assert.StartsWith("421 4.3.2 ", await client.ReplyAsync(), StringComparison.Ordinal);
        Assert.Equal("", await client.ReplyAsync());
        Assert.Equal(0, await ending);

        await scene.Gateway.StartAgainAsync();
        await scene.FinishedAsync(1);
        Assert.Equal(["bob@example.com"], Scene.Got(scene.First, "one"));
    }

    [Fact]
    public async Task Clients_without_a_transaction_get_421_and_new_ones_are_refused()
    {
        await using var scene = await Scene.StartAsync();
        await using var idle = await SmtpProbe.GreetAsync(scene.Gateway.Smtp);
        var busy = await scene.ClientAsync();
        Assert.StartsWith("250 ", await busy.SayAsync("MAIL FROM:<alice@src.example>"), StringComparison.Ordinal);

        var ending = scene.Gateway.TerminateAsync();
        Assert.StartsWith("421 4.3.2 ", await idle.ReplyAsync(), StringComparison.Ordinal);
        Assert.Equal("", await idle.ReplyAsync());
        // The listener is closed before the sessions are told.
        await Assert.ThrowsAsync<SocketException>(() => SmtpProbe.ConnectAsync(scene.Gateway.Smtp));
        Assert.StartsWith("221 ", await busy.SayAsync("QUIT"), StringComparison.Ordinal);

        Assert.Equal(0, await ending);
    }

    [Fact]
    public async Task A_transaction_that_does_not_end_gets_421_within_the_bound()
    {
        await using var scene = await Scene.StartAsync();
        var client = await scene.ClientAsync();
        Assert.StartsWith("250 ", await client.SayAsync("MAIL FROM:<alice@src.example>"), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await client.SayAsync("RCPT TO:<bob@example.com>"), StringComparison.Ordinal);
        Assert.StartsWith("354 ", await client.SayAsync("DATA"), StringComparison.Ordinal);
        await client.SendAsync("Subject: half\r\n\r\n");

        var ending = scene.Gateway.TerminateAsync();

        Assert.StartsWith("421 4.3.2 ", await client.ReplyAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await ending);
        await scene.Gateway.StartAgainAsync();
        await scene.SendAfterRestartAsync("two");
        await scene.FinishedAsync(1);
        Assert.Empty(Scene.Got(scene.First, "half"));
    }

    [Fact]
    public async Task A_delivery_in_progress_ends_and_is_not_repeated_after_the_next_start()
    {
        await using var scene = await Scene.StartAsync(
            new HostScript { Dot = _ => ((HostAnswer)"250 2.0.0 accepted").After(_gate.Task) });
        await scene.SendAsync("one");
        await Scene.UntilAsync(scene.First, host => host.Transactions is [{ DotCame: true }]);

        var ending = scene.Gateway.TerminateAsync();
        await scene.Gateway.Log.WaitForAsync(Stopping);
        _gate.SetResult();
        Assert.Equal(0, await ending);

        Assert.True(scene.Logged(Lines.Finished(1)));
        scene.First.Script = new HostScript();
        await scene.Gateway.StartAgainAsync();
        await scene.SendAfterRestartAsync("two");
        await scene.FinishedAsync(2);
        Assert.Equal(["bob@example.com"], Scene.Got(scene.First, "one"));
        Assert.Equal(2, Scene.Offers(scene.First));
    }

    [Fact]
    public async Task What_awaits_its_reply_to_the_dot_is_uncertain_and_tried_at_the_same_host_after_the_start()
    {
        await using var scene = await Scene.StartAsync(
            new HostScript { Dot = _ => HostAnswer.Silence },
            more: "[delivery]\nfinal_dot_timeout = \"45s\"\n[bounce_profile.default]\ninitial_wait = \"1s\"");
        await scene.SendAsync("one");
        await Scene.UntilAsync(scene.First, host => host.Transactions is [{ DotCame: true }]);

        Assert.Equal(0, await scene.Gateway.TerminateAsync());

        Assert.True(scene.Logged("Uncertain: DCID 1 MID 1 to RID [0]"));
        Assert.Empty(scene.Second.Transactions);
        scene.First.Script = new HostScript();
        await scene.Gateway.StartAgainAsync();
        await scene.SendAfterRestartAsync("two");
        await scene.FinishedAsync(1);
        // The new message goes its way while the other waits for its time.
        Assert.Equal(["bob@example.com"], Scene.Got(scene.First, "two"));
        await scene.FinishedAsync(2);
        Assert.Equal(["bob@example.com"], Scene.Got(scene.First, "one"));
        Assert.Empty(scene.Second.Transactions);
    }
}
