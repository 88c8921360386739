using System.Text;
using Postern.TestHosts;

namespace Scenarios;

/// <summary>Contract §3, "What moves mail on to the next host": DATA, the content and the final dot.</summary>
public sealed class FailoverContentTests
{
    private const string Impatient = "[delivery]\ncommand_timeout = \"2s\"\ndata_timeout = \"2s\"";

    /// <summary>The stages that answer with the same consequences.</summary>
    public enum Stage
    {
        Data,
        Dot,
    }

    [Theory]
    [InlineData(Stage.Data)]
    [InlineData(Stage.Dot)]
    public async Task A_4xx_goes_to_the_next_host(Stage stage)
    {
        await using var scene = await Scene.StartAsync(At(stage, "451 4.3.0 not this one"));

        await FailoverMailTests.SendManyAsync(scene, 6);

        // A weak strike: the fifth different message in a row leaves the host out.
        Assert.Equal(5, Scene.Offers(scene.First));
        await scene.TellsAsync(
        [
            Lines.Connected(1, 10), Lines.Start(1, 1),
            Lines.Delayed(1, 1, 0, "4.3.0 - Other mail system problem", "451 4.3.0 not this one"),
            Lines.Connected(2, 20), .. Lines.Delivery(2, 1),
        ]);
    }

    [Theory]
    [InlineData(Stage.Data)]
    [InlineData(Stage.Dot)]
    public async Task A_full_system_is_left_out_from_the_second_message_on(Stage stage)
    {
        await using var scene = await Scene.StartAsync(At(stage, "452 4.3.1 Insufficient system resources"));

        await FailoverMailTests.SendManyAsync(scene, 3);

        Assert.Equal(2, Scene.Offers(scene.First));
        Assert.True(scene.Logged(@"left out for 60 seconds: 452-4.3.1 Insufficient system resources"));
    }

    [Theory]
    [InlineData(Stage.Data)]
    [InlineData(Stage.Dot)]
    public async Task A_5xx_is_a_hard_bounce_of_those_that_RCPT_accepted(Stage stage)
    {
        var script = At(stage, "554 5.6.0 no") with
        {
            Rcpt = (_, path) => path.StartsWith("carol", StringComparison.Ordinal) ? "450 4.2.1 busy" : "250 2.1.5 ok",
        };
        await using var scene = await Scene.StartAsync(script);

        await scene.SendAsync("one", "bob@example.com", "carol@example.com");
        var report = await scene.BounceAsync();

        Assert.Contains("Final-Recipient: rfc822; bob@example.com", report, StringComparison.Ordinal);
        Assert.Contains("Status: 5.6.0", report, StringComparison.Ordinal);
        Assert.DoesNotContain("carol@example.com", report, StringComparison.Ordinal);
        Assert.Equal(["carol@example.com"], Scene.Got(scene.Second, "one"));
        Assert.False(scene.Logged("left out"));
    }

    [Fact]
    public async Task A_demand_for_credentials_in_place_of_a_354_goes_to_the_next_host_with_an_alert()
    {
        await using var scene = await Scene.StartAsync(At(Stage.Data, "530 5.7.0 authentication required"));

        await FailoverMailTests.SendManyAsync(scene, 2);

        Assert.Equal(1, Scene.Offers(scene.First));
        Assert.Empty(scene.Senders.Taken);
        Assert.Contains(
            scene.Gateway.Log.Lines, line => line.Contains(" Warning: credentials", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(530)]
    [InlineData(535)]
    public async Task Behind_the_dot_such_a_code_is_about_the_message_and_bounces_it(int code)
    {
        await using var scene = await Scene.StartAsync(At(Stage.Dot, $"{code} 5.7.0 not from you"));

        await scene.SendAsync("one", "bob@example.com");
        var report = await scene.BounceAsync();

        Assert.Contains($"Diagnostic-Code: smtp; {code} 5.7.0 not from you", report, StringComparison.Ordinal);
        Assert.Empty(scene.Second.Transactions);
        Assert.False(scene.Logged("left out"));
    }

    [Theory]
    [InlineData(Stage.Data)]
    [InlineData(Stage.Dot)]
    public async Task A_421_moves_the_message_closes_the_connection_and_is_a_strong_strike(Stage stage)
    {
        await using var scene = await Scene.StartAsync(At(stage, "421 4.3.2 going down"));

        await FailoverMailTests.SendManyAsync(scene, 3);

        Assert.Equal(2, Scene.Offers(scene.First));
        Assert.Equal(2, scene.First.Connections);
        Assert.True(scene.Logged("left out for 60 seconds: 421-4.3.2 going down"));
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("malformed")]
    [InlineData("code that changes")]
    public async Task No_usable_reply_to_DATA_moves_the_message(string what)
    {
        var answer = FailoverMailTests.Unusable(what);
        await using var scene = await Scene.StartAsync(new HostScript { Data = _ => answer });

        await FailoverMailTests.SendManyAsync(scene, 3);

        Assert.Equal(2, Scene.Offers(scene.First));
        Assert.True(scene.Logged("left out for 60 seconds"));
    }

    [Fact]
    public async Task DATA_not_answered_within_the_time_out_moves_the_message_and_the_second_leaves_the_host_out()
    {
        await using var scene = await Scene.StartAsync(new HostScript { Data = _ => HostAnswer.Silence }, more: """
            [delivery]
            command_timeout = "2s"
            data_timeout = "2s"
            """);

        for (var i = 1; i <= 3; i++)
        {
            await scene.SendAsync($"m{i}");
            await scene.FinishedAsync(i);
        }

        Assert.Equal(2, Scene.Offers(scene.First));
        Assert.Empty(scene.First.Taken);
        Assert.Equal(3, scene.Second.Taken.Count);
        Assert.All(Enumerable.Range(1, 3), i => Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, $"m{i}")));
        Assert.True(scene.Logged($"Host {scene.First.EndPoint}: left out for 60 seconds: "));
    }

