using Postern.TestHosts;

namespace Scenarios;

/// <summary>Contract §3, "What moves mail on to the next host": replies to RCPT are about one recipient.</summary>
public sealed class FailoverRecipientTests
{
    private static readonly string[] Three = ["bob@example.com", "carol@example.com", "dave@example.com"];

    [Fact]
    public async Task A_4xx_sends_this_recipient_to_the_next_host_and_the_others_go_on()
    {
        await using var scene = await Scene.StartAsync(Answering("carol", "450 4.2.1 busy"));

        await scene.SendAsync("one", Three);
        await scene.FinishedAsync(1);

        Assert.Equal(["bob@example.com", "dave@example.com"], Scene.Got(scene.First, "one"));
        Assert.Equal(["carol@example.com"], Scene.Got(scene.Second, "one"));
        await scene.TellsAsync(
        [
            Lines.Connected(1, 10), Lines.Start(1, 1, "0, 1, 2"), .. Lines.Done(1, 1, "0, 2"),
            Lines.Delayed(1, 1, 1, "4.2.1 - Mailbox disabled, not accepting messages", "450 4.2.1 busy"),
            Lines.Connected(2, 20), .. Lines.Delivery(2, 1, "1"),
        ]);
    }

    [Fact]
    public async Task A_hard_refusal_bounces_this_recipient_only()
    {
        await using var scene = await Scene.StartAsync(Answering("carol", "550 5.1.1 no such user"));

        await scene.SendAsync("one", Three);
        var report = await scene.BounceAsync();

        Assert.Equal(["bob@example.com", "dave@example.com"], Scene.Got(scene.First, "one"));
        Assert.Empty(scene.Second.Transactions);
        Assert.Contains("Final-Recipient: rfc822; carol@example.com", report, StringComparison.Ordinal);
        Assert.Contains("Status: 5.1.1", report, StringComparison.Ordinal);
        Assert.DoesNotContain("bob@example.com", report, StringComparison.Ordinal);
        await scene.TellsAsync(
        [
            Lines.Connected(1, 10), Lines.Start(1, 1, "0, 1, 2"), .. Lines.Done(1, 1, "0, 2"),
            Lines.Bounced(1, 1, 1, "5.1.1 - Bad destination email address", "550 5.1.1 no such user"),
            Lines.BounceOf(2, 1), Lines.Finished(1),
        ]);
    }

    [Theory]
    [InlineData("452 4.5.3 too many recipients")]
    [InlineData("452 too many recipients")]
    [InlineData("552 too many recipients")]
    public async Task Too_many_recipients_are_a_further_transaction_on_the_same_host(string reply)
    {
        await using var scene = await Scene.StartAsync(new HostScript
        {
            Rcpt = (message, _) => message.Accepted.Count < 2 ? "250 2.1.5 ok" : reply,
        });

        await scene.SendAsync("one", Three);
        await scene.FinishedAsync(1);

        Assert.Equal([["bob@example.com", "carol@example.com"], ["dave@example.com"]],
            Scene.Copies(scene.First, "one").Select(message => message.Accepted));
        Assert.Empty(scene.Second.Transactions);
        Assert.False(scene.Logged("Delayed"));
        await scene.TellsAsync(
        [
            Lines.Connected(1, 10), Lines.Start(1, 1, "0, 1, 2"), .. Lines.Done(1, 1, "0, 1"),
            .. Lines.Delivery(1, 1, "2"),
        ]);
    }

