using System.Globalization;
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

    private static readonly string[] paths =
    [
        "/routes", "/routes/edit?key=d7.example", "/routes/import", "/routes/clear", "/routes/history", "/routes/test",
        "/smtpauth", "/delivery", "/delivery/domain?name=d7.example", "/queue", "/queue/message?mid=1", "/log",
        "/log/story?mid=1", "/status", "/audit",
    ];

    [Fact]
    public async Task A_page_over_many_routes_and_much_mail_sends_less_than_300_kB()
    {
        await using var gateway = await GatewayProcess.StartAsync(Routes());
        // Nobody listens at their hosts, so that all are held at once.
        for (var i = 0; i < 1_000; i++)
        {
            var first = i % 100 * 100;
            await Mail.SendAsync(gateway,
                [.. Enumerable.Range(first, 100).Select(d => string.Create(CultureInfo.InvariantCulture,
                    $"u{i}@d{d}.example"))]);
        }
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

    private static string Routes()
    {
        var routes = new StringBuilder();
        for (var i = 0; i < 40_000; i++)
        {
            var host = i < 10_000 ? "127.0.0.8" : string.Create(CultureInfo.InvariantCulture, $"127.{i / 250}.{i % 250}.1");
            routes.Append(CultureInfo.InvariantCulture, $"d{i}.example {host}:1, 127.0.0.9:1/pri=10\n");
        }
        return routes.ToString();
    }

    private static async Task<(long Sent, int Answers, int Rows)> VisitAsync(AdminVisit visit, string path)
    {
        await using var fresh = await visit.OpenWithoutCacheAsync();
        var sent = 0L;
        var answers = new List<IResponse>();
        fresh.Page.Response += (_, answer) => answers.Add(answer);
        fresh.Page.WebSocket += (_, socket) => socket.FrameReceived += (_, frame) =>
            Interlocked.Add(ref sent, frame.Binary?.Length ?? frame.Text?.Length ?? 0);

        await fresh.OpenAsync(path);
        await Assertions.Expect(fresh.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
        await fresh.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);

        foreach (var answer in answers)
        {
            var sizes = await answer.Request.SizesAsync();
            sent += sizes.ResponseBodySize + sizes.ResponseHeadersSize;
        }
        return (Interlocked.Read(ref sent), answers.Count, await fresh.Page.Locator("tbody tr").CountAsync());
    }
}
