using System.Net;
using System.Text.Json;
using Postern.Demo;
using Postern.Tests.Running;

namespace Postern.Tests.Commands;

/// <summary>The commands that talk to the running gateway, against a real one (contract §1).</summary>
public sealed class GatewayCommandTests : IDisposable
{
    private readonly WorkFolder work = new();

    public void Dispose() => work.Dispose();

    [Theory]
    [InlineData("drain", "127.0.0.10")]
    [InlineData("undrain", "127.0.0.10")]
    [InlineData("showmessage", "1")]
    [InlineData("dnsflush")]
    [InlineData("delivernow", "--all")]
    [InlineData("hoststatus", "example.com")]
    [InlineData("tophosts")]
    [InlineData("status")]
    [InlineData("rate")]
    public async Task Without_a_gateway_one_line_says_so(params string[] arguments)
    {
        var (code, output, error) = await work.RunAsync(arguments);

        Assert.Equal((1, ""), (code, output));
        Assert.Equal($"postern: no gateway runs on {work.PathOf("data")}; 'postern serve' starts one\n", error);
    }

    [Fact]
    public async Task What_a_killed_gateway_left_behind_is_no_gateway()
    {
        Directory.CreateDirectory(work.PathOf("data"));
        work.Write("data/api-address", "http://127.0.0.1:1/\n");
        work.Write("data/api-token", new string('0', 64));

        var (code, _, error) = await work.RunAsync("dnsflush");

        Assert.Equal(1, code);
        Assert.Contains("no gateway runs on", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stranger_at_the_address_of_a_killed_gateway_is_told_no_token()
    {
        var token = new string('a', 64);
        await using var stranger = Stranger.Start();
        Directory.CreateDirectory(work.PathOf("data"));
        work.Write("data/api-address", $"http://{stranger.Address}/\n");
        work.Write("data/api-token", token);
        work.Write("smtproutes", "example.com 127.0.0.10\n");

        var (code, output, error) = await work.RunAsync("status");
        var (tested, _, _) = await work.RunAsync("smtproutes", "test", "bob@example.com");

        Assert.Equal((1, ""), (code, output));
        Assert.Equal($"postern: no gateway runs on {work.PathOf("data")}; 'postern serve' starts one "
            + $"({stranger.Address} is somebody else, and was told nothing)\n", error);
        Assert.Equal(0, tested);
        foreach (var heard in (string[])[await stranger.HearAsync(), await stranger.HearAsync()])
        {
            Assert.StartsWith("GET /health/proof/", heard, StringComparison.Ordinal);
            Assert.DoesNotContain(token, heard, StringComparison.Ordinal);
            Assert.DoesNotContain("uthorization", heard, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_proof_that_was_relayed_from_the_gateway_elsewhere_is_none()
    {
        await using var running = await RunningGateway.StartAsync(work);
        await using var stranger = Stranger.Start(running.Gateway.AdminAddress);
        work.Write("data/api-address", $"http://{stranger.Address}/\n");

        var (code, _, error) = await work.RunAsync("status");

        Assert.Equal(1, code);
        Assert.Contains($"{stranger.Address} is somebody else", error, StringComparison.Ordinal);
        Assert.DoesNotContain("uthorization", await stranger.HearAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_running_gateway_and_the_file_alone_are_told_in_one_shape()
    {
        work.Write("smtproutes", "example.com 127.0.0.1:1, 127.0.0.1:2/pri=10\nALL relay.example\n");
        string[] command = ["smtproutes", "test", "bob@example.com", "x@other.example", "--json"];
        using var byFile = JsonDocument.Parse(await DoneAsync(command));
        await using var running = await RunningGateway.StartAsync(work);
        using var byGateway = JsonDocument.Parse(await DoneAsync(command));

        foreach (var (file, gateway) in byFile.RootElement.EnumerateArray().Zip(byGateway.RootElement.EnumerateArray()))
        {
            Assert.Equal(Names(file), Names(gateway));
            Assert.Equal(file.GetProperty("route").GetRawText(), gateway.GetProperty("route").GetRawText());
            Assert.Equal(Names(file.GetProperty("hosts")[0]), Names(gateway.GetProperty("hosts")[0]));
            Assert.NotEqual(JsonValueKind.Null, gateway.GetProperty("queue").ValueKind);
        }
    }

    [Fact]
    public async Task Status_and_hoststatus_show_what_became_of_mail()
    {
        await using var host = DemoHost.Start(IPAddress.Loopback, "mail.example", full: false);
        work.Write("smtproutes", $"example.com {host.Address}\n");
        await using var running = await RunningGateway.StartAsync(work);
        await DemoClient.SendAsync(running.Gateway.Listeners[0].Address, default);
        await running.LoggedAsync("Message finished MID 1 done");

        using var status = JsonDocument.Parse(await DoneAsync("status", "--json"));
        var counters = status.RootElement.GetProperty("counters");
        Assert.Equal((1, 1, 1), (counters.GetProperty("injectedMessages").GetInt32(),
            counters.GetProperty("deliveredRecipients").GetInt32(),
            counters.GetProperty("completedRecipients").GetInt32()));
        Assert.Contains("System status        online\n", await DoneAsync("status"), StringComparison.Ordinal);
        var top = (await DoneAsync("tophosts")).Split('\n');
        Assert.Matches(@"^ +1 example\.com +0 +\d +1 +0 +0$", top[^2]);
        var domain = await DoneAsync("hoststatus", "example.com");
        Assert.Matches(@"Delivered recipients +1\n", domain);
        Assert.Matches($@"\n{host.Address}  up\n", domain);
        Assert.Matches(@"last reply +250-", await DoneAsync("hoststatus", host.Address.ToString()));
        Assert.Equal(3, (await DoneAsync("rate", "--count", "1")).TrimEnd().Split('\n').Length);
    }

    [Theory]
    [InlineData("drain", "10.1")]
    [InlineData("hoststatus", "10.1")]
    [InlineData("tophosts", "--sort", "size")]
    [InlineData("tophosts", "--limit", "0")]
    [InlineData("rate", "--seconds", "0")]
    [InlineData("showmessage", "six")]
    [InlineData("delivernow")]
    public async Task Wrong_words_are_wrong_usage(params string[] arguments)
    {
        var (code, _, error) = await work.RunAsync(arguments);
        Assert.Equal(2, code);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_drained_host_stays_drained_over_a_restart_its_mail_is_explained_and_undrain_delivers_it()
    {
        await using var host = DemoHost.Start(IPAddress.Loopback, "mail.example", full: false);
        work.Write("smtproutes", $"example.com {host.Address}\n");
        await using (await RunningGateway.StartAsync(work))
        {
            var drained = await DoneAsync("drain", host.Address.ToString());
            Assert.StartsWith($"{host.Address} is drained: no new mail for it, also after a restart\n", drained,
                StringComparison.Ordinal);
        }
        Assert.False(File.Exists(work.PathOf("data/api-address")));

        await using var running = await RunningGateway.StartAsync(work);
        await DemoClient.SendAsync(running.Gateway.Listeners[0].Address, default);
        await running.LoggedAsync("MID 1 to RID [0] pending till");

        var message = await DoneAsync("showmessage", "1");
        Assert.Contains("  RID 0 <", message, StringComparison.Ordinal);
        Assert.Contains("for want of a host", message, StringComparison.Ordinal);
        Assert.Contains("hosts   none can be tried now", message, StringComparison.Ordinal);

        var test = await DoneAsync("smtproutes", "test", "bob@example.com");
        Assert.Contains("  route  example.com (line 1)\n", test, StringComparison.Ordinal);
        Assert.Contains($"  not    {host.Address}  priority 0, weight 1, tls preferred, drained: by hand\n",
            test,
            StringComparison.Ordinal);
        Assert.Contains("1 held for want of a host", test, StringComparison.Ordinal);

        Assert.StartsWith($"{host.Address} takes mail again\n", await DoneAsync("undrain", host.Address.ToString()),
            StringComparison.Ordinal);
        await running.LoggedAsync("Message finished MID 1 done");
        var (code, _, error) = await work.RunAsync("showmessage", "1");
        Assert.Equal((1, "postern: MID 1 is not in the queue\n"), (code, error));
    }

    [Fact]
    public async Task A_dry_run_counts_the_queued_recipients_that_would_go_elsewhere()
    {
        work.Write("smtproutes", "example.com 127.0.0.1:1\n");
        work.Write("other", "example.com 127.0.0.1:2\n");
        await using var running = await RunningGateway.StartAsync(work);
        await DoneAsync("drain", "127.0.0.1");
        await DemoClient.SendAsync(running.Gateway.Listeners[0].Address, default);
        await running.LoggedAsync("MID 1 to RID [0] pending till");

        var output = await DoneAsync("smtproutes", "import", work.PathOf("other"), "--dry-run");
        var json = await DoneAsync("smtproutes", "import", work.PathOf("other"), "--dry-run", "--json");

        Assert.EndsWith("0 added, 1 altered, 0 removed\n1 queued recipient would go elsewhere\n", output,
            StringComparison.Ordinal);
        using var parsed = JsonDocument.Parse(json);
        Assert.Equal(1, parsed.RootElement.GetProperty("recipientsElsewhere").GetInt32());
    }

    [Fact]
    public async Task Json_and_dnsflush_come_from_the_running_gateway()
    {
        await using var running = await RunningGateway.StartAsync(work);

        using var json = JsonDocument.Parse(await DoneAsync("drain", "[relay.example]:587", "--json"));
        Assert.Equal("relay.example:587", json.RootElement.GetProperty("host").GetString());
        Assert.StartsWith("DNS answers are forgotten", await DoneAsync("dnsflush"), StringComparison.Ordinal);
        var (code, _, error) = await work.RunAsync("undrain", "relay.example:25");
        Assert.Equal(1, code);
        Assert.Contains("is not drained under this name and port", error, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(p => p.Name);

    private async Task<string> DoneAsync(params string[] arguments)
    {
        var (code, output, error) = await work.RunAsync(arguments);
        Assert.Equal((0, ""), (code, error));
        return output;
    }
}
