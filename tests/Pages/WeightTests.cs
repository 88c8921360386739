using System.Globalization;
using System.Text;

namespace Pages;

/// <summary>
/// What a page sends, scripts and styles included, to a browser that has none of them yet, and how many rows it asks
/// for, over many routes and a long queue.
/// </summary>
public sealed class WeightTests(Chromium chromium)
{
    private const long Most = 300_000;

    /// <summary>No page shows more at a time; the mail log has lines instead.</summary>
    private const int MostRows = 50;

    private const int Routes = 40_000, Messages = 100, RecipientsOfMessage = 1_000, RecipientsOfDomain = 200;

    /// <summary>The pages, and whether there are rows on them.</summary>
    private static readonly (string Path, bool HasRows)[] pages =
    [
        ("/routes", true), ("/routes?search=d399", true), ("/routes/new", false),
        ("/routes/edit?key=d7.example", false), ("/routes/import", false), ("/routes/clear", false),
        ("/routes/history", false), ("/routes/test", false), ("/smtpauth", false), ("/delivery", true),
        ("/delivery/domain?name=d7.example", true), ("/queue", true), ("/queue?host=d7.example", true),
        ("/queue?recipient=u77", true), ("/queue/message?mid=7", false), ("/log", false), ("/status", false),
        ("/audit", true),
    ];

    [Fact]
    public async Task Each_page_sends_less_than_300_kB_and_asks_for_no_more_rows_than_it_shows()
    {
        var routes = new StringBuilder();
        for (var i = 0; i < Routes; i++)
            routes.Append(CultureInfo.InvariantCulture, $"d{i}.example 10.{i / 250}.{i % 250}.1, 10.0.0.2/pri=10\n");
        await using var gateway = await GatewayProcess.StartAsync(routes.ToString());
        // It all waits, and nobody is called.
        await gateway.RunAsync("suspenddel");
        await FillAsync(gateway);
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);

        foreach (var (path, hasRows) in pages)
        {
            var (sent, rows) = await OpenAsync(visit, path, hasRows);
            TestContext.Current.TestOutputHelper?.WriteLine($"{path}: {sent} octets, {rows} rows");
            Assert.InRange((path, sent), (path, 50_000), (path, Most));
            Assert.InRange((path, rows), (path, 0), (path, MostRows));
        }
    }

    private static async Task<(long Sent, int Rows)> OpenAsync(AdminVisit visit, string path, bool hasRows)
    {
        await using var fresh = await visit.OpenWithoutCacheAsync();
        var sent = 0L;
        var answers = new List<IResponse>();
        fresh.Page.Response += (_, answer) => answers.Add(answer);
        fresh.Page.WebSocket += (_, socket) => socket.FrameReceived += (_, frame) =>
            Interlocked.Add(ref sent, frame.Binary?.Length ?? frame.Text?.Length ?? 0);
        await fresh.OpenAsync(path);
        await Assertions.Expect(fresh.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
        var rows = fresh.Page.Locator("table.rows tbody tr");
        if (hasRows) await Assertions.Expect(rows.First).ToBeVisibleAsync();
        await fresh.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        foreach (var answer in answers.ToList())
        {
            var sizes = await answer.Request.SizesAsync();
            sent += sizes.ResponseBodySize + sizes.ResponseHeadersSize;
        }
        return (sent, await rows.CountAsync());
    }

    // Commands go out together (RFC 2920 §3.1), since a round trip for each recipient would take minutes.
    private static async Task FillAsync(GatewayProcess gateway)
    {
        await using var client = await SmtpProbe.GreetAsync(gateway.Smtp);
        for (var message = 0; message < Messages; message++)
        {
            var commands = new StringBuilder("MAIL FROM:<alice@src.example>\r\n");
            for (var i = 0; i < RecipientsOfMessage; i++)
            {
                var number = message * RecipientsOfMessage + i;
                commands.Append(CultureInfo.InvariantCulture,
                    $"RCPT TO:<u{number}@d{number / RecipientsOfDomain}.example>\r\n");
            }
            commands.Append("DATA\r\n");
            await client.SendAsync(commands.ToString());
            for (var i = 0; i <= RecipientsOfMessage; i++)
                Assert.StartsWith("250", await client.ReplyAsync(), StringComparison.Ordinal);
            Assert.StartsWith("354", await client.ReplyAsync(), StringComparison.Ordinal);
            Assert.StartsWith("250", await client.SayAsync("Subject: many\r\n\r\nmany\r\n."), StringComparison.Ordinal);
        }
    }
}
