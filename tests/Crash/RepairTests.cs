using Postern.TestHosts;
using TestTools;

namespace Crash;

/// <summary>
/// A store that does not open any more: the start says where and what to do, <c>postern spool repair</c> says what is
/// lost, and all else is delivered, once.
/// </summary>
public sealed class RepairTests
{
    private const int InTable = 30;
    private const int InWal = 10;
    private const long SmallDisk = 96 << 20;
    private const string Held = "held@example.com";
    private const string Done = "done@example.com";
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(4);

    private static readonly HostScript Deferring = new()
    {
        Rcpt = (_, to) => to.Contains(Held, StringComparison.Ordinal) ? "450 4.2.0 later" : "250 2.1.5 ok",
    };

    [Theory]
    [InlineData("the WAL in the middle", 1, InWal)]
    [InlineData("the WAL at its front", 0, 0)]
    [InlineData("MANIFEST", 0, 0)]
    [InlineData("a table's footer", InTable, 0)]
    public async Task What_can_be_read_is_delivered_once_and_what_is_lost_is_told(
        string part, int mostLost, int mostDoubled)
    {
        using var bound = Within();
        await using var host = ScriptedHost.Start(Deferring);
        await using var gateway = await FilledAsync(host, bound.Token);
        Damage(gateway, part);
        var refusal = await Assert.ThrowsAsync<RunException>(() => gateway.StartAgainAsync());
        Assert.Contains(Path.Combine(gateway.Data, "spool"), refusal.Message, StringComparison.Ordinal);
        Assert.Contains("'postern spool repair'", refusal.Message, StringComparison.Ordinal);

        var told = await gateway.RunAsync("spool", "repair", "--yes");
        Assert.Contains("kept in ", told, StringComparison.Ordinal);
        Assert.Contains("left out: ", told, StringComparison.Ordinal);
        Assert.Contains("every record fits every other", told, StringComparison.Ordinal);
        Assert.Contains("spool repair", await gateway.RunAsync("admin", "audit", "list"), StringComparison.Ordinal);
        var left = Messages(told);

        host.Script = new HostScript();
        await gateway.StartAgainAsync();
        await host.WaitForAsync(all => all.Taken.Count >= InTable + InWal + left, bound.Token);
        Assert.Equal(0, await gateway.TerminateAsync());
        Assert.Empty(await StoreCheck.FaultsAsync(gateway, isEmpty: true));

        var times = host.Taken.CountBy(taken => taken.Text[taken.Text.IndexOf("Subject: ", StringComparison.Ordinal)..])
            .ToDictionary();
        var doubled = times.Values.Sum(count => count - 1);
        Assert.InRange(2 * (InTable + InWal) - times.Count, 0, mostLost);
        // One batch of the WAL may say of several messages that they were delivered.
        Assert.InRange(doubled, 0, mostDoubled);
    }

    /// <summary>Before the folders change places all is as it was, and behind that all is new.</summary>
    [Fact]
    public async Task A_kill_of_a_repair_leaves_the_old_store_or_the_new_one()
    {
        using var bound = Within();
        await using var host = ScriptedHost.Start(Deferring);
        await using var gateway = await FilledAsync(host, bound.Token);
        Damage(gateway, "MANIFEST");
        var before = Files(gateway);
        foreach (var call in (string[])["?link,linkat", "fdatasync", "renameat2"])
        {
            await KilledAsync(gateway, call);
            Assert.Equal(before, Files(gateway));
        }
        // What these have left would be removed by the next one, which is to be killed when it removes something.
        foreach (var left in Directory.GetDirectories(Path.Combine(gateway.Data, "spool")).Where(IsLeft))
            Directory.Delete(left, recursive: true);
        await KilledAsync(gateway, "?rmdir");
        Assert.NotEqual(before, Files(gateway));
        Assert.Contains("Nothing is damaged", await gateway.RunAsync("spool", "repair", "--yes"),
            StringComparison.Ordinal);
        var folders = Directory.GetDirectories(Path.Combine(gateway.Data, "spool")).Order().ToList();
        Assert.Equal(2, folders.Count);
        Assert.Equal(before, Files(gateway, folders[1]));

        host.Script = new HostScript();
        await gateway.StartAgainAsync();
        await host.WaitForAsync(all => all.Taken.Count == 2 * (InTable + InWal), bound.Token);
        Assert.Equal(0, await gateway.TerminateAsync());
        Assert.Equal(2 * (InTable + InWal), host.Taken.Count);
    }

