using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Pages;

/// <summary>
/// What a page sends, scripts and styles included, to a browser that has none of them yet, where there are 40,000
/// routes and 100,000 recipients wait.
/// </summary>
public sealed class WeightTests(Chromium chromium)
{
    private const long Most = 300_000;
    private const int MostRows = 100;
    private const int Messages = 1_000;
    private const int Clients = 4;

    private const string Profile = """
        [auth_profile.office]
        username = "gw@example.com"
        password_env = "POSTERN_OFFICE"
        """;

    private static readonly string[] paths =
    [
        "/", "/routes", "/routes/new", "/routes/edit?key=d7.example", "/routes/clear", "/routes/rollback/1",
        "/routes/import", "/routes/history", "/routes/test", "/smtpauth", "/smtpauth/new",
        "/smtpauth/edit?name=office", "/accounts", "/accounts/new", "/accounts/edit?name=admin", "/tokens", "/audit",
        "/delivery", "/delivery/domain?name=d7.example", "/delivery/host?name=127.0.0.8%3A1", "/flow", "/queue",
        "/queue/message?mid=1", "/log", "/log/story?mid=1", "/status", "/not-found",
    ];

    [Fact]
    public async Task A_page_over_many_routes_and_much_mail_sends_less_than_300_kB()
    {
        Assert.Empty(RoutedPages.MissingIn(paths));
        await using var gateway = await GatewayProcess.StartAsync(Routes(), Profile);
        await SendAsync(gateway);
        await gateway.RunAsync("smtproutes", "delete", "d39999.example");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);

        foreach (var path in paths)
        {
            var (sent, answers, rows) = await VisitAsync(visit, path);
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{path}: {sent} octets in {answers} answers, {rows} rows");
            Assert.True(answers is >= 5 and <= 20, $"{path} takes {answers} answers");
            Assert.True(sent is >= 50_000 and < Most, $"{path} sends {sent} octets");
            Assert.True(rows <= MostRows, $"{path} shows {rows} rows");
        }
    }

    // Nobody listens at their hosts, so that all are held at once.
    private static Task SendAsync(GatewayProcess gateway) => Task.WhenAll(Enumerable.Range(0, Clients).Select(
        async client =>
        {
            await using var probe = await SmtpProbe.GreetAsync(gateway.Smtp);
            for (var i = client; i < Messages; i += Clients)
            {
                var recipients = Enumerable.Range(i % 100 * 100, 100)
                    .Select(d => string.Create(CultureInfo.InvariantCulture, $"u{i}@d{d}.example"));
                Assert.StartsWith("250", await probe.MessageAsync(
                    "alice@src.example", recipients, "Subject: hello\r\n\r\nhello\r\n"), StringComparison.Ordinal);
            }
        }));

    private static string Routes()
    {
        var routes = new StringBuilder();
        for (var i = 0; i < 40_000; i++)
        {
            var host = i < 10_000 ? "127.0.0.8"
                : string.Create(CultureInfo.InvariantCulture, $"127.{i / 250}.{i % 250}.1");
            routes.Append(CultureInfo.InvariantCulture, $"d{i}.example {host}:1, 127.0.0.9:1/pri=10 auth=office\n");
        }
        return routes.ToString();
    }

    private static async Task<(long Sent, int Answers, int Rows)> VisitAsync(AdminVisit visit, string path)
    {
        await using var fresh = await visit.OpenWithoutCacheAsync();
        var answers = new List<IResponse>();
        var frames = new ConcurrentQueue<byte[]>();
        fresh.Page.Response += (_, answer) => answers.Add(answer);
        fresh.Page.WebSocket += (_, socket) => socket.FrameReceived += (_, frame) =>
            frames.Enqueue(frame.Binary ?? Encoding.UTF8.GetBytes(frame.Text ?? ""));
        var isPacked = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var network = await fresh.Page.Context.NewCDPSessionAsync(fresh.Page);
        network.Event("Network.webSocketHandshakeResponseReceived").OnEvent += (_, told) =>
            isPacked.TrySetResult($"{told}".Contains("permessage-deflate", StringComparison.Ordinal));
        await network.SendAsync("Network.enable");

        await fresh.OpenAsync(path);
        await Assertions.Expect(fresh.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
        await fresh.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);

        // The browser tells of frames as they were before they were packed (RFC 7692).
        var packs = await isPacked.Task.WaitAsync(TimeSpan.FromSeconds(30));
        var sent = frames.Sum(frame => packs ? Packed(frame) : frame.Length);
        foreach (var answer in answers)
        {
            var sizes = await answer.Request.SizesAsync();
            sent += sizes.ResponseBodySize + sizes.ResponseHeadersSize;
        }
        return (sent, answers.Count, await fresh.Page.Locator("tbody tr").CountAsync());
    }

    private static long Packed(byte[] frame)
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Fastest, leaveOpen: true)) deflate.Write(frame);
        return packed.Length;
    }
}
