namespace Scenarios;

/// <summary>
/// <c>drain</c> and <c>undrain</c>: a host is taken out by hand while mail flows, and over a restart.
/// </summary>
public sealed class DrainTests
{
    private const int Flow = 60;

    [Fact]
    public async Task A_host_is_drained_while_mail_flows_stays_so_over_a_restart_and_takes_mail_again()
    {
        await using var scene = await Scene.StartAsync(route: Scene.Equal);
        var host = scene.First.EndPoint.ToString();

        var flow = SendAsync(scene, "flow", Flow);
        await Scene.UntilAsync(scene.First, first => first.Taken.Count >= 5);
        var said = await scene.Gateway.RunAsync("drain", host);
        await flow;
        await scene.FinishedAsync(Flow);
        Assert.StartsWith(
            $"{host} is drained: no new mail for it, also after a restart\n", said, StringComparison.Ordinal);
        OnceEach(scene, Flow);

        // No connection to it is left, and what comes now goes to the other alone.
        await Scene.UntilAsync(scene.First, first => first.OpenConnections == 0);
        var (taken, connections) = (scene.First.Taken.Count, scene.First.Connections);
        await SendAsync(scene, "drained", 10);
        await scene.FinishedAsync(Flow + 10);
        Assert.Equal((taken, connections), (scene.First.Taken.Count, scene.First.Connections));
        Assert.Contains("drained: by hand", await scene.Gateway.RunAsync("smtproutes", "test", "bob@example.com"),
            StringComparison.Ordinal);

        Assert.Equal(0, await scene.Gateway.TerminateAsync());
        await scene.Gateway.StartAgainAsync();
        await SendAsync(scene, "restarted", 10);
        await scene.FinishedAsync(Flow + 20);
        Assert.Equal((taken, connections), (scene.First.Taken.Count, scene.First.Connections));

        await scene.Gateway.RunAsync("undrain", host);
        await SendAsync(scene, "back", 10);
        await scene.FinishedAsync(Flow + 30);
        Assert.InRange(scene.First.Taken.Count - taken, 4, 6);
        OnceEach(scene, Flow + 30);
    }

    [Fact]
    public async Task Mail_whose_hosts_are_all_drained_waits_over_kill_and_goes_on_when_one_is_undrained()
    {
        await using var scene = await Scene.StartAsync();
        await scene.Gateway.RunAsync("drain", scene.First.EndPoint.ToString());
        await scene.Gateway.RunAsync("drain", "127.0.0.20");
        await scene.SendAsync("one");
        await scene.LogsAsync(Lines.Pending(1));

        await scene.Gateway.KillAsync();
        await scene.Gateway.StartAgainAsync();
        await scene.SendAfterRestartAsync("two");
        Assert.Equal(0, scene.First.Connections + scene.Second.Connections);
        await scene.Gateway.RunAsync("undrain", "127.0.0.20");
        await scene.FinishedAsync(2);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "one"));
        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "two"));
        Assert.Equal(0, scene.First.Connections);
        Assert.False(scene.Logged("Bounced:"));
    }

    private static async Task SendAsync(Scene scene, string name, int messages)
    {
        await using var client = await SmtpProbe.GreetAsync(scene.Gateway.Smtp);
        for (var i = 1; i <= messages; i++)
        {
            Assert.StartsWith("250 ", await client.MessageAsync("alice@src.example", ["bob@example.com"],
                Scene.Content($"{name}{i}")), StringComparison.Ordinal);
        }
    }

    private static void OnceEach(Scene scene, int messages)
    {
        var subjects = scene.First.Taken.Concat(scene.Second.Taken)
            .Select(message => message.Text.Split("Subject: ")[1].Split('\r')[0]).ToList();
        Assert.Equal((messages, messages), (subjects.Count, subjects.Distinct().Count()));
    }
}
