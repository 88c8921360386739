using System.Net;
using TestTools;

namespace Scenarios;

/// <summary>A change that is told to have failed is not in force, now or after a restart.</summary>
public sealed class FailedChangeTests
{
    private const string Host = "192.0.2.1:25";

    // The file is written and renamed, and then the folder that holds its name cannot be synced: once, or neither when
    // what stood there before is put back.
    [Theory]
    [InlineData("drained", $"hosts/{Host}/drain", "1", false)]
    [InlineData("drained", $"hosts/{Host}/drain", "1+", true)]
    [InlineData("accounts", "accounts/new?name=vera&role=viewer", "1", false)]
    [InlineData("tokens", "tokens/new?name=robot", "1", false)]
    [InlineData("suspended", "delivery/suspend?host=example.com", "1", false)]
    [InlineData("smtproutes", "routes/new?key=new.example&hosts=192.0.2.2", "1", false)]
    [InlineData("smtproutes", "routes/new?key=new.example&hosts=192.0.2.2", "1+", true)]
    public async Task A_change_whose_folder_cannot_be_synced_is_taken_back(
        string file, string change, string syncs, bool isUncertain)
    {
        await using var gateway = await GatewayProcess.StartAsync($"example.com {Host}\n");
        string[] folders = [gateway.Data, Path.GetDirectoryName(gateway.RoutesFile)!];
        var before = Contents(folders, file);
        await using (var disk = await InjectedFaults.AttachAsync(
            gateway.Id, "fsync", $"error=EIO:when={syncs}", folders, TestContext.Current.CancellationToken))
        {
            var (status, said) = await ChangeAsync(gateway, change);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
            Assert.Contains("cannot sync", said, StringComparison.Ordinal);
            Assert.Equal(isUncertain, said.Contains("may be in force", StringComparison.Ordinal));
            await disk.EndAsync();
        }

        Assert.Equal(before, Contents(folders, file));
        Assert.Equal(0, await gateway.TerminateAsync());
        await gateway.StartAgainAsync();
        Assert.Equal(before, Contents(folders, file));
        // Nothing is left of it that keeps it from being done now.
        Assert.Equal(HttpStatusCode.OK, (await ChangeAsync(gateway, change)).Status);
        Assert.NotEqual(before, Contents(folders, file));
    }

    private static async Task<(HttpStatusCode Status, string Said)> ChangeAsync(GatewayProcess gateway, string change)
    {
        var address = (await File.ReadAllTextAsync(Path.Combine(gateway.Data, "api-address"))).Trim();
        using var http = new HttpClient { BaseAddress = new Uri($"{address.TrimEnd('/')}/api/v1/") };
        http.DefaultRequestHeaders.Authorization =
            new("Bearer", (await File.ReadAllTextAsync(Path.Combine(gateway.Data, "api-token"))).Trim());
        using var answer = await http.PostAsync(new Uri(change.Replace(":", "%3A", StringComparison.Ordinal),
            UriKind.Relative), null);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static List<string> Contents(string[] folders, string file) =>
        [.. folders.Select(folder => Path.Combine(folder, file)).Where(File.Exists).Select(File.ReadAllText)];
}
