using Postern.TestHosts;

namespace Scenarios;

/// <summary>Contract §3, "What moves mail on to the next host": replies to MAIL and what is none.</summary>
public sealed class FailoverMailTests
{
    private const string Weak = "451 4.3.0 not this one";

    [Fact]
    public async Task A_4xx_goes_to_the_next_host_and_the_fifth_message_in_a_row_leaves_the_host_out()
    {
        await using var scene = await Scene.StartAsync(new HostScript { Mail = _ => Weak });

        await SendManyAsync(scene, 6);

        // The sixth does not try it any more.
        Assert.Equal(5, Scene.Offers(scene.First));
        Assert.True(scene.Logged("left out for 60 seconds: 451-4.3.0 not this one"));
        await scene.TellsAsync(
        [
            Lines.Connected(1, 10), Lines.Start(1, 1),
            Lines.Delayed(1, 1, 0, "4.3.0 - Other mail system problem", Weak),
            Lines.Connected(2, 20), .. Lines.Delivery(2, 1),
        ]);
    }

    [Fact]
    public async Task The_same_message_with_five_weak_strikes_leaves_no_host_out()
    {
        // One poisonous message takes no host out: strikes count different messages.
        await using var scene = await Scene.StartAsync(
            new HostScript { Mail = _ => Weak }, more: Scene.Brisk, route: "example.com {10}");
        await scene.SendAsync("poison");

        await Scene.UntilAsync(scene.First, host => host.Transactions.Count >= 6);

        Assert.False(scene.Logged("left out"));
    }

    [Theory]
    [InlineData("452 4.3.1 Insufficient system resources")]
    [InlineData("450 4.3.2 system not accepting messages")]
    public async Task A_full_system_is_left_out_from_the_second_different_message_on(string reply)
    {
        await using var scene = await Scene.StartAsync(new HostScript { Mail = _ => reply });

        await SendManyAsync(scene, 3);

        Assert.Equal(2, Scene.Offers(scene.First));
        Assert.True(scene.Logged($"left out for 60 seconds: {reply[..3]}-{reply[4..]}"));
    }

