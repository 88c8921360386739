using Postern.TestHosts;

namespace Scenarios;

/// <summary>Contract §3, "Choosing a host": priorities, turns, weights, connections that are kept.</summary>
public sealed class TurnsTests
{
    [Fact]
    public async Task Equal_hosts_take_turns_by_message()
    {
        await using var scene = await Scene.StartAsync(route: Scene.Equal);

        await OneByOneAsync(scene, 20);

        Assert.Equal(10, scene.First.Taken.Count);
        Assert.Equal(10, scene.Second.Taken.Count);
        // They alternate: no host gets two in a row.
        var hosts = Enumerable.Range(1, 20).Select(i => Scene.Got(scene.First, $"m{i}").Length).ToList();
        Assert.All(hosts.Zip(hosts.Skip(1)), pair => Assert.NotEqual(pair.First, pair.Second));
    }

    [Fact] // Contract §5
    public async Task A_message_is_finished_behind_the_last_of_its_outcomes()
    {
        const int Messages = 100;
        string[] domains = ["example.com", "b.example", "c.example", "d.example"];
        await using var scene = await Scene.StartAsync(
            route: string.Join('\n', domains.Select(domain => $"{domain} {{10}}, {{20}}")));
        var client = await scene.ClientAsync();

        for (var i = 0; i < Messages; i++)
        {
            await client.MessageAsync(
                "alice@src.example", [.. domains.Select(domain => $"bob@{domain}")], Scene.Content($"m{i}"));
        }
        await scene.FinishedAsync(Messages);

        var lines = scene.Gateway.Log.Events.ToList();
        for (var mid = 1; mid <= Messages; mid++)
        {
            var outcomes = lines.FindAll(line => line.Contains($" MID {mid} to RID", StringComparison.Ordinal)
                && line.Contains("Message done", StringComparison.Ordinal));
            Assert.Equal(domains.Length, outcomes.Count);
            Assert.True(lines.IndexOf(Lines.Finished(mid)) > outcomes.Max(lines.IndexOf),
                $"MID {mid} is finished before its last outcome");
        }
    }

    [Fact]
    public async Task Weights_are_exact_shares_of_messages_one_by_one()
    {
        await using var scene = await Scene.StartAsync(route: "example.com {10}/weight=3, {20}/weight=1");

        await OneByOneAsync(scene, 40);

        Assert.Equal(30, scene.First.Taken.Count);
        Assert.Equal(10, scene.Second.Taken.Count);
    }

    [Fact]
    public async Task Weights_are_exact_shares_of_messages_in_parallel()
    {
        const int Clients = 4, Rounds = 40;
        await using var scene = await Scene.StartAsync(route: "example.com {10}/weight=5, {20}/weight=2, {30}");
        var clients = await Task.WhenAll(
            Enumerable.Range(0, Clients).Select(_ => SmtpProbe.GreetAsync(scene.Gateway.Smtp)));

        // No more than four at a time, so that no host has more than a few unanswered messages.
        for (var round = 1; round <= Rounds; round++)
        {
            await Task.WhenAll(clients.Select((client, i) => client.MessageAsync(
                "alice@src.example", ["bob@example.com"], Scene.Content($"r{round}c{i}"))));
            await scene.FinishedAsync(round * Clients);
        }

        foreach (var client in clients) await client.DisposeAsync();
        Assert.Equal((100, 40, 20), (scene.First.Taken.Count, scene.Second.Taken.Count, scene.Third.Taken.Count));
    }

    [Fact]
    public async Task Weights_hold_within_a_twentieth_where_many_messages_are_unanswered()
    {
        const int Clients = 8, Each = 50, Messages = Clients * Each;
        await using var scene = await Scene.StartAsync(route: "example.com {10}/weight=5, {20}/weight=2, {30}");
        ScriptedHost[] hosts = [scene.First, scene.Second, scene.Third];
        // The first connections are opened one after the other, and a host that waits for one is busy.
        await SendAllAsync("first");
        await scene.FinishedAsync(Messages);
        var before = hosts.Select(host => host.Taken.Count).ToArray();

        await SendAllAsync("then");
        await scene.FinishedAsync(2 * Messages);

        Assert.Equal(
            2 * Messages, hosts.SelectMany(host => host.Taken).Select(message => message.Text).Distinct().Count());
        Assert.Equal(2 * Messages, hosts.Sum(host => host.Taken.Count));
        // Messages in flight count, too, so that a host which happens to be slower gets less.
        var taken = hosts.Zip(before, (host, count) => host.Taken.Count - count);
        foreach (var (count, weight) in taken.Zip((int[])[5, 2, 1]))
            Assert.InRange(count - (Messages * weight / 8), -Messages / 20, Messages / 20);

        Task SendAllAsync(string what) => Task.WhenAll(Enumerable.Range(0, Clients).Select(async client =>
        {
            await using var probe = await SmtpProbe.GreetAsync(scene.Gateway.Smtp);
            for (var i = 0; i < Each; i++)
            {
                Assert.StartsWith("250 ", await probe.MessageAsync("alice@src.example", ["bob@example.com"],
                    Scene.Content($"{what}c{client}m{i}")), StringComparison.Ordinal);
            }
        }));
    }

    [Fact]
    public async Task Priorities_are_tried_in_their_order_and_equals_of_a_level_before_the_next()
    {
        await using var scene = await Scene.StartAsync(
            route: "example.com {20}/pri=10, {30}/pri=5, {10}/pri=5");
        scene.First.Script = scene.Third.Script = new HostScript { Mail = _ => "450 4.7.1 greylisted" };

        await OneByOneAsync(scene, 4);

        Assert.Equal(4, Scene.Offers(scene.First));
        Assert.Equal(4, Scene.Offers(scene.Third));
        Assert.Equal(4, scene.Second.Taken.Count);
    }

    [Fact]
    public async Task A_lower_priority_gets_nothing_while_the_higher_one_is_well()
    {
        await using var scene = await Scene.StartAsync();

        await OneByOneAsync(scene, 10);

        Assert.Equal(10, scene.First.Taken.Count);
        Assert.Equal(0, scene.Second.Connections);
    }

    [Fact]
    public async Task A_connection_is_kept_for_as_many_messages_as_the_destination_control_says()
    {
        await using var scene = await Scene.StartAsync(
            more: "[destination.default]\nmax_messages_per_connection = 3");

        await OneByOneAsync(scene, 7);

        var perConnection = scene.First.Taken.GroupBy(message => message.Connection).Select(group => group.Count());
        Assert.Equal([3, 3, 1], perConnection);
        Assert.Equal(3, scene.First.Connections);
        Assert.Equal(2, scene.First.Commands.Count(command => command.Line == "QUIT"));
    }

    [Fact]
    public async Task One_host_of_two_equals_fails_and_the_other_gets_everything()
    {
        await using var scene = await Scene.StartAsync(route: Scene.Equal);
        scene.First.StopListening();

        await OneByOneAsync(scene, 6);

        Assert.Equal(6, scene.Second.Taken.Count);
        Assert.Single(scene.Gateway.Log.Events, line => line.StartsWith("Connection Error", StringComparison.Ordinal));
    }

    private static async Task OneByOneAsync(Scene scene, int messages)
    {
        for (var i = 1; i <= messages; i++)
        {
            await scene.SendAsync($"m{i}");
            await scene.FinishedAsync(i);
        }
    }
}
