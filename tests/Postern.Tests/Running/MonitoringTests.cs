using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Xml.Linq;
using Postern.Demo;

namespace Postern.Tests.Running;

/// <summary>Accounts and figures of a real gateway that carries mail (contract §1 <c>admin reset</c>, §6).</summary>
public sealed class MonitoringTests : IDisposable
{
    private readonly WorkFolder work = new(WorkFolder.FreePorts + "metrics_from = [\"127.0.0.1\"]\n");

    public void Dispose() => work.Dispose();

    [Fact]
    public async Task Serve_prints_the_one_time_password_at_the_very_first_start_only()
    {
        string line;
        await using (var first = ChildProcess.Start(work.PathOf("."), "serve"))
        {
            line = await first.LineAsync("account ");
            await first.LineAsync("ready");
            await first.SignalAsync("TERM");
            Assert.Equal(0, (await first.EndAsync()).Code);
        }
        await using var second = ChildProcess.Start(work.PathOf("."), "serve");
        await second.LineAsync("ready");
        await second.SignalAsync("TERM");
        var (_, output, _) = await second.EndAsync();

        Assert.StartsWith("account admin, one-time password ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("password", output, StringComparison.Ordinal);
        Assert.DoesNotContain(PasswordIn(line), work.Read("data/accounts"), StringComparison.Ordinal);
        Assert.DoesNotContain(PasswordIn(line), work.Read("data/logs/mail.log"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reset_works_without_a_gateway_and_a_running_one_takes_it_up()
    {
        var (code, output, error) = await work.RunAsync("admin", "reset");
        var before = PasswordIn(output);
        await using var running = await RunningGateway.StartAsync(work);

        Assert.Equal((0, ""), (code, error));
        Assert.Null(running.Gateway.FirstPassword);
        // It is right, and good for nothing but the choice of another one.
        Assert.Equal(HttpStatusCode.Forbidden, (await StatusAsync(running, before)).Code);

        var (_, json, _) = await work.RunAsync("admin", "reset", "--json");
        var after = json.Split('"')[7];
        Assert.Equal(HttpStatusCode.Unauthorized, (await StatusAsync(running, before)).Code);
        Assert.Equal(HttpStatusCode.Forbidden, (await StatusAsync(running, after)).Code);
        await running.LoggedAsync("A login from 127.0.0.1 failed for the account admin");
    }

    [Fact]
    public async Task Lifetime_goes_on_over_a_restart_and_uptime_begins_again()
    {
        await using var host = DemoHost.Start(IPAddress.Loopback, "mail.example", full: false);
        work.Write("smtproutes", $"example.com {host.Address}\n");
        var password = PasswordIn((await work.RunAsync("admin", "reset")).Out);
        // As if its owner had chosen it.
        await File.WriteAllTextAsync(work.PathOf("data/accounts"),
            work.Read("data/accounts").Replace(" one-time ", " chosen ", StringComparison.Ordinal));
        for (var start = 1; start <= 2; start++)
        {
            await using var running = await RunningGateway.StartAsync(work);
            await DemoClient.SendAsync(running.Gateway.Listeners[0].Address, default);
            await running.LoggedAsync("Message finished");
            var (_, status) = await StatusAsync(running, password);

            var delivered = XDocument.Parse(status).Root!.Element("counters")!.Elements("counter")
                .Single(c => c.Attribute("name")!.Value == "delivered_recips");
            Assert.Equal(("1", $"{start}"),
                (delivered.Attribute("uptime")!.Value, delivered.Attribute("lifetime")!.Value));
        }
    }

    [Fact]
    public async Task Metrics_tell_of_the_mail_that_was_carried()
    {
        await using var host = DemoHost.Start(IPAddress.Loopback, "mail.example", full: false);
        work.Write("smtproutes", $"example.com {host.Address}\n");
        await using var running = await RunningGateway.StartAsync(work);
        for (var i = 0; i < 2; i++)
        {
            await DemoClient.SendAsync(running.Gateway.Listeners[0].Address, default);
            await running.LoggedAsync("Message finished");
        }

        using var http = new HttpClient { BaseAddress = running.Gateway.AdminAddress };
        var metrics = (await http.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Split('\n')
            .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(' '))
            .ToDictionary(words => words[0], words => double.Parse(words[1], CultureInfo.InvariantCulture));

        foreach (var counted in (string[])[
            "postern_messages_received_total{outcome=\"accepted\"}", "postern_messages_finished_total",
            "postern_recipients_completed_total{outcome=\"delivered\"}", "postern_commit_seconds_count",
            "postern_final_dot_seconds_count", "postern_queue_time_seconds_count",
            "postern_connections_opened_total{direction=\"in\"}"])
        {
            Assert.Equal((counted, 2), (counted, metrics[counted]));
        }
        Assert.Equal(0, metrics["postern_queue_messages"]);
        Assert.True(metrics["postern_final_dot_seconds_sum"] >= metrics["postern_commit_seconds_sum"]);
        Assert.True(metrics["postern_commit_seconds_sum"] > 0);
        Assert.True(metrics["postern_spool_bytes"] > 0);
        Assert.Equal(1, metrics["postern_hosts{state=\"up\"}"]);
    }

    [Fact]
    public async Task An_accounts_file_that_cannot_be_used_stops_the_start()
    {
        Directory.CreateDirectory(work.PathOf("data"));
        work.Write("data/accounts", "admin\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(work.PathOf("data/accounts"), UnixFileMode.UserRead | UnixFileMode.UserWrite);

        await using var postern = ChildProcess.Start(work.PathOf("."), "serve");
        var (code, _, error) = await postern.EndAsync();

        Assert.Equal(1, code);
        Assert.Contains("accounts:1: this is no account", error, StringComparison.Ordinal);
    }

    private static string PasswordIn(string line) => line.Split(' ')[4];

    private static async Task<(HttpStatusCode Code, string Body)> StatusAsync(RunningGateway running, string password)
    {
        using var http = new HttpClient { BaseAddress = running.Gateway.AdminAddress };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"admin:{password}")));
        using var answer = await http.GetAsync(new Uri("/xml/status", UriKind.Relative));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
