using Postern.TestHosts;

namespace Scenarios;

/// <summary>Contract §3 and §4: mail that no host takes is held, tried again, released, and expires.</summary>
public sealed class HoldingTests
{
    private const string Reply = "452 4.3.1 Insufficient system resources";
    private static readonly HostScript Full = new() { Mail = _ => Reply };

    [Fact]
    public async Task Both_hosts_are_full_and_the_mail_is_held_until_one_recovers()
    {
        await using var scene = await Scene.StartAsync(Full, Full, Scene.Brisk);

        await scene.SendAsync("one");
        await scene.TellsAsync(
            Lines.Connected(1, 10), Lines.Start(1, 1), Lines.Delayed(1, 1, 0, "4.3.1 - Mail system full", Reply),
            Lines.Connected(2, 20), Lines.Start(2, 1), Lines.Delayed(2, 1, 0, "4.3.1 - Mail system full", Reply),
            Lines.Pending(1));
        Assert.Empty(scene.Senders.Taken);
        scene.Second.Script = new HostScript();
        await scene.FinishedAsync(1);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "one"));
        Assert.Empty(scene.First.Taken);
    }

    [Fact]
    public async Task Both_hosts_refuse_connections_and_the_mail_is_released_when_one_is_back()
    {
        // The profile's wait of a minute does not hold it: it waits for a host, not for a time.
        await using var scene = await Scene.StartAsync(more: """
            [delivery]
            host_retry_initial = "1s"
            host_retry_max = "1s"
            """);
        scene.First.StopListening();
        scene.Second.StopListening();
        await scene.SendAsync("one");
        await scene.SendAsync("two", "carol@example.com");
        await scene.LogsAsync(Lines.Pending(1));
        await scene.LogsAsync(Lines.Pending(2));

        scene.Second.Listen();
        await scene.FinishedAsync(2);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "one"));
        Assert.Equal(["carol@example.com"], Scene.Got(scene.Second, "two"));
        await scene.LogsAsync(Lines.Back(20));
        Assert.Empty(scene.First.Taken);
    }

    [Fact]
    public async Task When_every_host_is_left_out_further_mail_waits_without_a_try()
    {
        await using var scene = await Scene.StartAsync();
        scene.First.StopListening();
        scene.Second.StopListening();
        await scene.SendAsync("one");
        await scene.LogsAsync(Lines.Pending(1));
        scene.First.Listen();
        scene.Second.Listen();

        await scene.SendAsync("two");
        await scene.LogsAsync(Lines.Pending(2));

        Assert.Equal(0, scene.First.Connections + scene.Second.Connections);
        Assert.Equal(2, scene.Gateway.Log.Events.Count(
            line => line.StartsWith("Connection Error", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Two_retries_mean_three_rounds_and_then_a_bounce_of_5_4_7()
    {
        await using var scene = await Scene.StartAsync(
            new HostScript { Mail = _ => "450 4.7.1 greylisted" }, more: Scene.Brisk + "\nmax_retries = 2",
            route: "example.com {10}");

        await scene.SendAsync("one");
        var report = await scene.BounceAsync();

        Assert.Equal(3, Scene.Offers(scene.First));
        Assert.Contains("Status: 5.4.7", report, StringComparison.Ordinal);
        Assert.Contains("Final-Recipient: rfc822; bob@example.com", report, StringComparison.Ordinal);
        Assert.Single(scene.Gateway.Log.Events, line => line.StartsWith(
            "Bounced: DCID 0 MID 1 to RID 0 - 5.4.7 - Delivery expired (message too old)", StringComparison.Ordinal));
        Assert.Equal(2, scene.Gateway.Log.Events.Count(
            line => line.Contains("pending till", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_message_that_was_in_the_queue_for_too_long_is_bounced_with_5_4_7()
    {
        await using var scene = await Scene.StartAsync(
            more: "[bounce_profile.default]\nmax_time_in_queue = \"3s\"", route: "example.com {10}");
        scene.First.StopListening();

        await scene.SendAsync("one");
        var report = await scene.BounceAsync();

        Assert.Contains("Status: 5.4.7", report, StringComparison.Ordinal);
        Assert.True(scene.Logged(Lines.Pending(1)[..^"<time> [default]".Length]));
    }

    [Fact]
    public async Task A_pass_in_which_all_hosts_are_left_out_is_no_round()
    {
        // One retry is allowed; while the only host is left out for a minute, none is counted.
        await using var scene = await Scene.StartAsync(more: """
            [delivery]
            host_retry_initial = "6s"
            [bounce_profile.default]
            max_retries = 1
            initial_wait = "1s"
            max_wait = "1s"
            """, route: "example.com {10}");
        scene.First.StopListening();
        await scene.SendAsync("one");
        await scene.LogsAsync(Lines.Pending(1));

        scene.First.Listen();
        await scene.FinishedAsync(1);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.First, "one"));
        Assert.Empty(scene.Senders.Taken);
        Assert.False(scene.Logged("Bounced"));
    }

    [Fact]
    public async Task One_probe_goes_to_a_host_whose_time_is_over_while_the_rest_waits()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var scene = await Scene.StartAsync(more: Scene.Brisk, route: "example.com {10}");
        scene.First.StopListening();
        for (var i = 1; i <= 5; i++)
        {
            await scene.SendAsync($"m{i}");
            await scene.LogsAsync(Lines.Pending(i));
        }

        scene.First.Script = new HostScript { Dot = _ => ((HostAnswer)"250 2.0.0 accepted").After(gate.Task) };
        scene.First.Listen();
        await Scene.UntilAsync(scene.First, host => host.Commands.Any(command => command.Line == "DATA"));
        await scene.SendAsync("m6");
        await scene.LogsAsync(Lines.Pending(6));
        Assert.Equal(1, Scene.Offers(scene.First));
        gate.SetResult();
        await scene.FinishedAsync(6);

        await scene.LogsAsync(Lines.Back(10));
        Assert.Equal(6, scene.First.Taken.Count);
        Assert.Equal(6, scene.First.Taken.Select(message => message.Text).Distinct().Count());
    }
}
