using Postern.Routing.Tests;
using Postern.TestHosts;
using TestTools;

namespace Scenarios;

/// <summary>
/// Destination hosts by name, with a DNS server that others wrote, and by IPv6 address (contract §3).
/// </summary>
public sealed class HostNameTests
{
    private const string Zone = """
          local-zone: "example." static
          local-data: "example. 60 IN SOA ns.example. root.example. 1 3600 900 86400 60"
          local-data: "relay.example. 60 IN A 127.0.0.10"
          local-data: "both.example. 60 IN A 127.0.0.10"
          local-data: "both.example. 60 IN A 127.0.0.20"
          local-data: "pool.example. 60 IN MX 20 mx2.example."
          local-data: "pool.example. 60 IN MX 10 mx1.example."
          local-data: "pool.example. 60 IN A 127.0.0.30"
          local-data: "mx1.example. 60 IN A 127.0.0.10"
          local-data: "mx2.example. 60 IN A 127.0.0.20"

        """;

    [Fact]
    public async Task A_name_in_brackets_goes_to_its_address_and_a_name_that_is_not_there_to_the_next_host()
    {
        await using var dns = await StartDnsAsync();
        await using var host = ScriptedHost.Start(address: "127.0.0.10");
        var port = host.EndPoint.Port;
        await using var gateway = await StartAsync(
            dns, $"example.com [nowhere.example]:{port}/pri=0, [relay.example]:{port}/pri=10");

        await SendAsync(gateway, 1);

        Assert.Single(host.Taken);
        Assert.Contains(gateway.Log.Events, line => line.StartsWith(
            $"Host nowhere.example:{port}: left out for 60 seconds: DNS Hard Error looking up nowhere.example (A):",
            StringComparison.Ordinal));
        Assert.DoesNotContain(gateway.Log.Events, line => line.StartsWith("Bounced:", StringComparison.Ordinal));
        var told = await gateway.RunAsync("hoststatus", "relay.example");
        Assert.Contains($"relay.example:{port}  up\n", told, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.10:{port}\n", told, StringComparison.Ordinal);
        Assert.Contains("left out", await gateway.RunAsync("hoststatus", $"nowhere.example:{port}"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_with_two_addresses_of_which_one_is_dead_is_one_host_and_takes_all_mail()
    {
        await using var dns = await StartDnsAsync();
        await using var dead = ScriptedHost.Start(address: "127.0.0.10");
        var port = dead.EndPoint.Port;
        await using var host = ScriptedHost.Start(address: "127.0.0.20", port: port);
        dead.StopListening();
        await using var gateway = await StartAsync(dns, $"example.com [both.example]:{port}");

        await SendAsync(gateway, 5);

        Assert.Equal(5, host.Taken.Count);
        Assert.InRange(gateway.Log.Events.Count(
            line => line.StartsWith("Connection Error", StringComparison.Ordinal)), 0, 1);
    }

    [Fact]
    public async Task A_name_without_brackets_goes_to_its_MX_in_their_order_and_to_their_addresses_at_the_port()
    {
        await using var dns = await StartDnsAsync();
        await using var first = ScriptedHost.Start(address: "127.0.0.10");
        var port = first.EndPoint.Port;
        await using var second = ScriptedHost.Start(address: "127.0.0.20", port: port);
        await using var own = ScriptedHost.Start(address: "127.0.0.30", port: port);
        await using var gateway = await StartAsync(dns, $"example.com pool.example:{port}");

        await SendAsync(gateway, 3);
        first.StopListening();
        first.CloseConnections();
        await Scene.UntilAsync(first, host => host.OpenConnections == 0);
        await SendAsync(gateway, 3, 3);

        Assert.Equal((3, 3, 0), (first.Taken.Count, second.Taken.Count, own.Connections));
    }

    [Fact]
    public async Task IPv6_hosts_are_written_in_brackets_and_fail_over_like_others()
    {
        await using var dead = ScriptedHost.Start(address: "::1");
        await using var host = ScriptedHost.Start(address: "::1");
        dead.StopListening();
        await using var gateway = await GatewayProcess.StartAsync(
            $"example.com {dead.EndPoint}/pri=0, {host.EndPoint}/pri=10\n");

        await SendAsync(gateway, 2);

        Assert.Equal(2, host.Taken.Count);
        Assert.Contains($"New SMTP DCID 2 interface ::1 address ::1 port {host.EndPoint.Port}", gateway.Log.Events);
        Assert.Contains(
            $"Connection Error: DCID 1 domain: example.com IP: ::1 port: {dead.EndPoint.Port} details: "
            + "[Errno 111] Connection refused interface: ::1 reason: network error", gateway.Log.Events);
        Assert.Contains($"Host [::1]:{dead.EndPoint.Port}: left out for 60 seconds: [Errno 111] Connection refused",
            gateway.Log.Events);
        Assert.Contains($"[::1]:{dead.EndPoint.Port}  left out\n",
            await gateway.RunAsync("hoststatus", dead.EndPoint.ToString()), StringComparison.Ordinal);
    }

    private static Task<UnboundServer> StartDnsAsync()
    {
        ForeignTool.Unbound.Require();
        return UnboundServer.StartAsync(Zone, TestContext.Current.CancellationToken);
    }

    private static Task<GatewayProcess> StartAsync(UnboundServer dns, string routes) =>
        GatewayProcess.StartAsync(routes + "\n", $"[dns]\nservers = [\"{dns.EndPoint}\"]");

    private static async Task SendAsync(GatewayProcess gateway, int messages, int before = 0)
    {
        await using var client = await SmtpProbe.GreetAsync(gateway.Smtp);
        for (var i = before + 1; i <= before + messages; i++)
        {
            Assert.StartsWith("250 ", await client.MessageAsync(
                "alice@src.example", ["bob@example.com"], Scene.Content($"m{i}")), StringComparison.Ordinal);
            await gateway.Log.WaitForAsync($"Message finished MID {i} done");
        }
    }
}