    [Fact]
    public async Task An_accepted_message_clears_the_strikes()
    {
        var full = new HostScript { Mail = _ => "452 4.3.1 full" };
        await using var scene = await Scene.StartAsync(full);
        await SendManyAsync(scene, 1);
        scene.First.Script = new HostScript();
        await scene.SendAsync("taken");
        await scene.FinishedAsync(2);
        scene.First.Script = full;
        await scene.SendAsync("refused");
        await scene.FinishedAsync(3);

        Assert.False(scene.Logged("left out"));
        Assert.Equal(["bob@example.com"], Scene.Got(scene.First, "taken"));
        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "refused"));
    }

    [Fact]
    public async Task Policy_never_leaves_a_host_out()
    {
        await using var scene = await Scene.StartAsync(new HostScript { Mail = _ => "450 4.7.1 greylisted" });

        await SendManyAsync(scene, 7);

        Assert.Equal(7, Scene.Offers(scene.First));
        Assert.False(scene.Logged("left out"));
    }

    [Theory]
    [InlineData("500 5.5.2 what?")]
    [InlineData("501 5.5.4 bad parameters")]
    [InlineData("504 5.5.4 not implemented")]
    [InlineData("555 5.5.4 unknown parameter")]
    public async Task A_host_that_does_not_understand_MAIL_is_no_reason_to_bounce(string reply)
    {
        await using var scene = await Scene.StartAsync(new HostScript { Mail = _ => reply });

        await SendManyAsync(scene, 2);

        Assert.Equal(2, Scene.Offers(scene.First));
        Assert.Empty(scene.Senders.Taken);
    }

    [Fact]
    public async Task When_no_host_understands_MAIL_the_message_is_held()
    {
        var script = new HostScript { Mail = _ => "555 5.5.4 unknown parameter" };
        await using var scene = await Scene.StartAsync(script, script, Scene.Brisk);

        await scene.SendAsync("one");
        await scene.LogsAsync(Lines.Pending(1));
        scene.Second.Script = new HostScript();
        await scene.FinishedAsync(1);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "one"));
        Assert.Empty(scene.Senders.Taken);
    }

    [Fact]
    public async Task Another_5xx_is_a_hard_bounce_of_all_recipients()
    {
        await using var scene = await Scene.StartAsync(new HostScript { Mail = _ => "550 5.7.1 sender refused" });

        await scene.SendAsync("one", "bob@example.com", "carol@example.com");
        var report = await scene.BounceAsync();

        await scene.TellsAsync(
            Lines.Connected(1, 10), Lines.Start(1, 1, "0, 1"),
            Lines.Bounced(1, 1, 0, "5.7.1 - Delivery not authorized, message refused", "550 5.7.1 sender refused"),
            Lines.Bounced(1, 1, 1, "5.7.1 - Delivery not authorized, message refused", "550 5.7.1 sender refused"),
            Lines.BounceOf(2, 1), Lines.Finished(1));
        Assert.Contains("Final-Recipient: rfc822; bob@example.com", report, StringComparison.Ordinal);
        Assert.Contains("Final-Recipient: rfc822; carol@example.com", report, StringComparison.Ordinal);
        Assert.Contains("Diagnostic-Code: smtp; 550 5.7.1 sender refused", report, StringComparison.Ordinal);
        Assert.Empty(scene.Second.Transactions);
    }

    [Theory]
    [InlineData(530)]
    [InlineData(534)]
    [InlineData(535)]
    [InlineData(538)]
    public async Task A_demand_for_credentials_goes_to_the_next_host_with_an_alert_and_never_bounces(int code)
    {
        await using var scene = await Scene.StartAsync(
            new HostScript { Mail = _ => $"{code} 5.7.0 authentication required" });

        await SendManyAsync(scene, 2);

        Assert.Equal(1, Scene.Offers(scene.First));
        Assert.Empty(scene.Senders.Taken);
        Assert.Contains(
            scene.Gateway.Log.Lines, line => line.Contains(" Warning: credentials", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_421_on_a_fresh_connection_leaves_the_host_out_and_closes_the_connection()
    {
        await using var scene = await Scene.StartAsync(new HostScript { Mail = _ => "421 4.3.2 going down" });

        await SendManyAsync(scene, 2);

        Assert.Equal(1, Scene.Offers(scene.First));
        await Scene.UntilAsync(scene.First, host => host.OpenConnections == 0);
        Assert.True(scene.Logged("left out for 60 seconds: 421-4.3.2 going down"));
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("silent")]
    [InlineData("malformed")]
    [InlineData("code that changes")]
    [InlineData("wrong class")]
    public async Task No_usable_reply_on_a_fresh_connection_leaves_the_host_out(string what)
    {
        var answer = Unusable(what);
        await using var scene = await Scene.StartAsync(
            new HostScript { Mail = _ => answer }, more: "[delivery]\ncommand_timeout = \"2s\"");

        await SendManyAsync(scene, 2);

        Assert.Equal(1, Scene.Offers(scene.First));
        Assert.Single(scene.Gateway.Log.Events, line => line.StartsWith("Connection Error", StringComparison.Ordinal));
        Assert.True(scene.Logged("left out for 60 seconds"));
    }

    [Theory]
    [InlineData("reset")]
    [InlineData("lost")]
    [InlineData("421")]
    public async Task A_kept_connection_that_turns_out_dead_is_nobodys_failure(string what)
    {
        await using var scene = await Scene.StartAsync();
        await SendManyAsync(scene, 1);
        // The second MAIL on the connection finds its end, the first one on the next connection is taken.
        HostAnswer end = what switch
        {
            "reset" => HostAnswer.Reset,
            "lost" => HostAnswer.Drop,
            _ => HostAnswer.SayAndDrop("421 4.4.2 idle for too long"),
        };
        scene.First.Script = new HostScript { Mail = message => message.Connection == 1 ? end : "250 2.1.0 ok" };

        await scene.SendAsync("again");
        await scene.FinishedAsync(2);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.First, "again"));
        Assert.Empty(scene.Second.Transactions);
        Assert.False(scene.Logged("left out"));
        Assert.False(scene.Logged("Delayed"));
        Assert.Equal(2, scene.First.Connections);
    }

    [Fact]
    public async Task The_end_of_an_idle_connection_is_no_failure()
    {
        await using var scene = await Scene.StartAsync();
        await SendManyAsync(scene, 1);
        scene.First.CloseConnections();
        await scene.Gateway.Log.WaitForAsync("DCID 1 close");

        await scene.SendAsync("again");
        await scene.FinishedAsync(2);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.First, "again"));
        Assert.False(scene.Logged("Connection Error"));
    }

    /// <summary>Replies that are none.</summary>
    internal static HostAnswer Unusable(string what) => what switch
    {
        "lost" => HostAnswer.Drop,
        "silent" => HostAnswer.Silence,
        "malformed" => HostAnswer.Raw("25x 2.1.0 ok\r\n"),
        "code that changes" => HostAnswer.Raw("451-4.3.0 no\r\n250 2.1.0 or yes\r\n"),
        _ => "354 go on",
    };

    /// <summary>Messages one after the other; each is with the second host before the next is handed in.</summary>
    internal static async Task SendManyAsync(Scene scene, int messages)
    {
        for (var i = 1; i <= messages; i++)
        {
            await scene.SendAsync($"m{i}");
            await scene.FinishedAsync(i);
            var got = Scene.Got(scene.First, $"m{i}").Concat(Scene.Got(scene.Second, $"m{i}"));
            Assert.Equal(["bob@example.com"], got);
        }
    }
}
