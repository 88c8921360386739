using Postern.TestHosts;

namespace Scenarios;

/// <summary>
/// Contract §3, after the final dot was written: the host may have the message or not. It is never offered to another
/// host in this round (hardening §1.4 f).
/// </summary>
public sealed class UncertaintyTests
{
    // The wait after the dot is never below the profile's.
    private const string Quick = """
        [delivery]
        final_dot_timeout = "2s"
        host_retry_initial = "60s"
        [bounce_profile.default]
        initial_wait = "1s"
        max_wait = "1s"
        """;

    [Theory]
    [InlineData("lost")]
    [InlineData("silent")]
    [InlineData("malformed")]
    [InlineData("code that changes")]
    [InlineData("wrong class")]
    public async Task No_usable_reply_to_the_dot_is_uncertain_and_tried_again_at_the_same_host(string what)
    {
        var answer = FailoverMailTests.Unusable(what);
        await using var scene = await Scene.StartAsync(new HostScript { Dot = _ => answer }, more: Quick);

        await scene.SendAsync("one", "bob@example.com", "carol@example.com");
        await scene.Gateway.Log.WaitForAsync("Uncertain: DCID 1 MID 1 to RID [0, 1]"
            + " - no reply after the final dot, pending till ");
        Assert.Empty(scene.Second.Transactions);
        scene.First.Script = new HostScript();
        await scene.FinishedAsync(1);

        Assert.Equal(["bob@example.com", "carol@example.com"], Scene.Got(scene.First, "one"));
        Assert.Equal(2, Scene.Offers(scene.First));
        Assert.Empty(scene.Second.Transactions);
        Assert.Single(scene.Gateway.Log.Events, line => line.StartsWith("Connection Error", StringComparison.Ordinal));
        Assert.Empty(scene.Senders.Taken);
    }

    [Fact]
    public async Task With_possible_delivery_no_reply_to_the_dot_counts_as_delivered()
    {
        await using var scene = await Scene.StartAsync(
            new HostScript { Dot = _ => HostAnswer.Drop }, more: "[delivery]\npossible_delivery = true");

        await scene.SendAsync("one");
        await scene.FinishedAsync(1);

        Assert.True(scene.Logged("Possible Delivery: DCID 1 MID 1 to [0]"));
        Assert.False(scene.Logged("Uncertain"));
        Assert.Equal(1, Scene.Offers(scene.First));
        Assert.Empty(scene.Second.Transactions);
    }

    [Fact]
    public async Task A_4xx_of_the_same_host_ends_the_doubt_and_the_next_host_gets_the_message()
    {
        await using var scene = await Scene.StartAsync(new HostScript { Dot = _ => HostAnswer.Drop }, more: Quick);
        await scene.SendAsync("one");
        await scene.Gateway.Log.WaitForAsync("Uncertain: ");
        scene.First.Script = new HostScript { Mail = _ => "451 4.3.0 not now" };

        await scene.FinishedAsync(1);

        Assert.Equal(2, Scene.Offers(scene.First));
        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "one"));
    }

    [Fact]
    public async Task A_host_that_cannot_be_reached_any_more_leaves_the_message_to_the_next()
    {
        await using var scene = await Scene.StartAsync(new HostScript { Dot = _ => HostAnswer.Drop }, more: Quick);
        await scene.SendAsync("one");
        await scene.Gateway.Log.WaitForAsync("Uncertain: ");
        scene.First.StopListening();

        await scene.FinishedAsync(1);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "one"));
        Assert.True(scene.Logged("[Errno 111] Connection refused"));
    }

    [Fact]
    public async Task A_host_that_is_no_longer_in_the_route_leaves_the_message_to_the_next()
    {
        await using var scene = await Scene.StartAsync(new HostScript { Dot = _ => HostAnswer.Drop }, more: Quick);
        await scene.SendAsync("one");
        await scene.Gateway.Log.WaitForAsync("Uncertain: ");
        scene.First.Script = new HostScript { Dot = _ => HostAnswer.Drop };
        await scene.ChangeRoutesAsync("example.com {20}");

        await scene.FinishedAsync(1);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "one"));
    }

    [Fact]
    public async Task From_the_third_time_on_it_is_an_alert()
    {
        await using var scene = await Scene.StartAsync(new HostScript { Dot = _ => HostAnswer.Drop }, more: Quick);

        await scene.SendAsync("one");
        await scene.Gateway.Log.WaitForAllAsync(
            events => events.Count(line => line.StartsWith("Uncertain", StringComparison.Ordinal)) == 3,
            "three doubts");

        var doubts = scene.Gateway.Log.Lines.Where(line => line.Contains("Uncertain: ", StringComparison.Ordinal));
        Assert.Equal(["Info", "Info", "Warning"], doubts.Select(line => line[25..line.IndexOf(':', 25)]));
        Assert.Empty(scene.Second.Transactions);
    }

    [Fact]
    public async Task Uncertainty_and_its_host_are_durable()
    {
        // Whichever host has its turn first, the doubt is about that one.
        var silent = new HostScript { Dot = _ => HostAnswer.Drop };
        await using var scene = await Scene.StartAsync(silent, silent, Quick, Scene.Equal);
        await scene.SendAsync("one");
        await scene.Gateway.Log.WaitForAsync("Uncertain: ");
        var (doubted, other) = scene.First.Transactions.Count > 0 ? (scene.First, scene.Second)
            : (scene.Second, scene.First);

        await scene.Gateway.KillAsync();
        scene.First.Script = scene.Second.Script = new HostScript();
        await scene.Gateway.StartAgainAsync();
        await scene.FinishedAsync(1);

        Assert.Equal(["bob@example.com"], Scene.Got(doubted, "one"));
        Assert.Empty(other.Transactions);
    }
}
