using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Postern.Admin;
using Postern.Admin.Alerts;
using Postern.Demo;
using Postern.TestHosts;

namespace Postern.Tests.Running;

/// <summary>An alert of a running gateway, from what is wrong to the log and the API.</summary>
public sealed class AlertTests : IDisposable
{
    // No disk has so much room.
    private const string Full = "[spool]\nfree_space_soft = \"900000000MB\"\n";
    private const string Mailed = "[alert]\nmail_to = [\"ops@ops.example\"]\n";
    private readonly WorkFolder work = new(WorkFolder.FreePorts + Mailed);

    public void Dispose() => work.Dispose();

    [Fact]
    public async Task A_disk_that_is_nearly_full_is_told_in_the_log_over_the_API_and_by_mail_and_so_is_its_end()
    {
        await using var host = ScriptedHost.Start();
        work.Write("smtproutes", $"ops.example {host.EndPoint}\n");
        await using var running = await RunningGateway.StartAsync(work, new FastTime());

        work.Write("postern.toml", WorkFolder.FreePorts + Full + Mailed);
        await running.LoggedAsync("Warning: Alert: ");
        var now = await AskAsync(running.Http);
        var alert = Assert.Single(now.Active);
        Assert.Equal(AlertKind.DiskLow, alert.Kind);
        Assert.Contains("MB are free on the disk of the spool, fewer than free_space_soft (900000000 MB)", alert.Text,
            StringComparison.Ordinal);
        using (var ready = await running.Http.GetAsync(new Uri("/health/ready", UriKind.Relative)))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        // New mail is refused, and the alert goes out all the same.
        var refused = await Assert.ThrowsAsync<IOException>(
            () => DemoClient.SendAsync(running.Gateway.Listeners[0].Address, default));
        Assert.Contains("452 4.3.1", refused.Message, StringComparison.Ordinal);
        await running.LoggedAsync("MID 1 was generated for alert");
        await running.LoggedAsync("Message finished MID 1 done");
        var mail = Assert.Single(host.Taken);
        Assert.Equal(("", "ops@ops.example"), (mail.ReversePath, Assert.Single(mail.Accepted)));
        Assert.Contains("Alert: the disk is nearly full\r\n", mail.Text, StringComparison.Ordinal);
        Assert.Contains("Auto-Submitted: auto-generated\r\n", mail.Text, StringComparison.Ordinal);

        work.Write("postern.toml", WorkFolder.FreePorts + Mailed);
        await running.LoggedAsync("Info: Alert over: ");
        now = await AskAsync(running.Http);
        Assert.Empty(now.Active);
        Assert.Equal((alert.Kind, alert.Since), (Assert.Single(now.Ended).Kind, now.Ended[0].Since));
        await running.LoggedAsync("Message finished MID 2 done");
        Assert.Contains("Over: the disk is nearly full\r\n", host.Taken[1].Text, StringComparison.Ordinal);
        // What was made is what was delivered, and nothing came in.
        var status = (await running.Http.GetFromJsonAsync<JsonElement>(new Uri("/api/v1/status", UriKind.Relative)))
            .GetProperty("counters");
        Assert.Equal((0, 2, 2), (status.GetProperty("injectedRecipients").GetInt32(),
            status.GetProperty("generatedBounceRecipients").GetInt32(),
            status.GetProperty("deliveredRecipients").GetInt32()));
    }

    private static async Task<AlertsAnswer> AskAsync(HttpClient http) =>
        (await http.GetFromJsonAsync<AlertsAnswer>(new Uri("/api/v1/alerts", UriKind.Relative), ApiJson.Options))!;
}
