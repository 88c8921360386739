using System.Globalization;
using Postern.TestHosts;

namespace Pages;

/// <summary>
/// Every page that somebody can come to, over a gateway that has something to show on each: mail that waits, a host
/// that is left out, versions of the routes, an account, a profile, an audit log.
/// </summary>
internal sealed class PageTour : IAsyncDisposable
{
    private const string Host = "/delivery/host", Queued = "/queue/message?mid=2", Story = "/log/story?mid=2";

    // What stands on a page once it has looked.
    private static readonly Dictionary<string, string> shown = new(StringComparer.Ordinal)
    {
        ["/routes/rollback"] = "pre.diff .went",
        ["/delivery"] = "table.destinations tbody tr:nth-child(2)",
        ["/delivery/domain"] = "table.health tbody tr:nth-child(2)",
        [Host] = "table.health .bad .state",
        ["/flow"] = ".flow path.bad",
        ["/queue"] = "table.queue tbody tr",
        ["/queue/message"] = "ol.attempts li",
        ["/log"] = ".log-line",
        ["/log/story"] = ".log-line",
        ["/status"] = "dl.figures",
        ["/accounts"] = "table.accounts tbody tr:nth-child(2)",
        ["/audit"] = "table.audit tbody tr",
    };

    private readonly TourWords _words;
    private readonly ScriptedHost _full, _second, _busy;

    private PageTour(
        TourWords words, GatewayProcess gateway, ScriptedHost full, ScriptedHost second, ScriptedHost busy) =>
        (_words, Gateway, _full, _second, _busy) = (words, gateway, full, second, busy);

    /// <summary>The gateway.</summary>
    public GatewayProcess Gateway { get; }

    /// <summary>The pages, by the addresses that lead to them.</summary>
    public IReadOnlyList<string> Paths =>
    [
        "/routes", "/routes/new", $"/routes/edit?key={_words.Domain}", "/routes/import", "/routes/clear",
        "/routes/history", "/routes/rollback/1", "/routes/test", "/smtpauth", "/smtpauth/new",
        $"/smtpauth/edit?name={_words.Profile}", "/delivery", $"/delivery/domain?name={_words.Domain}",
        $"{Host}?name={Mail.Name(_full)}", "/flow", "/queue", Queued, "/log", Story, "/status", "/accounts",
        "/accounts/new", $"/accounts/edit?name={_words.Account}", "/tokens", "/audit",
    ];

    /// <summary>Starts the gateway and makes what its pages show.</summary>
    public static async Task<PageTour> BeginAsync(TourWords words)
    {
        var full = ScriptedHost.Start(
            new HostScript { Banner = HostAnswer.SayAndDrop(words.Banner) }, "127.0.0.10");
        var second = ScriptedHost.Start(address: "127.0.0.20");
        var busy = ScriptedHost.Start(new HostScript { Rcpt = (_, _) => words.Refusal }, "127.0.0.30");
        var gateway = await GatewayProcess.StartWithAsync(RoutesOf(words, full, second, busy), $"""
            [auth_profile.{words.Profile}]
            username = "{words.User}"
            password_env = "POSTERN_OFFICE"
            """, new Dictionary<string, string>(StringComparer.Ordinal) { ["POSTERN_OFFICE"] = "of the office" });
        var tour = new PageTour(words, gateway, full, second, busy);
        try
        {
            // First, so that the last lines of the log tell of mail, and not of the folder of a test.
            await gateway.RunAsync("smtproutes", "new", words.NewDomain, "10.0.0.7");
            await gateway.RunAsync(["smtproutes", "delete", .. words.Deleted]);
            await tour.SendAsync();
            await gateway.RunAsync("admin", "account", "new", words.Account, "--role", "operator");
            return tour;
        }
        catch
        {
            await tour.DisposeAsync();
            throw;
        }
    }

    /// <summary>The name of a page: its address without what it is asked for.</summary>
    public static string NameOf(string path) =>
        path.StartsWith("/routes/rollback", StringComparison.Ordinal) ? "/routes/rollback" : path.Split('?')[0];

