using System.Net.Http.Headers;
using System.Net.Http.Json;
using Postern.Admin;
using Postern.Admin.Alerts;

namespace Postern.Tests.Running;

/// <summary>An alert of a running gateway, from what is wrong to the log and the API.</summary>
public sealed class AlertTests : IDisposable
{
    // No disk has so much room.
    private const string Full = "[spool]\nfree_space_soft = \"900000000MB\"\n";
    private readonly WorkFolder work = new(WorkFolder.FreePorts + Full);

    public void Dispose() => work.Dispose();

    [Fact]
    public async Task A_disk_that_is_nearly_full_is_told_in_the_log_and_over_the_API_and_so_is_its_end()
    {
        await using var running = await RunningGateway.StartAsync(work);
        using var http = new HttpClient { BaseAddress = running.Gateway.AdminAddress };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer", (await File.ReadAllTextAsync(work.PathOf("data/api-token"))).Trim());

        await running.LoggedAsync("Warning: Alert: ");
        var now = await AskAsync(http);
        var alert = Assert.Single(now.Active);
        Assert.Equal(AlertKind.DiskLow, alert.Kind);
        Assert.Contains("MB are free on the disk of the spool, fewer than free_space_soft (900000000 MB)", alert.Text,
            StringComparison.Ordinal);

        work.Write("postern.toml", WorkFolder.FreePorts);
        await running.LoggedAsync("Info: Alert over: ");
        now = await AskAsync(http);
        Assert.Empty(now.Active);
        Assert.Equal(alert.Text, Assert.Single(now.Ended).Text);
    }

    private static async Task<AlertsAnswer> AskAsync(HttpClient http) =>
        (await http.GetFromJsonAsync<AlertsAnswer>(new Uri("/api/v1/alerts", UriKind.Relative), ApiJson.Options))!;
}