    [Fact]
    public async Task A_disk_without_room_for_the_new_store_leaves_the_old_one()
    {
        using var bound = Within();
        await using var disk = await PowerDisk.MakeSmallAsync(SmallDisk, bound.Token);
        await using var host = ScriptedHost.Start(Deferring);
        await using var gateway = await FilledAsync(host, bound.Token, disk.Folder);
        Damage(gateway, "MANIFEST");
        var before = Files(gateway);
        var filler = await disk.FillAsync(left: 40_000, bound.Token);
        var refusal = await Assert.ThrowsAsync<RunException>(() => gateway.RunAsync("spool", "repair", "--yes"));
        Assert.Contains("No space left on device", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, Files(gateway));
        Assert.Single(Directory.GetDirectories(Path.Combine(gateway.Data, "spool")));

        File.Delete(filler);
        Assert.Equal(InTable + InWal, Messages(await gateway.RunAsync("spool", "repair", "--yes")));
    }

    // Thirty messages that wait and thirty that were delivered in a table, ten of each in the WAL.
    private static async Task<GatewayProcess> FilledAsync(
        ScriptedHost host, CancellationToken bound, string? data = null)
    {
        var gateway = await GatewayProcess.PrepareAsync($"example.com {host.EndPoint}\n", CrashRun.Brisk, data);
        await gateway.StartAgainAsync();
        await SendAsync(gateway, 0, InTable);
        await host.WaitForAsync(all => all.Taken.Count == InTable, bound);
        Assert.Equal(0, await gateway.TerminateAsync());
        await gateway.StartAgainAsync();
        await SendAsync(gateway, InTable, InWal);
        await host.WaitForAsync(all => all.Taken.Count == InTable + InWal, bound);
        Assert.Equal(0, await gateway.TerminateAsync());
        return gateway;
    }

    private static bool IsLeft(string folder) => Path.GetFileName(folder) != "store";

    private static async Task SendAsync(GatewayProcess gateway, int first, int count)
    {
        await using var client = await SmtpProbe.GreetAsync(gateway.Smtp);
        foreach (var i in Enumerable.Range(first, count))
        {
            foreach (var to in (string[])[Held, Done])
            {
                Assert.StartsWith("250 ", await client.MessageAsync(
                    "alice@src.example", [to], $"Subject: {i} {to}\r\n\r\n{new string('x', 500)}\r\n"),
                    StringComparison.Ordinal);
            }
        }
    }

    private static async Task KilledAsync(GatewayProcess gateway, string call)
    {
        string[] under = [ForeignTool.Strace.Require(), "-f", "-qq", "-o", "/dev/null",
            "-e", $"trace={call}", "-e", $"inject={call}:signal=KILL:when=1"];
        await Assert.ThrowsAsync<RunException>(() => Child.RunAsync(under[0],
            [.. under[1..], GatewayProcess.Executable(), "spool", "repair", "--yes", "--config",
                Path.Combine(gateway.Folder, "postern.toml")], TestContext.Current.CancellationToken));
    }

    private static void Damage(GatewayProcess gateway, string part)
    {
        var store = Path.Combine(gateway.Data, "spool/store");
        var (path, at) = part switch
        {
            "the WAL in the middle" => Middle(Directory.GetFiles(store, "*.log").Max()!),
            "the WAL at its front" => (Directory.GetFiles(store, "*.log").Max()!, 20),
            "MANIFEST" => (Directory.GetFiles(store, "MANIFEST-*").Max()!, 20),
            _ => End(Directory.GetFiles(store, "*.sst").MaxBy(file => new FileInfo(file).Length)!),
        };
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        var octet = new byte[1];
        RandomAccess.Read(file, octet, at);
        RandomAccess.Write(file, [(byte)~octet[0]], at);
    }

    private static (string, long) Middle(string path) => (path, new FileInfo(path).Length / 2);

    private static (string, long) End(string path) => (path, new FileInfo(path).Length - 4);

    private static int Messages(string told)
    {
        var line = told.Split('\n').Single(line => line.Contains(" recipients that wait", StringComparison.Ordinal));
        return int.Parse(line.AsSpan(0, line.IndexOf(' ')), System.Globalization.CultureInfo.InvariantCulture);
    }

    // Of a store, without what RocksDB says of itself.
    private static List<string> Files(GatewayProcess gateway, string? store = null) =>
        [.. new DirectoryInfo(store ?? Path.Combine(gateway.Data, "spool/store")).EnumerateFiles()
            .Where(file => !file.Name.StartsWith("LO", StringComparison.Ordinal)).OrderBy(file => file.Name)
            .Select(file => $"{file.Name} {Convert.ToHexString(File.ReadAllBytes(file.FullName))}")];

    private static CancellationTokenSource Within()
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        source.CancelAfter(Bound);
        return source;
    }
}