    /// <summary>Opens a page and does what it takes until it shows something.</summary>
    public async Task OpenAsync(AdminVisit visit, string path)
    {
        var (page, name) = (visit.Page, NameOf(path));
        await visit.OpenAsync(path);
        await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).WaitForAsync();
        if (shown.TryGetValue(name, out var selector))
            await page.Locator(selector).First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
        if (name.StartsWith("/routes", StringComparison.Ordinal)) await UseRoutesAsync(page, name);
        else await UseAsync(page, name);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await _full.DisposeAsync();
        await _second.DisposeAsync();
        await _busy.DisposeAsync();
    }

    private async Task UseRoutesAsync(IPage page, string name)
    {
        switch (name)
        {
            case "/routes":
                await page.Locator(".host-chip.bad .state").First.WaitForAsync();
                break;
            case "/routes/new":
                await page.Locator("#key").FillAsync("example.org");
                await page.Locator("#destination-0").FillAsync(_words.NoHost);
                await SubmitAsync(page);
                await page.Locator("#destination-0-problem").WaitForAsync();
                break;
            case "/routes/import":
                await Assertions.Expect(page.Locator("#routes-file")).ToBeEnabledAsync();
                await page.Locator("#routes-file").SetInputFilesAsync(new FilePayload
                {
                    Name = "routes.txt",
                    MimeType = "text/plain",
                    Buffer = System.Text.Encoding.UTF8.GetBytes($"{_words.Domain} 10.0.0.9\nexample.org 10.0.0.3\n"),
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
                await page.Locator("#address").FillAsync($"bob@{_words.Domain}");
                await page.Keyboard.PressAsync("Enter");
                await page.Locator(".explanation").WaitForAsync();
                break;
        }
    }

    private async Task UseAsync(IPage page, string name)
    {
        switch (name)
        {
            case "/tokens":
                await page.Locator("#token-name").FillAsync(_words.Token);
                await SubmitAsync(page);
                await Assertions.Expect(page.Locator("table.tokens tbody tr")).ToHaveCountAsync(1);
                break;
            case "/smtpauth/new":
                await page.Locator("#profile-name").FillAsync(_words.NewProfile);
                await SubmitAsync(page);
                await page.Locator(".refusal").WaitForAsync();
                break;
            case "/accounts/new":
                await page.Locator("#account-name").FillAsync(_words.NoName);
                await SubmitAsync(page);
                await Assertions.Expect(page.Locator("#account-problem p")).ToHaveCountAsync(1);
                break;
            case "/queue/message":
                await page.Locator(".toolbar button").Last.ClickAsync();
                await page.Locator("#headers").WaitForAsync();
                break;
            case "/audit":
                await page.Locator("table.audit summary").First.ClickAsync();
                break;
        }
    }

    private static Task SubmitAsync(IPage page) => page.Locator("form.settings button[type=submit]").ClickAsync();

    private async Task SendAsync()
    {
        await using var client = await SmtpProbe.GreetAsync(Gateway.Smtp);
        Assert.StartsWith("250", await client.MessageAsync(
            _words.Sender, [$"bob@{_words.Domain}"], "Subject: hello\r\n\r\nhello\r\n"), StringComparison.Ordinal);
        await Gateway.Log.WaitForAsync("Message finished MID 1 done");
        Assert.StartsWith("250", await client.MessageAsync(_words.Sender,
            [$"ann@{_words.Waiting}", $"joe@{_words.Waiting}"], $"Subject: {_words.Subject}\r\n\r\nx\r\n"),
            StringComparison.Ordinal);
        await Gateway.Log.WaitForAsync("MID 2 to RID [0, 1] pending");
    }

    private static string RoutesOf(
        TourWords words, ScriptedHost full, ScriptedHost second, ScriptedHost busy) => string.Create(
        CultureInfo.InvariantCulture, $"""
        # head office
        {words.Domain} {Mail.Name(full)}, {Mail.Name(second)}/pri=10
        .example.com USEDNS
        {words.Waiting} {Mail.Name(full)}, {Mail.Name(busy)}/pri=10
        partner.example {words.Relay}:587/weight=3, [mail2.partner.example]:587 auth={words.Profile}
        old.example /dev/null
        [2001:db8::/64] [2001:db8::25]:25
        ALL smarthost.example.net hold_for_probe=5m
        {string.Join('\n', words.Deleted.Select(key => $"{key} 10.0.0.8"))}

        """);
}
