using System.Globalization;
using System.Text;

namespace Pages;

/// <summary>What a page sends, scripts and styles included, to a browser that has none of them yet.</summary>
public sealed class WeightTests(Chromium chromium)
{
    private const long Most = 300_000;

    [Theory]
    [InlineData("/routes")]
    [InlineData("/routes/clear")]
    [InlineData("/smtpauth")]
    public async Task A_page_over_forty_thousand_routes_sends_less_than_300_kB(string path)
    {
        var routes = new StringBuilder();
        for (var i = 0; i < 40_000; i++)
            routes.Append(CultureInfo.InvariantCulture, $"d{i}.example 10.{i / 250}.{i % 250}.1, 10.0.0.2/pri=10\n");
        await using var gateway = await GatewayProcess.StartAsync(routes.ToString());
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
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
        TestContext.Current.TestOutputHelper?.WriteLine($"{path}: {sent} octets in {answers.Count} answers");
        Assert.InRange(answers.Count, 5, 20);
        Assert.InRange(sent, 50_000, Most);
    }
}
