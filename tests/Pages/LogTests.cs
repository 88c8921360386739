using System.Globalization;
using System.Text.Json;
using Postern.TestHosts;
using static Pages.Mail;

namespace Pages;

/// <summary>The page of the mail log, and that of the system status (contract §6).</summary>
public sealed class LogTests(Chromium chromium)
{
    private const string Zone = "Asia/Kolkata";

    private static readonly (string Row, string Counter)[] counters =
    [
        ("Angenommene Nachrichten", "injectedMessages"), ("Angenommene Empfänger", "injectedRecipients"),
        ("Zugestellt", "deliveredRecipients"), ("Erledigte Empfänger", "completedRecipients"),
    ];

    [Fact]
    public async Task The_log_is_followed_paused_filtered_and_its_ids_lead_to_their_stories()
    {
        await using var host = ScriptedHost.Start(
            new HostScript { Banner = HostAnswer.SayAndDrop("431-?example.com ESMTP\n431 Mail system full") },
            "127.0.0.10");
        await using var good = ScriptedHost.Start(address: "127.0.0.20");
        await using var gateway = await GatewayProcess.StartWithAsync(
            $"example.com {Name(host)}, {Name(good)}/pri=10\nexample.net {Name(good)}\n", "",
            new Dictionary<string, string>(StringComparer.Ordinal) { ["TZ"] = Zone });
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

        await Button(page, "Pause").ClickAsync();
        await SendAsync(gateway, "joe@example.net");
        await gateway.Log.WaitForAsync("Message finished MID 3 done");
        await Assertions.Expect(page.GetByText("Paused.")).ToBeVisibleAsync();
        await Assertions.Expect(log).Not.ToContainTextAsync("MID 3");
        await Button(page, "Go on").ClickAsync();
        await Assertions.Expect(log).ToContainTextAsync("Message finished MID 3 done");
        await page.Locator("#search").FillAsync("EVE@example");
        await Assertions.Expect(page.Locator(".log-line")).ToHaveCountAsync(1);
        await page.Locator("#search").FillAsync("MID 1");
        await Assertions.Expect(log).ToContainTextAsync("Message finished MID 1 done");
        await Assertions.Expect(log).Not.ToContainTextAsync("MID 2");

        await page.GetByRole(AriaRole.Link, new() { Name = "MID 1", Exact = true }).First.ClickAsync();
        await Assertions.Expect(Heading(page)).ToHaveTextAsync("The story of MID 1");
        await Assertions.Expect(log).ToContainTextAsync("New SMTP ICID 1");
        await Assertions.Expect(page.Locator(".hint")).ToContainTextAsync($"the gateway ({Zone}, UTC+05:30)");
        await IsInZoneOfGatewayAsync(page.Locator(".log-line time").First);
        await Assertions.Expect(log).ToContainTextAsync("431-?example.com ESMTP\\nMail system full");
        await page.GetByRole(AriaRole.Link, new() { Name = "ICID 1", Exact = true }).First.ClickAsync();
        await Assertions.Expect(Heading(page)).ToHaveTextAsync("The story of ICID 1");
        await Assertions.Expect(page.Locator(".log-line").Last).ToContainTextAsync("ICID 1 close");
        await page.GoBackAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "DCID 1", Exact = true }).First.ClickAsync();
        await Assertions.Expect(log).ToContainTextAsync("Connection Error: DCID 1");
        await Assertions.Expect(log).Not.ToContainTextAsync("DCID 2");

        // Of a message that is not there yet, and then has more lines than a page shows at once.
        await visit.OpenAsync("/log/story?mid=4");
        await Assertions.Expect(page.GetByText("no line of it any more, or not yet")).ToBeVisibleAsync();
        await SendAsync(gateway, [.. Enumerable.Range(0, 510).Select(i => $"u{i}@example.net")]);
        await gateway.Log.WaitForAsync("Message finished MID 4 done");
        await Button(page, "Look again").ClickAsync();
        await Assertions.Expect(page.Locator(".log-line")).ToHaveCountAsync(500);
        await Button(page, "More lines").ClickAsync();
        await Assertions.Expect(log).ToContainTextAsync("RID 509 To:");
        await Assertions.Expect(log).ToContainTextAsync("Message finished MID 4 done");
        await page.GetByRole(AriaRole.Link, new() { Name = "Back to the mail log" }).ClickAsync();
        await Assertions.Expect(Heading(page)).ToHaveTextAsync("Mail Log");
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

    // A line has the time that the file has; UTC stands there where somebody points at it.
    private static async Task IsInZoneOfGatewayAsync(ILocator time)
    {
        DateTime Read(string? text, string form) =>
            DateTime.ParseExact(text ?? "", form, CultureInfo.InvariantCulture, DateTimeStyles.AllowInnerWhite);
        var (shown, utc) = (await time.TextContentAsync(), await time.GetAttributeAsync("title"));
        Assert.Equal(TimeSpan.FromHours(5.5),
            Read(shown, "ddd MMM d HH:mm:ss yyyy") - Read(utc, "yyyy-MM-dd HH:mm:ss 'UTC'"));
    }

    private static ILocator Figure(IPage page, string name) => page.Locator("dl.figures > div").Filter(
        new() { Has = page.Locator("dt", new() { HasTextRegex = new($"^{name}$") }) }).Locator("dd");

    private static ILocator Heading(IPage page) => page.GetByRole(AriaRole.Heading, new() { Level = 1 });
}
