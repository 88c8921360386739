using Postern.TestHosts;
using TestTools;

namespace Crash;

/// <summary>A disk that has lost some of what it held: what is affected is said, and all else is delivered.</summary>
public sealed class DamagedStoreTests
{
    private const int Messages = 200;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task What_can_be_read_is_delivered_and_what_is_affected_is_named()
    {
        using var bound = new CancellationTokenSource(Bound);
        await using var host = ScriptedHost.Start(new HostScript { Banner = "431 full" });
        await using var gateway =
            await GatewayProcess.StartAsync($"example.com {host.EndPoint}\n", CrashRun.Brisk);
        await SendAsync(gateway);
        Assert.Contains("every record fits every other", await gateway.RunAsync("spool", "verify"),
            StringComparison.Ordinal);

        // A second start writes what the log of RocksDB holds into a table.
        Assert.Equal(0, await gateway.TerminateAsync());
        await gateway.StartAgainAsync();
        Assert.Equal(0, await gateway.TerminateAsync());
        Assert.Contains("every record fits every other", await gateway.RunAsync("spool", "verify"),
            StringComparison.Ordinal);
        Spoil(gateway);
        await IsNamedAsync();

        host.Script = new HostScript();
        await gateway.StartAgainAsync();
        var told = await gateway.Log.WaitForAsync("is damaged and not delivered");
        Assert.Contains("are affected", told, StringComparison.Ordinal);
        // The block holds some dozens of messages; the first and the last are in others.
        await host.WaitForAsync(all => all.Taken.Count >= Messages - 80, bound.Token);
        await gateway.Log.WaitForAsync($"Message finished MID {Messages} done");
        Assert.InRange(host.Taken.Count, Messages - 80, Messages - 1);
        await IsNamedAsync();

        // By the gateway as it runs, and without it.
        async Task IsNamedAsync() => Assert.Contains("are affected",
            (await Assert.ThrowsAsync<RunException>(() => gateway.RunAsync("spool", "verify"))).Message,
            StringComparison.Ordinal);
    }

    private static async Task SendAsync(GatewayProcess gateway)
    {
        await using var client = await SmtpProbe.GreetAsync(gateway.Smtp);
        for (var i = 0; i < Messages; i++)
        {
            var reply = await client.MessageAsync(
                "alice@src.example", ["bob@example.com"], $"Subject: {i}\r\n\r\nx\r\n");
            Assert.StartsWith("250 ", reply, StringComparison.Ordinal);
        }
    }

    // Records of messages come first in a table, before bodies.
    private static void Spoil(GatewayProcess gateway)
    {
        var table = Directory.GetFiles(Path.Combine(gateway.Data, "spool/store"), "*.sst")
            .MaxBy(file => new FileInfo(file).Length)!;
        using var file = File.OpenWrite(table);
        file.Seek(6000, SeekOrigin.Begin);
        file.Write(new byte[16]);
    }
}
