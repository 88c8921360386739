using System.Net;
using System.Net.Sockets;
using Postern.TestHosts;

namespace Scenarios;

/// <summary>
/// Contract §3, "What moves mail on to the next host": connect, banner and EHLO. All recipients go to the next host at
/// once, and the host is left out, so that the next message does not try it.
/// </summary>
public sealed class FailoverOpeningTests
{
    private const string HeldBack = """
        [delivery]
        greeting_timeout = "2s"
        command_timeout = "2s"
        connect_timeout = "2s"
        """;

    private const string TimedOut = "[Errno 110] Connection timed out";

    [Fact]
    public async Task Connection_refused()
    {
        await using var scene = await Scene.StartAsync();
        scene.First.StopListening();

        await TwoMessagesAsync(scene);

        await scene.TellsAsync(
        [
            Lines.Refused(1, 10), Lines.LeftOut(10, "[Errno 111] Connection refused"),
            Lines.Connected(2, 20), .. Lines.Delivery(2, 1), .. Lines.Delivery(2, 2),
        ]);
    }

    [Fact]
    public async Task Connection_reset_before_the_banner()
    {
        await using var scene = await Scene.StartAsync(new HostScript { Banner = HostAnswer.Reset });

        await TwoMessagesAsync(scene);

        // A reset may come before or after the gateway has seen that it was connected.
        Assert.Equal(1, scene.First.Connections);
        Assert.True(scene.Logged("details: [Errno 104] Connection reset by peer interface: 127.0.0.1 "
            + "reason: network error"));
        Assert.True(scene.Logged("left out for 60 seconds: [Errno 104] Connection reset by peer"));
    }

    [Fact]
    public Task Connection_closed_before_the_banner() => MovesOnAsync(
        new HostScript { Banner = HostAnswer.Drop },
        Lines.Broken(1, 10, "connection closed by the host"), "connection closed by the host");

    [Fact]
    public Task Banner_of_4xx() => MovesOnAsync(
        new HostScript { Banner = HostAnswer.SayAndDrop("421 4.3.2 closing") },
        Lines.Unexpected(1, 10, "421-4.3.2 closing"), "421-4.3.2 closing");

    [Fact]
    public Task Banner_of_5xx() => MovesOnAsync(
        new HostScript { Banner = "554 5.3.2 no mail here" },
        Lines.Unexpected(1, 10, "554-5.3.2 no mail here"), "554-5.3.2 no mail here");

    [Fact]
    public async Task Banner_that_is_no_reply()
    {
        await using var scene = await Scene.StartAsync(new HostScript { Banner = HostAnswer.Raw("hello there\r\n") });

        await TwoMessagesAsync(scene);

        Assert.Equal(1, scene.First.Connections);
        Assert.True(scene.Logged("reason: unexpected SMTP response"));
    }

    [Fact]
    public async Task Banner_that_does_not_come_within_the_greeting_time_out()
    {
        await using var scene = await Scene.StartAsync(new HostScript { Banner = HostAnswer.Silence }, more: HeldBack);

        await TwoMessagesAsync(scene);

        Assert.Equal(1, scene.First.Connections);
        Assert.True(scene.Logged("reason: network error"));
        Assert.True(scene.Logged("left out for 60 seconds"));
    }

