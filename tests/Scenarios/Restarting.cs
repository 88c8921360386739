using System.Globalization;
using Postern.TestHosts;

namespace Scenarios;

/// <summary>What was answered 250 is delivered, whatever happens to the process. P1 and O1 of the promise.</summary>
public class Restarting
{
    private static readonly HostScript Full = new() { Dot = _ => "452 4.3.1 Insufficient system resources" };

    [Fact]
    public async Task Mail_that_waits_survives_kill_and_leaves_when_the_host_is_back()
    {
        await using var host = ScriptedHost.Start(Full);
        await using var gateway = await GatewayProcess.StartAsync($"example.com {host.EndPoint}\n", """
            [bounce_profile.default]
            initial_wait = "1s"
            """);
        await using (var client = await SmtpProbe.GreetAsync(gateway.Smtp))
        {
            Assert.StartsWith("250 ", await client.MessageAsync(
                "alice@src.example", ["bob@example.com"], "Subject: kept\r\n\r\nx\r\n"), StringComparison.Ordinal);
        }

        await gateway.Log.WaitForAsync("pending till");
        await gateway.KillAsync();
        host.Script = new HostScript();
        await gateway.StartAgainAsync();

        await gateway.Log.WaitForAsync("Message finished");
        Assert.EndsWith("Subject: kept\r\n\r\nx\r\n", Assert.Single(host.Taken).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sigterm_ends_with_0_and_ids_go_on_behind_the_old_ones()
    {
        await using var host = ScriptedHost.Start();
        await using var gateway = await GatewayProcess.StartAsync($"example.com {host.EndPoint}\n");
        await SendAsync(gateway);
        await gateway.Log.WaitForAsync("Message finished");
        Assert.Equal(0, await gateway.TerminateAsync());
        await gateway.StartAgainAsync();
        await SendAsync(gateway);

        var events = await gateway.Log.WaitForAllAsync(
            all => all.Count(text => text.StartsWith("Message finished", StringComparison.Ordinal)) == 2,
            "the end of both messages");
        var mids = events.Where(text => text.StartsWith("Start MID ", StringComparison.Ordinal))
            .Select(text => long.Parse(text.Split(' ')[2], CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(2, mids.Count);
        Assert.True(mids[0] < mids[1]);
        Assert.Equal(2, host.Taken.Count);
    }

    private static async Task SendAsync(GatewayProcess gateway)
    {
        await using var client = await SmtpProbe.GreetAsync(gateway.Smtp);
        Assert.StartsWith("250 ", await client.MessageAsync(
            "alice@src.example", ["bob@example.com"], "\r\nx\r\n"), StringComparison.Ordinal);
    }
}
