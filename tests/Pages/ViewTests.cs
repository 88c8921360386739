using System.Globalization;
using Postern.TestHosts;

namespace Pages;

/// <summary>
/// How each page looks: at both widths, light and dark, nothing serious for axe and nothing wider than the window. With
/// <c>POSTERN_SCREENSHOTS</c> the pictures of docs/guide/pages are made anew.
/// </summary>
public sealed class ViewTests(Chromium chromium)
{
    private const string HostPath = "/delivery/host";

    private static readonly string[] paths =
    [
        "/routes", "/routes/new", "/routes/edit?key=example.com", "/routes/import", "/routes/clear", "/routes/history",
        "/routes/test", "/smtpauth", "/smtpauth/edit?name=office", "/delivery", "/delivery/domain?name=example.com",
        HostPath, "/flow", "/queue", "/queue/message?mid=2", "/log", "/log/story?mid=2", "/status", "/accounts",
        "/accounts/new", "/tokens", "/audit",
    ];

    // What stands on a page once it has looked.
    private static readonly Dictionary<string, string> shown = new(StringComparer.Ordinal)
    {
        ["/delivery"] = "table.destinations tbody tr:nth-child(2)",
        ["/delivery/domain?name=example.com"] = "table.health tbody tr:nth-child(2)",
        [HostPath] = "table.health .bad .state",
        ["/flow"] = ".flow path.bad",
        ["/queue"] = "table.queue tbody tr",
        ["/queue/message?mid=2"] = "ol.attempts li",
        ["/log"] = ".log-line",
        ["/log/story?mid=2"] = ".log-line",
        ["/status"] = "dl.figures",
        ["/accounts"] = "table.accounts tbody tr:nth-child(2)",
        ["/audit"] = "table.audit tbody tr",
    };

    /// <summary>Each width and each theme, half of the pages each; for the pictures each theme at each width.</summary>
    public static TheoryData<int, bool> Looks =>
        PictureFolder is null ? new() { { 1280, false }, { 390, true } }
        : new() { { 1280, false }, { 1280, true }, { 390, false }, { 390, true } };

    private static string? PictureFolder =>
        Environment.GetEnvironmentVariable("POSTERN_SCREENSHOTS") is { Length: > 0 } folder ? folder : null;

