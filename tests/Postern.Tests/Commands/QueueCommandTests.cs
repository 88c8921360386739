using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Postern.Demo;
using Postern.Tests.Running;

namespace Postern.Tests.Commands;

/// <summary>The commands for what waits, against a running gateway with a real spool (contract §1).</summary>
public sealed class QueueCommandTests : IDisposable
{
    private readonly WorkFolder work = new();

    public void Dispose() => work.Dispose();

    [Theory]
    [InlineData("showrecipients")]
    [InlineData("deleterecipients")]
    [InlineData("bouncerecipients", "--yes")]
    [InlineData("redirectrecipients", "127.0.0.1:2")]
    [InlineData("redirectrecipients", "--all")]
    [InlineData("delivernow")]
    [InlineData("delivernow", "--mid", "abc")]
    [InlineData("showrecipients", "--older", "5")]
    [InlineData("showrecipients", "--larger", "1XB")]
    [InlineData("showrecipients", "--reason", "bogus")]
    [InlineData("showrecipients", "--attempts", "-1")]
    [InlineData("deleterecipients", "--host", "a..b", "--yes")]
    [InlineData("deleterecipients", "--recipient", "", "--yes")]
    [InlineData("deleterecipients", "--sender", "", "--all", "--yes")]
    [InlineData("deleterecipients", "--attempts", "0", "--yes")]
    [InlineData("deleterecipients", "--older", "0s", "--larger", "0B", "--yes")]
    [InlineData("redirectrecipients", "192.168.10", "--all", "--yes")]
    [InlineData("suspenddel", "--host", "a..b")]
    public async Task What_is_meant_has_to_be_said(params string[] arguments)
    {
        var (code, _, error) = await work.RunAsync(arguments);
        Assert.Equal(2, code);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("--limit is 1 to 1000", "showrecipients", "--all", "--limit", "1001")]
    [InlineData("--limit is 1 to 1000", "showrecipients", "--all", "--limit", "0")]
    [InlineData("'-5' is no MID", "showrecipients", "--all", "--after", "-5")]
    [InlineData("'-1' is no MID", "showmessage", "-1")]
    [InlineData("'abc' is no MID", "showmessage", "abc")]
    [InlineData("'9223372036854775808' is no MID", "showmessage", "9223372036854775808")]
    [InlineData("'-1' is no MID", "spool", "export", "-1")]
    public async Task A_number_that_cannot_be_is_wrong_usage(string says, params string[] arguments)
    {
        var (code, _, error) = await work.RunAsync(arguments);
        Assert.Equal(2, code);
        Assert.StartsWith($"postern: {says}", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Mail_is_shown_and_deleted_once_it_was_said_how_much_it_is()
    {
        await using var running = await WithHeldMailAsync("example.com 127.0.0.1:1\n");

        var shown = await DoneAsync("showrecipients", "--host", "example.com");
        Assert.Contains("\n1          ", shown, StringComparison.Ordinal);
        Assert.Contains("[0]        [", shown, StringComparison.Ordinal);
        Assert.Contains("held for want of a host, until", shown, StringComparison.Ordinal);
        using (var json = JsonDocument.Parse(await DoneAsync("showrecipients", "--all", "--json")))
        {
            var row = json.RootElement.GetProperty("recipients")[0];
            Assert.Equal((1, "host", "held"), (row.GetProperty("mid").GetInt32(), row.GetProperty("reason").GetString(),
                row.GetProperty("state").GetString()));
        }

        var (code, _, error) = await work.RunAsync("deleterecipients", "--host", "example.com");
        Assert.Equal(2, code);
        Assert.Equal("postern: 1 recipient in 1 message would be deleted. Nothing was changed; --yes does it\n", error);
        Assert.Equal("No mail waits that fits.\n", await DoneAsync("showrecipients", "--host", "other.example"));
        await DoneAsync("deleterecipients", "--host", "other.example", "--yes");
        Assert.Contains("1 recipient in 1 message: deleted\n",
            await DoneAsync("deleterecipients", "--mid", "1", "--yes"), StringComparison.Ordinal);

        Assert.Contains("MID 1 to RID [0] - by the operator", await running.LoggedAsync("Deleted:"),
            StringComparison.Ordinal);
        await running.LoggedAsync("Message finished MID 1 done");
        Assert.Equal("No mail waits that fits.\n", await DoneAsync("showrecipients", "--all"));
    }

    [Fact]
    public async Task What_a_host_said_cannot_command_the_terminal()
    {
        using var host = new TcpListener(IPAddress.Loopback, 0);
        host.Start();
        var greeting = GreetAsync(host, "431-\u001b[2Jfull\r\n431 of it\r\n");
        await using var running = await WithHeldMailAsync($"example.com {host.LocalEndpoint}\n");
        await greeting;
        string[][] commands =
        [
            ["showrecipients", "--all"], ["showmessage", "1"], ["hoststatus", "example.com"],
            ["smtproutes", "test", "bob@example.com"], ["drain", $"{host.LocalEndpoint}"],
        ];
        foreach (var command in commands)
        {
            var shown = await DoneAsync(command);
            if (command[0] != "drain") Assert.Contains(@"431-\x1B[2Jfull\nof it", shown, StringComparison.Ordinal);
            Assert.DoesNotContain('\u001b', shown);
        }
    }

    [Fact]
    public async Task Redirected_mail_goes_where_it_is_sent()
    {
        await using var host = DemoHost.Start(IPAddress.Loopback, "mail.example", full: false);
        await using var running = await WithHeldMailAsync("example.com 127.0.0.1:1\n");

        await DoneAsync("redirectrecipients", "--all", host.Address.ToString(), "--yes");

        await running.LoggedAsync($"Redirected: MID 1 to RID [0] - to {host.Address} by the operator");
        await running.LoggedAsync("Message finished MID 1 done");
        var (code, _, error) = await work.RunAsync("redirectrecipients", "--all", "/dev/null", "--yes");
        Assert.Equal(2, code);
        Assert.Contains("is no destination host", error, StringComparison.Ordinal);
        foreach (var nothing in new[] { "", "/dev/zero" })
        {
            (code, _, error) = await work.RunAsync("redirectrecipients", "--all", nothing, "--yes");
            Assert.Equal(2, code);
            Assert.DoesNotContain("/dev/null", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Bounced_mail_makes_a_bounce_of_5_0_0()
    {
        await using var running = await WithHeldMailAsync("example.com 127.0.0.1:1\n");
        await DoneAsync("bouncerecipients", "--sender", "alice@SRC.example", "--yes");
        Assert.Contains("Bounced: DCID 0 MID 1 to RID 0 - 5.0.0", await running.LoggedAsync("Bounced:"),
            StringComparison.Ordinal);
        await running.LoggedAsync("was generated for bounce of MID 1");
    }

    [Fact]
    public async Task Deliver_now_does_not_wait_until_the_host_may_be_probed()
    {
        using var host = new TcpListener(IPAddress.Loopback, 0);
        host.Start();
        var address = (IPEndPoint)host.LocalEndpoint;
        host.Stop();
        await using var running = await WithHeldMailAsync($"example.com {address}\n");
        using var back = new TcpListener(address);
        back.Start();

        var done = await DoneAsync("delivernow", "--host", "example.com");

        Assert.StartsWith("1 recipient in 1 message: released", done, StringComparison.Ordinal);
        using var probe = await back.AcceptTcpClientAsync();
        Assert.True(probe.Connected);
    }

    [Fact]
    public async Task Suspended_delivery_and_listeners_stay_suspended_over_a_restart()
    {
        await using var host = DemoHost.Start(IPAddress.Loopback, "mail.example", full: false);
        work.Write("smtproutes", $"example.com {host.Address}\n");
        IPEndPoint address;
        await using (var running = await RunningGateway.StartAsync(work))
        {
            Assert.Equal("Delivery to example.com is suspended.\n",
                await DoneAsync("suspenddel", "--host", "Example.COM"));
            address = running.Gateway.Listeners[0].Address;
            await DemoClient.SendAsync(address, default);
            await running.LoggedAsync("MID 1 queued for delivery");
            var name = running.Gateway.Listeners[0].Name;
            Assert.Contains("System status        online\nSuspended            delivery to example.com\n",
                await DoneAsync("status"), StringComparison.Ordinal);
            Assert.Equal($"Delivery to example.com is suspended.\nThe listener {name} is suspended.\n",
                await DoneAsync("suspendlistener"));
            await Assert.ThrowsAsync<SocketException>(() => DemoClient.SendAsync(address, default));
            Assert.Equal(1, (await work.RunAsync("suspendlistener", "nobody")).Code);
            Assert.Contains($"""
                System status        receiving suspended
                Suspended            the listener {name}; delivery to example.com
                """, await DoneAsync("status"), StringComparison.Ordinal);
        }

        await using var again = await RunningGateway.StartAsync(work);
        Assert.False(again.Gateway.Listeners[0].IsBound);
        Assert.Contains("delivery is suspended", await DoneAsync("showmessage", "1"), StringComparison.Ordinal);
        await DoneAsync("resumelistener");
        Assert.True(again.Gateway.Listeners[0].IsBound);
        Assert.Equal("Nothing is suspended.\n", await DoneAsync("resumedel"));
        await again.LoggedAsync("Message finished MID 1 done");
    }

    [Theory]
    [InlineData]
    [InlineData("gone")]
    public async Task A_listener_that_is_no_longer_configured_can_be_resumed(params string[] named)
    {
        Directory.CreateDirectory(work.PathOf("data"));
        work.Write("data/suspended", "listener gone\n");
        await using var running = await RunningGateway.StartAsync(work);
        Assert.Contains("the listener gone", await DoneAsync("status"), StringComparison.Ordinal);
        Assert.Equal(1, (await work.RunAsync("suspendlistener", "gone")).Code);

        Assert.Equal("Nothing is suspended.\n", await DoneAsync(["resumelistener", .. named]));

        Assert.Equal("", work.Read("data/suspended"));
    }

    [Fact]
    public async Task What_waits_since_delivery_is_suspended_is_said_where_an_attempt_was_asked_for()
    {
        await using var running = await WithHeldMailAsync("example.com 127.0.0.1:1\n");
        await DoneAsync("suspenddel");

        Assert.Equal("0 recipients in 0 messages: released for an attempt at once\n"
            + "1 recipient not tried: delivery is suspended, until 'postern resumedel'\n",
            await DoneAsync("delivernow", "--all"));
        Assert.EndsWith("Mail for example.com still waits: 'postern resumedel' resumes all delivery.\n",
            await DoneAsync("resumedel", "--host", "example.com"), StringComparison.Ordinal);
        Assert.Contains("System status        delivery suspended\n", await DoneAsync("status"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_has_no_host_to_try_is_said_where_an_attempt_was_asked_for()
    {
        await using var running = await WithHeldMailAsync("example.com 127.0.0.1:1\n");
        await DoneAsync("drain", "127.0.0.1:1");
        Assert.Equal("0 recipients in 0 messages: released for an attempt at once\n"
            + "1 recipient not tried: every host of the route is drained, until 'postern undrain'\n",
            await DoneAsync("delivernow", "--all"));

        await DoneAsync("smtproutes", "edit", "example.com", "/dev/null");
        Assert.Equal("0 recipients in 0 messages: released for an attempt at once\n"
            + "1 recipient not tried: the route is /dev/null now; held until deleted, redirected or expired\n",
            await DoneAsync("delivernow", "--all"));
    }

    [Fact]
    public async Task Mail_redirected_with_a_profile_that_is_no_longer_defined_waits_and_says_so()
    {
        await using var host = DemoHost.Start(IPAddress.Loopback, "mail.example", full: false);
        var without = work.Read("postern.toml");
        work.Write("postern.toml", without
            + "[auth_profile.office]\nusername = \"gw\"\npassword_env = \"PATH\"\n");
        await using (await WithHeldMailAsync("example.com 127.0.0.1:1\n"))
        {
            await DoneAsync("suspenddel");
            await DoneAsync("redirectrecipients", "--all", $"{host.Address} auth=office", "--yes");
        }
        work.Write("postern.toml", without);

        await using var running = await RunningGateway.StartAsync(work);
        await DoneAsync("resumedel");

        Assert.EndsWith($"credentials cannot be used at {host.Address} for profile office: [auth_profile.office] is "
            + "not defined; make it with 'postern smtpauth new office', or redirect the mail without it",
            await running.LoggedAsync("Warning: credentials"), StringComparison.Ordinal);
        Assert.Contains("[auth_profile.office] is not defined", await DoneAsync("showmessage", "1"),
            StringComparison.Ordinal);
    }

    private static async Task GreetAsync(TcpListener host, string banner)
    {
        using var client = await host.AcceptTcpClientAsync();
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(banner));
    }

    private async Task<RunningGateway> WithHeldMailAsync(string routes)
    {
        work.Write("smtproutes", routes);
        var running = await RunningGateway.StartAsync(work);
        await DemoClient.SendAsync(running.Gateway.Listeners[0].Address, default);
        await running.LoggedAsync("MID 1 to RID [0] pending till");
        return running;
    }

    private async Task<string> DoneAsync(params string[] arguments)
    {
        var (code, output, error) = await work.RunAsync(arguments);
        Assert.Equal((0, ""), (code, error));
        return output;
    }
}
