using Postern.TestHosts;

namespace Scenarios;

/// <summary>The options of a route that give its mail other rules.</summary>
public sealed class RoutePolicyTests
{
    private const string Greylisted = "451 4.7.1 come back later";

    [Fact]
    public async Task A_greylisted_recipient_waits_for_the_same_host_where_the_route_says_hold()
    {
        var script = new HostScript
        {
            Rcpt = (_, path) => path.Contains("carol", StringComparison.Ordinal) ? Greylisted : "250 2.1.5 ok",
        };
        await using var scene = await Scene.StartAsync(
            script, more: Scene.Brisk, route: "example.com {10}, {20}/pri=10 on_rcpt_4xx=hold");

        await scene.SendAsync("one", "bob@example.com", "carol@example.com");
        await scene.LogsAsync(Lines.Pending(1, "1"));
        Assert.Equal(["bob@example.com"], Scene.Got(scene.First, "one"));
        scene.First.Script = new HostScript();
        await scene.FinishedAsync(1);

        Assert.Equal(["bob@example.com", "carol@example.com"], Scene.Got(scene.First, "one"));
        Assert.Equal(0, scene.Second.Connections);
    }

    [Fact]
    public async Task Mail_waits_for_its_first_host_and_then_goes_to_the_backup_with_hold_for_probe()
    {
        await using var scene = await Scene.StartAsync(route: "example.com {10}, {20}/pri=10 hold_for_probe=3s");
        scene.First.StopListening();
        await scene.SendAsync("one");
        await scene.LogsAsync(Lines.Pending(1));
        Assert.Equal(0, scene.Second.Connections);

        await scene.FinishedAsync(1);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "one"));
    }
}