    [Theory]
    [MemberData(nameof(Looks))]
    public async Task Each_page_fits_the_window_and_can_be_read_by_everybody(int width, bool isDark)
    {
        await using var full = ScriptedHost.Start(
            new HostScript { Banner = HostAnswer.SayAndDrop("431-?example.com ESMTP\n431 Mail system full") },
            "127.0.0.10");
        await using var second = ScriptedHost.Start(address: "127.0.0.20");
        await using var busy = ScriptedHost.Start(
            new HostScript { Rcpt = (_, _) => "452 4.2.2 mailbox full" }, "127.0.0.30");
        await using var gateway = await GatewayProcess.StartAsync(Routes(full, second, busy), """
            [auth_profile.office]
            username = "gw@example.com"
            password_env = "POSTERN_OFFICE"
            """);
        await SendAsync(gateway);
        await using var visit = await AdminVisit.LoggedInAsync(
            chromium, gateway, new() { Width = width, Height = width == 390 ? 844 : 800, IsDark = isDark });

        // For the pictures all pages at each look, else each page at one of the two.
        foreach (var path in paths.Where((_, i) => PictureFolder is not null || i % 2 == (isDark ? 1 : 0)))
        {
            await visit.OpenAsync(path == HostPath ? $"{path}?name={Mail.Name(full)}" : path);
            await visit.Page.GetByRole(AriaRole.Heading, new() { Level = 1 }).WaitForAsync();
            await UseAsync(visit.Page, path);
            await ShootAsync(visit.Page, path, width, isDark);
            await Accessibility.HoldsAsync(visit.Page);
            var overflow = await visit.Page.EvaluateAsync<int>(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth");
            Assert.True(overflow <= 0, $"{path} is {overflow} pixels wider than the window");
        }
        Assert.Empty(visit.Complaints);
        Assert.DoesNotContain(gateway.Log.Events, line => line.Contains("has a fault", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_route_can_be_made_with_the_keyboard_alone()
    {
        await using var gateway = await GatewayProcess.StartAsync("");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var (page, keys) = (visit.Page, visit.Page.Keyboard);

        await page.GetByRole(AriaRole.Link, new() { Name = "Add Route" }).FocusAsync();
        await keys.PressAsync("Enter");
        await page.Locator("#key").WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Help: Receiving Domain" }).FocusAsync();
        await keys.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Note)).ToContainTextAsync("example.com");
        await keys.PressAsync("Escape");
        await Assertions.Expect(page.GetByRole(AriaRole.Note)).ToHaveCountAsync(0);
        await keys.PressAsync("Tab");
        await Assertions.Expect(page.Locator("#key")).ToBeFocusedAsync();
        await keys.TypeAsync("example.com");
        // The help of priority, destination and port stands before the first field.
        foreach (var text in new[] { "", "", "", "0", "mail.example.com" })
        {
            await keys.PressAsync("Tab");
            if (text.Length > 0) await keys.TypeAsync(text);
        }
        await keys.PressAsync("Enter");

        await Assertions.Expect(page.Locator("table.routes")).ToContainTextAsync("example.com");
        Assert.Equal("example.com mail.example.com\n", await File.ReadAllTextAsync(gateway.RoutesFile));
    }

    // What a page has to show comes when it is used.
    private static async Task UseAsync(IPage page, string path)
    {
        if (shown.TryGetValue(path, out var selector))
            await page.Locator(selector).First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
        switch (path)
        {
            case "/routes":
                await Assertions.Expect(page.Locator(".host-chip.bad").First).ToContainTextAsync("left out");
                break;
            case "/tokens":
                await page.Locator("#token-name").FillAsync("prometheus");
                await page.GetByRole(AriaRole.Button, new() { Name = "Add Token" }).ClickAsync();
                await Assertions.Expect(page.Locator("table.tokens tbody tr")).ToHaveCountAsync(1);
                break;
            case "/accounts/new":
                await page.Locator("#account-name").FillAsync("no name");
                await page.GetByRole(AriaRole.Button, new() { Name = "Submit" }).ClickAsync();
                await Assertions.Expect(page.Locator("#account-problem p")).ToHaveCountAsync(1);
                break;
            case "/routes/new":
                await page.Locator("#key").FillAsync("example.org");
                await page.Locator("#destination-0").FillAsync("192.168.10");
                await page.GetByRole(AriaRole.Button, new() { Name = "Submit" }).ClickAsync();
                await page.Locator("#destination-0-problem").WaitForAsync();
                break;
            case "/routes/import":
                await Assertions.Expect(page.Locator("#routes-file")).ToBeEnabledAsync();
                await page.Locator("#routes-file").SetInputFilesAsync(new FilePayload
                {
                    Name = "routes.txt",
                    MimeType = "text/plain",
                    Buffer = "example.com 10.0.0.9\nexample.org 10.0.0.3\n"u8.ToArray(),
                });
                await page.Locator("pre.diff").WaitForAsync();
                break;
            case "/routes/clear":
                await Assertions.Expect(page.Locator("pre.diff .went")).ToHaveCountAsync(8);
                break;
            case "/routes/history":
                await page.Locator("summary").First.ClickAsync();
                break;
            case "/routes/test":
                await page.Locator("#address").FillAsync("bob@example.com");
                await page.Keyboard.PressAsync("Enter");
                await page.Locator(".explanation").WaitForAsync();
                break;
        }
    }

    private static string Routes(ScriptedHost full, ScriptedHost second, ScriptedHost busy) => string.Create(
        CultureInfo.InvariantCulture, $"""
        # head office
        example.com 127.0.0.10:{full.EndPoint.Port}, 127.0.0.20:{second.EndPoint.Port}/pri=10
        .example.com USEDNS
        waiting.example 127.0.0.10:{full.EndPoint.Port}, 127.0.0.30:{busy.EndPoint.Port}/pri=10
        partner.example relay.partner.example:587/weight=3, [mail2.partner.example]:587 auth=office
        old.example /dev/null
        [2001:db8::/64] [2001:db8::25]:25
        ALL smarthost.example.net hold_for_probe=5m

        """);

    private static async Task SendAsync(GatewayProcess gateway)
    {
        await using var client = await SmtpProbe.GreetAsync(gateway.Smtp);
        Assert.StartsWith("250", await client.MessageAsync(
            "alice@src.example", ["bob@example.com"], "Subject: hello\r\n\r\nhello\r\n"), StringComparison.Ordinal);
        await gateway.Log.WaitForAsync("Message finished MID 1 done");
        Assert.StartsWith("250", await client.MessageAsync("alice@src.example",
            ["ann@waiting.example", "joe@waiting.example"], "Subject: minutes\r\n\r\nx\r\n"), StringComparison.Ordinal);
        await gateway.Log.WaitForAsync("MID 2 to RID [0, 1] pending");
        await gateway.RunAsync("smtproutes", "new", "new.example", "10.0.0.7");
        await gateway.RunAsync("admin", "account", "new", "vera", "--role", "operator");
    }

    private static async Task ShootAsync(IPage page, string path, int width, bool isDark)
    {
        if (PictureFolder is not { } folder) return;
        var name = path.Trim('/').Split('?')[0].Replace('/', '-');
        await page.ScreenshotAsync(new PageScreenshotOptions
        {
            Path = Path.Combine(folder, $"{name}-{width}{(isDark ? "-dark" : "")}.png"),
            FullPage = true,
            Animations = ScreenshotAnimations.Disabled,
        });
    }
}
