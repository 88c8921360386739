using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Postern.TestHosts;
using static Pages.Mail;

namespace Pages;

/// <summary>The page of the mail log, and that of the system status (contract §6).</summary>
public sealed class LogTests(Chromium chromium)
{
    private const int StampLength = 24;

    private static readonly (string Row, string Counter)[] counters =
    [
        ("Angenommene Nachrichten", "injectedMessages"), ("Angenommene Empfänger", "injectedRecipients"),
        ("Zugestellt", "deliveredRecipients"), ("Erledigte Empfänger", "completedRecipients"),
    ];

    [Fact]
    public async Task The_log_is_followed_filtered_and_its_ids_lead_to_their_stories()
    {
        await using var host = ScriptedHost.Start(
            new HostScript { Banner = HostAnswer.SayAndDrop("431-?example.com ESMTP\n431 Mail system full") },
            "127.0.0.10");
        await using var good = ScriptedHost.Start(address: "127.0.0.20");
        await using var gateway = await GatewayProcess.StartAsync(
            $"example.com {Name(host)}, {Name(good)}/pri=10\nexample.net {Name(good)}\n");
        await SendAsync(gateway, "bob@example.com");
        await gateway.Log.WaitForAsync("Message finished MID 1 done");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;
        var log = page.Locator(".log");

        await page.GetByRole(AriaRole.Link, new() { Name = "Mail Log" }).ClickAsync();
        await Assertions.Expect(log).ToContainTextAsync("Message finished MID 1 done");
        const string Hostile = "Subject: <img src=x onerror=alert(1)> MID 1\r\n\r\nx\r\n";
        await SendAsync(gateway, Hostile, ["eve@example.net"]);
        // It comes without being asked for, once, and what a peer wrote is text and no link.
        await Assertions.Expect(log).ToContainTextAsync("Message finished MID 2 done");
        var subject = page.Locator(".log-line", new() { HasText = "Subject \"<img" });
        await Assertions.Expect(subject).ToHaveCountAsync(1);
        await Assertions.Expect(subject).ToContainTextAsync("MID 2 Subject \"<img src=x onerror=alert(1)> MID 1\"");
        await Assertions.Expect(subject.Locator("a")).ToHaveCountAsync(1);
        await Accessibility.HoldsAsync(page);
        // What failed is seen at once among all that went well.
        await Assertions.Expect(page.Locator(".log-line.warning")).ToHaveTextAsync((Regex[])
            [new(@"Host \S+: left out for"), new("Connection Error: DCID 1")]);

        await page.Locator("#search").FillAsync("MID 1");
        await Assertions.Expect(log).ToContainTextAsync("Message finished MID 1 done");
        await Assertions.Expect(log).Not.ToContainTextAsync("MID 2");

        await page.GetByRole(AriaRole.Link, new() { Name = "MID 1", Exact = true }).First.ClickAsync();
        await Assertions.Expect(Heading(page)).ToHaveTextAsync("The story of MID 1");
        await Assertions.Expect(log).ToContainTextAsync("New SMTP ICID 1");
        await Assertions.Expect(log).ToContainTextAsync("431-?example.com ESMTP\\nMail system full");
        await page.GetByRole(AriaRole.Link, new() { Name = "ICID 1", Exact = true }).First.ClickAsync();
        await Assertions.Expect(Heading(page)).ToHaveTextAsync("The story of ICID 1");
        await Assertions.Expect(page.Locator(".log-line").Last).ToContainTextAsync("ICID 1 close");
        await page.GoBackAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "DCID 1", Exact = true }).First.ClickAsync();
        await Assertions.Expect(log).ToContainTextAsync("Connection Error: DCID 1");
        await Assertions.Expect(log).Not.ToContainTextAsync("DCID 2");

        // Of a message that is not there yet, and then has more lines than a page shows at once.
        await visit.OpenAsync("/log/story?mid=3");
        await Assertions.Expect(page.GetByText("no line of it any more, or not yet")).ToBeVisibleAsync();
        await SendAsync(gateway, [.. Enumerable.Range(0, 510).Select(i => $"u{i}@example.net")]);
        await gateway.Log.WaitForAsync("Message finished MID 3 done");
        await Button(page, "Look again").ClickAsync();
        await Assertions.Expect(page.Locator(".log-line")).ToHaveCountAsync(500);
        await Button(page, "More lines").ClickAsync();
        await Assertions.Expect(log).ToContainTextAsync("RID 509 To:");
        await Assertions.Expect(log).ToContainTextAsync("Message finished MID 3 done");
        await page.GetByRole(AriaRole.Link, new() { Name = "Back to the mail log" }).ClickAsync();
        await Assertions.Expect(Heading(page)).ToHaveTextAsync("Mail Log");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_log_that_is_paused_stays_so_for_another_search_and_says_where_it_ends()
    {
        await using var good = ScriptedHost.Start(address: "127.0.0.20");
        await using var gateway = await GatewayProcess.StartAsync($"ALL {Name(good)}\n");
        await SendAsync(gateway, "eve@example.net");
        await gateway.Log.WaitForAsync("Message finished MID 1 done");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;
        var (log, lines) = (page.Locator(".log"), page.Locator(".log-line"));
        var paused = page.GetByText("Paused: the lines end at");

        await visit.OpenAsync("/log");
        await Assertions.Expect(log).ToContainTextAsync("Message finished MID 1 done");
        await Button(page, "Pause").ClickAsync();
        await SendAsync(gateway, "joe@example.net");
        await gateway.Log.WaitForAsync("Message finished MID 2 done");
        await Assertions.Expect(paused).ToBeVisibleAsync();
        await Assertions.Expect(log).Not.ToContainTextAsync("MID 2");

        // What is there by now is looked for once.
        await page.Locator("#search").FillAsync("JOE@example");
        await Assertions.Expect(lines).ToHaveCountAsync(1);
        await SendAsync(gateway, "joe@example.net");
        await gateway.Log.WaitForAsync("Message finished MID 3 done");
        await Assertions.Expect(paused).ToBeVisibleAsync();
        await Assertions.Expect(lines).ToHaveCountAsync(1);

        await Button(page, "Go on").ClickAsync();
        await Assertions.Expect(lines).ToHaveCountAsync(2);
        await Assertions.Expect(page.GetByText("Live.")).ToBeVisibleAsync();
        await SendAsync(gateway, "joe@example.net");
        await Assertions.Expect(lines).ToHaveCountAsync(3);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Lines_have_the_time_of_the_viewer_and_are_found_and_copied_as_they_are_seen()
    {
        const string ofGateway = "Asia/Kolkata", ofViewer = "America/St_Johns";
        await using var gateway = await GatewayProcess.StartWithAsync("example.com 127.0.0.10:1\n", "",
            new Dictionary<string, string>(StringComparer.Ordinal) { ["TZ"] = ofGateway });
        await SendAsync(gateway, "bob@example.com");
        await gateway.Log.WaitForAsync("MID 1 to RID [0] pending till");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway, new() { Zone = ofViewer });
        var page = visit.Page;

        await visit.OpenAsync("/log");
        var pending = page.Locator(".log-line", new() { HasText = "pending till" });
        await Assertions.Expect(page.Locator(".hint")).ToContainTextAsync(ofViewer);
        await Assertions.Expect(page.Locator(".hint")).ToContainTextAsync($"the gateway ({ofGateway}, UTC+05:30)");
        // The time in front is the viewer's, the rest that of the file; a time within is told in both.
        var written = gateway.Log.Lines.Single(line => line.Contains("pending till", StringComparison.Ordinal));
        var seen = await pending.TextContentAsync() ?? "";
        Assert.Equal(written[StampLength..], seen[StampLength..]);
        await IsMomentAsync(pending.Locator("time").First, written, ofGateway, seen, ofViewer);
        var till = pending.Locator("time").Last;
        var shownTill = await till.GetAttributeAsync("data-seen") ?? "";
        Assert.EndsWith(" in your zone", shownTill, StringComparison.Ordinal);
        await IsMomentAsync(till, written[written.IndexOf(" till ", StringComparison.Ordinal)..][6..], ofGateway,
            shownTill, ofViewer);

        // What is seen is found, and what stands in the file in its place is not.
        await page.Locator("#search").FillAsync(seen[..60]);
        await Assertions.Expect(page.Locator(".log-line")).ToHaveTextAsync([seen]);
        await page.Locator("#search").FillAsync(written[..60]);
        await Assertions.Expect(page.Locator(".log-line")).ToHaveCountAsync(0);

        // The newest is the lowest on the page, and the last that is copied.
        await page.Locator("#search").FillAsync("MID 1");
        await Assertions.Expect(page.Locator(".log-line").First).ToContainTextAsync("pending till");
        var copied = await page.EvaluateAsync<string>("""
            () => {
                getSelection().selectAllChildren(document.querySelector(".log"));
                const copy = new ClipboardEvent("copy", { clipboardData: new DataTransfer(), bubbles: true });
                document.querySelector(".log").dispatchEvent(copy);
                return copy.clipboardData.getData("text/plain");
            }
            """);
        var lines = copied.Trim().Split('\n');
        Assert.Contains("Start MID 1 ICID 1", lines[0], StringComparison.Ordinal);
        Assert.Equal(seen, lines[^1]);

        await visit.OpenAsync("/log/story?mid=1");
        await Assertions.Expect(pending).ToHaveTextAsync(seen);
        await visit.OpenAsync("/log/story");
        await Assertions.Expect(Heading(page)).ToHaveTextAsync("The story of a message or a connection");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("neither a message nor");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task The_system_status_says_what_is_wrong_and_how_much_mail_comes_and_goes()
    {
        await using var good = ScriptedHost.Start(address: "127.0.0.20");
        await using var gateway = await GatewayProcess.StartAsync($"example.com 127.0.0.10:1\nALL {Name(good)}\n");
        await SendAsync(gateway, "joe@example.net");
        await gateway.Log.WaitForAsync("Message finished MID 1 done");
        await SendAsync(gateway, "bob@example.com");
        await gateway.Log.WaitForAsync("Connection Error:");
        await using var visit = await AdminVisit.LoggedInAsync(
            chromium, gateway, new() { Language = "de", Zone = "Asia/Kolkata" });
        var page = visit.Page;

        await page.GetByRole(AriaRole.Link, new() { Name = "Systemstatus" }).ClickAsync();
        await Assertions.Expect(page.Locator("ul.out")).ToContainTextAsync("127.0.0.10:1");
        // What is wrong, and how long mail waits, stands before what only tells.
        await Assertions.Expect(page.Locator("main :is(.alert, ul.out, dl.figures > div:first-child)").Last)
            .ToContainTextAsync("Älteste Nachricht");
        var accepted = page.Locator("table.rates tbody tr").First;
        await Assertions.Expect(accepted).ToContainTextAsync("Angenommene Nachrichten");
        await Assertions.Expect(accepted.Locator("td").Last).ToHaveTextAsync("2");
        await Assertions.Expect(page.Locator("dl.figures")).ToContainTextAsync("Postern ");
        await Assertions.Expect(page.Locator("figure.chart")).ToHaveCountAsync(5);
        await Accessibility.HoldsAsync(page);
        var started = Figure(page, "Gestartet").Locator("time");
        await IsInZoneAsync(started, "Asia/Kolkata");

        // The figures are those that programs are told.
        using var told = JsonDocument.Parse(await gateway.RunAsync("status", "--json"));
        var (now, queue) = (told.RootElement, told.RootElement.GetProperty("delivery"));
        await Assertions.Expect(Figure(page, "Nachrichten in der Warteschlange"))
            .ToContainTextAsync($"{queue.GetProperty("messages")}");
        await Assertions.Expect(Figure(page, "Empfänger in der Warteschlange")).ToContainTextAsync(
            $"{queue.GetProperty("activeRecipients")}, davon versucht: {queue.GetProperty("attemptedRecipients")}");
        await Assertions.Expect(Figure(page, "Systemstatus")).ToHaveTextAsync("in Betrieb");
        await Assertions.Expect(Figure(page, "Mittlere Wartezeit auf das 250")).ToContainTextAsync("ms");
        Assert.Equal(now.GetProperty("started").GetDateTimeOffset().ToUnixTimeSeconds(), DateTimeOffset.Parse(
            await started.GetAttributeAsync("datetime") ?? "", CultureInfo.InvariantCulture).ToUnixTimeSeconds());
        foreach (var (row, counter) in counters)
        {
            await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = row }).Locator("td").Last)
                .ToHaveTextAsync($"{now.GetProperty("counters").GetProperty(counter)}");
        }
        foreach (var (span, other) in new[] { ("Letzter Tag", "Letzte Stunde"), ("Letzte Stunde", "Letzter Tag") })
        {
            await Button(page, span).ClickAsync();
            await Assertions.Expect(Button(page, span)).ToHaveAttributeAsync("aria-pressed", "true");
            await Assertions.Expect(Button(page, other)).ToHaveAttributeAsync("aria-pressed", "false");
        }
        await page.Locator("ul.out a").First.ClickAsync();
        await Assertions.Expect(Heading(page)).ToHaveTextAsync("Host 127.0.0.10:1");
        await page.GoBackAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "MID 2" }).ClickAsync();
        await Assertions.Expect(Heading(page)).ToHaveTextAsync("MID 2");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task An_alert_stands_on_the_system_status_and_stays_there_to_be_read_when_it_is_over()
    {
        const string Routes = "example.com 10.0.0.1\n";
        await using var gateway = await GatewayProcess.StartAsync(Routes);
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;
        var alerts = page.GetByRole(AriaRole.Region, new() { Name = "Alerts" });

        await page.GetByRole(AriaRole.Link, new() { Name = "System Status" }).ClickAsync();
        await Assertions.Expect(alerts).ToHaveTextAsync("No alerts.");
        await File.WriteAllTextAsync(gateway.RoutesFile, "example.com 192.168.10\n");
        // The gateway looks every ten seconds, and twice before it says that something is over.
        await Assertions.Expect(alerts.Locator(".alert")).ToContainTextAsync(
            "192.168.10", new() { Timeout = 30_000 });
        await Accessibility.HoldsAsync(page);
        await File.WriteAllTextAsync(gateway.RoutesFile, Routes);
        await Assertions.Expect(alerts.Locator(".alert")).ToHaveCountAsync(0, new() { Timeout = 60_000 });
        await Assertions.Expect(alerts).ToContainTextAsync("No alerts.");

        var over = alerts.Locator("details li");
        await Assertions.Expect(over).ToBeHiddenAsync();
        await alerts.GetByText("Alerts that are over: 1").ClickAsync();
        await Assertions.Expect(over).ToBeVisibleAsync();
        await Assertions.Expect(over).ToContainTextAsync("192.168.10");
        await Assertions.Expect(over.Locator("time")).ToHaveCountAsync(2);
        await Accessibility.HoldsAsync(page);
        await gateway.Log.WaitForAsync("Alert over: ");
        Assert.Empty(visit.Complaints);
    }

    // The two texts begin with the same moment, each by the clock of a zone; UTC is told where somebody points at it.
    private static async Task IsMomentAsync(
        ILocator time, string written, string ofGateway, string seen, string ofViewer)
    {
        DateTime Utc(string text, string zone) => TimeZoneInfo.ConvertTimeToUtc(DateTime.ParseExact(text[..StampLength],
            "ddd MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture, DateTimeStyles.AllowInnerWhite),
            TimeZoneInfo.FindSystemTimeZoneById(zone));
        Assert.Equal(Utc(written, ofGateway), Utc(seen, ofViewer));
        Assert.Equal($"{Utc(written, ofGateway):yyyy-MM-dd HH:mm:ss} UTC", await time.GetAttributeAsync("title"));
    }

    private static ILocator Figure(IPage page, string name) => page.Locator("dl.figures > div").Filter(
        new() { Has = page.Locator("dt", new() { HasTextRegex = new($"^{name}$") }) }).Locator("dd");

    private static ILocator Heading(IPage page) => page.GetByRole(AriaRole.Heading, new() { Level = 1 });
}
