using Postern.TestHosts;

namespace Scenarios;

/// <summary>
/// Contract §3, rules: what a host lacks for a message is no failure of the host; the message goes to one that has it,
/// and bounces when every host lacks it.
/// </summary>
public sealed class CapabilityTests
{
    /// <summary>What a message may need, the status of its bounce, and what is said in MAIL of it.</summary>
    public static TheoryData<string, string, string> Needs => new()
    {
        { "SMTPUTF8", "5.6.7", "MAIL FROM:<alice@src.example> BODY=8BITMIME SMTPUTF8" },
        { "8BITMIME", "5.6.3", "MAIL FROM:<alice@src.example> BODY=8BITMIME" },
        { "SIZE", "5.3.4", "MAIL FROM:<alice@src.example>" },
    };

    [Theory]
    [MemberData(nameof(Needs))]
    public async Task A_message_goes_to_the_host_that_offers_what_it_needs(string keyword, string status, string mail)
    {
        Assert.NotEmpty(status);
        await using var scene = await Scene.StartAsync(Lacking(keyword));

        await SendAsync(scene, mail, keyword);
        await scene.FinishedAsync(1);
        // What needs nothing special still goes to the first host: it was left out for nothing.
        await scene.SendAsync("plain");
        await scene.FinishedAsync(2);

        Assert.Single(scene.Second.Taken);
        Assert.Equal(["bob@example.com"], Scene.Got(scene.First, "plain"));
        Assert.Single(scene.First.Transactions);
        Assert.False(scene.Logged("left out"));
    }

    [Theory]
    [MemberData(nameof(Needs))]
    public async Task A_message_that_every_host_lacks_something_for_is_bounced(
        string keyword, string status, string mail)
    {
        await using var scene = await Scene.StartAsync(Lacking(keyword), Lacking(keyword));

        await SendAsync(scene, mail, keyword);
        var report = await scene.BounceAsync();

        Assert.Contains($"Status: {status}", report, StringComparison.Ordinal);
        Assert.True(scene.Logged($"Bounced: DCID 0 MID 1 to RID 0 - {status} - "));
        Assert.Empty(scene.First.Transactions);
        Assert.Empty(scene.Second.Transactions);
    }

    private static HostScript Lacking(string keyword) => keyword == "SIZE"
        ? new HostScript { Extensions = ["PIPELINING", "SIZE 1000", "8BITMIME", "SMTPUTF8"] }
        : new HostScript().Without(keyword);

    private static async Task SendAsync(Scene scene, string mail, string keyword)
    {
        var line = new string('x', 900) + "\r\n";
        var content = "Subject: special\r\n\r\n" + (keyword == "SIZE" ? line + line : "gr\u00fcn\r\n");
        var recipient = keyword == "SMTPUTF8" ? "b\u00c3\u00b6b@example.com" : "bob@example.com";
        var client = await scene.ClientAsync();
        Assert.StartsWith("250 ", await client.SayAsync(mail), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await client.SayAsync($"RCPT TO:<{recipient}>"), StringComparison.Ordinal);
        Assert.StartsWith("354 ", await client.SayAsync("DATA"), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await client.SayAsync(content + "."), StringComparison.Ordinal);
    }
}