    [Fact]
    public async Task No_connection_within_the_connect_time_out()
    {
        // A listener whose queue is full takes no further connection and does not refuse it either.
        using var deaf = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        deaf.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.40"), 0));
        deaf.Listen(0);
        using var filling = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await filling.ConnectAsync(deaf.LocalEndPoint!);
        await using var scene = await Scene.StartAsync(
            more: HeldBack, route: $"example.com {deaf.LocalEndPoint}/pri=0, {{20}}/pri=10");

        await TwoMessagesAsync(scene);

        Assert.True(scene.Logged($"details: {TimedOut}"));
        Assert.Single(scene.Gateway.Log.Events, line => line.StartsWith("Connection Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_host_that_says_nothing_costs_a_message_ten_seconds_and_the_next_one_nothing()
    {
        // Contract §3, choosing, 3: the message goes on after ten seconds, the connection waits on, and a host that
        // owes a reply for ten seconds counts as left out.
        await using var scene = await Scene.StartAsync(new HostScript { Banner = HostAnswer.Silence });

        await scene.SendAsync("one");
        await scene.FinishedAsync(1);
        await scene.LogsAsync("Host 127.0.0.10:2510: owes a reply for too long, left out until it replies");
        await scene.SendAsync("two");
        await scene.FinishedAsync(2);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "one"));
        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "two"));
        Assert.Equal(1, scene.First.Connections);
        Assert.Equal(1, scene.First.OpenConnections);
    }

    [Fact]
    public Task EHLO_answered_4xx() => MovesOnAsync(
        new HostScript { Ehlo = "451 4.3.0 not now" },
        Lines.Unexpected(1, 10, "451-4.3.0 not now"), "451-4.3.0 not now");

    [Fact]
    public async Task EHLO_answered_5xx_is_followed_by_HELO()
    {
        await using var scene = await Scene.StartAsync(new HostScript { Ehlo = "502 5.5.1 no EHLO" });

        await scene.SendAsync("one");
        await scene.FinishedAsync(1);

        await scene.TellsAsync([Lines.Connected(1, 10), .. Lines.Delivery(1, 1)]);
        Assert.Equal(["bob@example.com"], Scene.Got(scene.First, "one"));
        Assert.Contains(scene.First.Commands, command => command.Line == "HELO gw.example");
    }

    [Fact]
    public Task EHLO_and_HELO_answered_5xx() => MovesOnAsync(
        new HostScript { Ehlo = "502 5.5.1 no EHLO", Helo = "550 5.7.1 not you" },
        Lines.Unexpected(1, 10, "550-5.7.1 not you"), "550-5.7.1 not you");

    [Fact]
    public Task Connection_lost_after_HELO() => MovesOnAsync(
        new HostScript { Ehlo = "502 5.5.1 no EHLO", Helo = HostAnswer.Drop },
        Lines.Broken(1, 10, "connection closed by the host"), "connection closed by the host");

    [Fact]
    public Task Connection_lost_after_EHLO() => MovesOnAsync(
        new HostScript { Ehlo = HostAnswer.Drop },
        Lines.Broken(1, 10, "connection closed by the host"), "connection closed by the host");

    [Fact]
    public async Task EHLO_not_answered_within_the_time_out()
    {
        await using var scene = await Scene.StartAsync(new HostScript { Ehlo = HostAnswer.Silence }, more: HeldBack);

        await TwoMessagesAsync(scene);

        Assert.Equal(1, scene.First.Connections);
        Assert.True(scene.Logged("left out for 60 seconds"));
    }

    // The row: the first message goes on at once, and the second does not try the host that is left out.
    private static async Task MovesOnAsync(HostScript first, string error, string reason)
    {
        await using var scene = await Scene.StartAsync(first);

        await TwoMessagesAsync(scene);

        await scene.TellsAsync(
        [
            Lines.Connected(1, 10), error, Lines.LeftOut(10, reason),
            Lines.Connected(2, 20), .. Lines.Delivery(2, 1), .. Lines.Delivery(2, 2),
        ]);
        Assert.Equal(1, scene.First.Connections);
        Assert.Empty(scene.First.Transactions);
    }

    private static async Task TwoMessagesAsync(Scene scene)
    {
        await scene.SendAsync("one");
        await scene.FinishedAsync(1);
        await scene.SendAsync("two");
        await scene.FinishedAsync(2);
        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "one"));
        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "two"));
        Assert.Empty(scene.First.Taken);
        Assert.Empty(scene.Senders.Taken);
    }
}