    [Fact]
    public async Task Too_many_recipients_before_one_was_accepted_is_an_ordinary_4xx()
    {
        await using var scene = await Scene.StartAsync(
            new HostScript { Rcpt = (_, _) => "452 4.5.3 too many recipients" });

        await scene.SendAsync("one");
        await scene.FinishedAsync(1);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "one"));
        Assert.Equal(1, Scene.Offers(scene.First));
    }

    [Theory]
    [InlineData("450 4.7.1 greylisted", false)]
    [InlineData("452 4.2.2 mailbox full", false)]
    [InlineData("451 4.3.0 out of order", true)]
    public async Task Twenty_messages_without_an_accepted_recipient_leave_a_host_out_but_for_policy_and_mailboxes(
        string reply, bool leavesOut)
    {
        await using var scene = await Scene.StartAsync(new HostScript { Rcpt = (_, _) => reply });

        for (var i = 1; i <= 22; i++)
        {
            await scene.SendAsync($"m{i}", $"user{i % 5}@example.com");
            await scene.FinishedAsync(i);
        }

        Assert.Equal(leavesOut ? 20 : 22, Scene.Offers(scene.First));
        Assert.Equal(leavesOut, scene.Logged("left out"));
        Assert.Equal(22, scene.Second.Taken.Count);
    }

    [Fact]
    public async Task One_refused_address_leaves_no_host_out_however_often()
    {
        await using var scene = await Scene.StartAsync(Answering("carol", "451 4.3.0 out of order"));

        for (var i = 1; i <= 22; i++)
        {
            await scene.SendAsync($"m{i}", "carol@example.com");
            await scene.FinishedAsync(i);
        }

        Assert.Equal(22, Scene.Offers(scene.First));
        Assert.False(scene.Logged("left out"));
    }

    [Fact]
    public async Task A_421_moves_everyone_without_a_final_result_and_is_a_strong_strike()
    {
        await using var scene = await Scene.StartAsync(Answering("carol", "421 4.3.2 going down"));

        await scene.SendAsync("one", Three);
        await scene.FinishedAsync(1);
        await scene.SendAsync("two", Three);
        await scene.FinishedAsync(2);
        await scene.SendAsync("three", Three);
        await scene.FinishedAsync(3);

        // Bob had been accepted at RCPT, which is no final result.
        Assert.Empty(scene.First.Taken);
        Assert.Equal(Three.Order(), Scene.Got(scene.Second, "one").Order());
        Assert.Equal(Three.Order(), Scene.Got(scene.Second, "two").Order());
        Assert.Equal(2, Scene.Offers(scene.First));
        Assert.True(scene.Logged("left out for 60 seconds: 421-4.3.2 going down"));
    }

    [Fact]
    public async Task A_hard_refusal_before_a_421_is_final()
    {
        await using var scene = await Scene.StartAsync(new HostScript
        {
            Rcpt = (_, path) => path.StartsWith("bob", StringComparison.Ordinal) ? "550 5.1.1 no such user"
                : "421 4.3.2 going down",
        });

        await scene.SendAsync("one", Three);
        var report = await scene.BounceAsync();

        Assert.Contains("Final-Recipient: rfc822; bob@example.com", report, StringComparison.Ordinal);
        Assert.Equal(["carol@example.com", "dave@example.com"], Scene.Got(scene.Second, "one").Order());
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("silent")]
    [InlineData("malformed")]
    [InlineData("code that changes")]
    [InlineData("wrong class")]
    public async Task No_usable_reply_moves_everyone_and_is_a_strong_strike(string what)
    {
        var answer = FailoverMailTests.Unusable(what);
        await using var scene = await Scene.StartAsync(
            new HostScript
            {
                Rcpt = (_, path) => path.StartsWith("carol", StringComparison.Ordinal) ? answer : "250 2.1.5 ok",
            },
            more: "[delivery]\ncommand_timeout = \"2s\"");

        await scene.SendAsync("one", Three);
        await scene.FinishedAsync(1);
        await scene.SendAsync("two", Three);
        await scene.FinishedAsync(2);
        await scene.SendAsync("three", Three);
        await scene.FinishedAsync(3);

        Assert.Empty(scene.First.Taken);
        Assert.Equal(Three.Order(), Scene.Got(scene.Second, "one").Order());
        Assert.Equal(Three.Order(), Scene.Got(scene.Second, "two").Order());
        Assert.Equal(2, Scene.Offers(scene.First));
        Assert.True(scene.Logged("left out for 60 seconds"));
    }

    [Theory]
    [InlineData(530, true)]
    [InlineData(534, false)]
    [InlineData(535, true)]
    [InlineData(538, false)]
    public async Task A_demand_for_credentials_moves_everyone_and_never_bounces(int code, bool pipelining)
    {
        var script = Answering("carol", $"{code} 5.7.0 authentication required");
        await using var scene = await Scene.StartAsync(pipelining ? script : script.Without("PIPELINING"));

        await scene.SendAsync("one", Three);
        await scene.FinishedAsync(1);
        await scene.SendAsync("two", Three);
        await scene.FinishedAsync(2);

        Assert.Empty(scene.Senders.Taken);
        Assert.Empty(scene.First.Taken);
        Assert.DoesNotContain(scene.First.Transactions, transaction => transaction.DotCame);
        Assert.Equal(1, Scene.Offers(scene.First));
        Assert.Equal(Three.Order(), Scene.Got(scene.Second, "one").Order());
        Assert.Equal(Three.Order(), Scene.Got(scene.Second, "two").Order());
        Assert.Contains(
            scene.Gateway.Log.Lines, line => line.Contains(" Warning: credentials", StringComparison.Ordinal));
    }

    private static HostScript Answering(string user, string reply) => new()
    {
        Rcpt = (_, path) => path.StartsWith(user, StringComparison.Ordinal) ? reply : "250 2.1.5 ok",
    };
}