    [Fact]
    public async Task A_250_to_DATA_is_of_the_wrong_class_and_moves_the_message()
    {
        await using var scene = await Scene.StartAsync(new HostScript { Data = _ => "250 2.0.0 done" });

        await FailoverMailTests.SendManyAsync(scene, 3);

        Assert.Equal(2, Scene.Offers(scene.First));
        Assert.True(scene.Logged("reason: unexpected SMTP response"));
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("reset")]
    [InlineData("reads no further")]
    public async Task A_connection_that_ends_before_the_final_dot_moves_the_message(string what)
    {
        HostAnswer end = what switch
        {
            "lost" => HostAnswer.Drop,
            "reset" => HostAnswer.Reset,
            _ => HostAnswer.Silence with { End = HostEnd.None },
        };
        await using var scene = await Scene.StartAsync(
            new HostScript { EarlyAfter = 64 * 1024, EarlyAnswer = end }, more: Impatient);

        await SendLargeAsync(scene, "large");
        await scene.FinishedAsync(1);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "large"));
        Assert.False(scene.Logged("Uncertain"));
        Assert.True(scene.Logged("Connection Error: DCID 1 "));
        Assert.EndsWith(Large("large"), Assert.Single(scene.Second.Taken).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_4xx_that_comes_while_the_content_is_written_moves_the_message()
    {
        await using var scene = await Scene.StartAsync(new HostScript { EarlyAfter = 64 * 1024 });

        await SendLargeAsync(scene, "large");
        await scene.FinishedAsync(1);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "large"));
        Assert.True(scene.Logged("Delayed: DCID 1 MID 1 to RID 0 - 4.3.1 - Mail system full"));
        Assert.False(scene.Logged("Uncertain"));
    }

    [Fact]
    public async Task A_250_followed_by_the_end_of_the_connection_is_a_delivery()
    {
        await using var scene = await Scene.StartAsync(
            new HostScript { Dot = _ => HostAnswer.SayAndDrop("250 2.0.0 accepted") });

        await FailoverMailTests.SendManyAsync(scene, 2);

        Assert.Equal(2, scene.First.Taken.Count);
        Assert.False(scene.Logged("left out"));
        Assert.False(scene.Logged("Uncertain"));
    }

    // 8 MB: more than the buffers of both sockets hold, so that the dot is not yet written when the host ends it.
    private static string Large(string name) =>
        $"Subject: {name}\r\n\r\n" + new StringBuilder().Insert(0, new string('x', 998) + "\r\n", 8000);

    private static async Task SendLargeAsync(Scene scene, string name)
    {
        var client = await scene.ClientAsync();
        var reply = await client.MessageAsync("alice@src.example", ["bob@example.com"], Large(name));
        Assert.StartsWith("250 ", reply, StringComparison.Ordinal);
    }

    private static HostScript At(Stage stage, string reply) =>
        stage == Stage.Data ? new HostScript { Data = _ => reply } : new HostScript { Dot = _ => reply };
}
