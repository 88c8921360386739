using Postern.TestHosts;

namespace Scenarios;

/// <summary>What senders are told: delays, successes, failures, and no more of it than a domain can bear.</summary>
public sealed class ReportsToSendersTests
{
    private static readonly HostScript NoSuchUser = new() { Rcpt = (_, _) => "550 5.1.1 no such user" };

    [Fact]
    public async Task A_delay_is_told_once_also_over_a_kill()
    {
        await using var scene = await Scene.StartAsync(
            new HostScript { Mail = _ => "450 4.2.1 later" }, more: Scene.Brisk + "\ndelay_warning = \"2s\"",
            route: "example.com {10}");

        await scene.SendAsync("one");
        await scene.FinishedAsync(1);
        await scene.Gateway.KillAsync();
        await scene.Gateway.StartAgainAsync();
        var before = Scene.Offers(scene.First);
        await Scene.UntilAsync(scene.First, host => Scene.Offers(host) > before + 1);
        scene.First.Script = new HostScript();
        await scene.FinishedAsync(2);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.First, "one"));
        Assert.Single(scene.Gateway.Log.Events, line => line == "MID 2 was generated for delay warning of MID 1");
        var report = Assert.Single(scene.Senders.Taken);
        Assert.Equal("", report.ReversePath);
        Assert.Contains("Action: delayed\r\nStatus: 4.2.1\r\n", report.Text, StringComparison.Ordinal);
        Assert.Contains("\r\nWill-Retry-Until: ", report.Text, StringComparison.Ordinal);
        Assert.Contains("Diagnostic-Code: smtp; 450 4.2.1 later\r\n", report.Text, StringComparison.Ordinal);
    }

    // RFC 3461 §5.2.1 and §5.2.2.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_success_is_asked_of_a_host_that_speaks_DSN_and_told_by_us_for_one_that_does_not(bool speaks)
    {
        var host = new HostScript();
        await using var scene = await Scene.StartAsync(speaks ? host : host.Without("DSN"), route: "example.com {10}");
        var client = await scene.ClientAsync();
        foreach (var command in (string[])[
            "MAIL FROM:<alice@src.example> RET=FULL ENVID=QQ+2B1",
            "RCPT TO:<bob@example.com> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Bob+2BX@old.example"])
        {
            Assert.StartsWith("250 ", await client.SayAsync(command), StringComparison.Ordinal);
        }

        Assert.StartsWith("354 ", await client.SayAsync("DATA"), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await client.SayAsync(Scene.Content("one") + "."), StringComparison.Ordinal);
        await scene.FinishedAsync(speaks ? 1 : 2);

        var offered = Assert.Single(scene.First.Taken);
        Assert.Equal(
            speaks ? " NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Bob+2BX@old.example" : "",
            offered.RcptCommands[0]["RCPT TO:<bob@example.com>".Length..]);
        if (speaks)
        {
            Assert.Empty(scene.Senders.Transactions);
            return;
        }

        Assert.True(scene.Logged("MID 2 was generated for success report of MID 1"));
        var report = Assert.Single(scene.Senders.Taken).Text;
        Assert.Contains("Original-Envelope-Id: QQ+1\r\n", report, StringComparison.Ordinal);
        Assert.Contains(
            "Original-Recipient: rfc822; Bob+X@old.example\r\nFinal-Recipient: rfc822; bob@example.com\r\n"
            + "Action: relayed\r\nStatus: 2.0.0\r\nRemote-MTA: dns; [127.0.0.10]\r\n"
            + "Diagnostic-Code: smtp; 250 2.0.0 accepted\r\n", report, StringComparison.Ordinal);
        Assert.DoesNotContain("This is one.", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bounces_beyond_the_share_of_a_domain_wait_and_the_text_is_the_one_of_the_profile()
    {
        await using var scene = await Scene.StartAsync(NoSuchUser, more: """
            [delivery]
            max_bounces_per_hour = 1
            [bounce_profile.default]
            language = "de"
            """, route: "example.com {10}");

        await scene.SendAsync("one");
        var first = await scene.BounceAsync();
        await scene.SendAsync("two");
        var told = await scene.Gateway.Log.WaitForAllAsync(
            events => events.Any(line => line.StartsWith("MID 4 to RID [0] pending till ", StringComparison.Ordinal)),
            "the wait of the second bounce");

        Assert.Contains("MID 4 was generated for bounce of MID 3", told);
        Assert.Contains("Ihre Nachricht konnte den folgenden Empf=C3=A4ngern", first, StringComparison.Ordinal);
        Assert.Single(scene.Senders.Transactions);
    }

    [Fact]
    public async Task A_bounce_that_bounces_ends_there()
    {
        await using var scene = await Scene.StartAsync(NoSuchUser, route: "example.com {10}");
        scene.Senders.Script = NoSuchUser;

        await scene.SendAsync("one");
        await scene.FinishedAsync(2);

        Assert.Single(scene.Gateway.Log.Events, line => line == "Double bounce: MID 2 to RID 0");
        Assert.Single(scene.Gateway.Log.Events, line => line.Contains("was generated", StringComparison.Ordinal));
        Assert.Empty(scene.Senders.Taken);
    }
}
