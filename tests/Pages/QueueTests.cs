using System.Text.RegularExpressions;
using Postern.TestHosts;
using static Pages.Mail;

namespace Pages;

/// <summary>The pages of the queue (contract §6).</summary>
public sealed class QueueTests(Chromium chromium)
{
    private static readonly HostScript full = new() { Rcpt = (_, _) => "452 4.2.2 <i>mailbox full</i>" };

    // Whatever the time that a browser takes, mail that waits is not tried again by itself.
    private const string Patient = """
        [bounce_profile.default]
        initial_wait = "1h"
        """;

    private static readonly (string Name, string Value, int Rows)[] filters =
        [("sender", "alice@src.example", 4), ("recipient", "joe", 1), ("mid", "3", 1), ("larger", "1MB", 0),
            ("attempts", "1", 4)];

    private static readonly (string Button, string Shown)[] ways =
        [("Next page", "26–50"), ("Last page", "51–62"), ("Page before", "26–50"), ("First page", "1–25")];

    [Fact]
    public async Task Mail_that_waits_is_found_chosen_counted_and_changed()
    {
        await using var host = ScriptedHost.Start(full, "127.0.0.10");
        await using var other = ScriptedHost.Start(address: "127.0.0.20");
        await using var gateway = await GatewayProcess.StartAsync($"ALL {Name(host)}\n", Patient);
        await SendAsync(gateway, "bob@example.com", "eve@example.net");
        await SendAsync(gateway, "joe@example.com");
        await SendAsync(gateway, "ann@example.org");
        for (var mid = 1; mid <= 3; mid++) await gateway.Log.WaitForAsync($"MID {mid} to RID");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;
        var rows = page.Locator("table.queue tbody tr");

        await page.GetByRole(AriaRole.Link, new() { Name = "Queue", Exact = true }).ClickAsync();
        await Assertions.Expect(rows).ToHaveCountAsync(4);
        await Assertions.Expect(page.GetByText("In the queue: 4 recipients of 3 messages.")).ToBeVisibleAsync();
        // What a host says is text.
        await Assertions.Expect(rows.First).ToContainTextAsync("<i>mailbox full</i>");
        await Accessibility.HoldsAsync(page);

        foreach (var (filter, value, found) in filters) await FindsAsync(page, filter, value, found);
        // A filter that cannot be read shows nothing, so that nothing is done to what nobody sees.
        await page.Locator("#filter-older").FillAsync("soon");
        await Button(page, "Find").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("'soon' is no duration");
        await Assertions.Expect(rows).ToHaveCountAsync(0);
        await page.Locator("#filter-older").FillAsync("");
        await page.Locator("#filter-host").FillAsync("example.com");
        await page.Locator("#filter-reason").SelectOptionAsync("mail");
        await Button(page, "Find").ClickAsync();
        await Assertions.Expect(rows).ToHaveCountAsync(2);
        Assert.EndsWith("/queue?host=example.com&reason=mail", page.Url, StringComparison.Ordinal);

        // Of a message to two domains the chosen one alone.
        await page.GetByLabel("Choose MID 1 to example.com").CheckAsync();
        await Assertions.Expect(page.GetByText("1 row chosen")).ToBeVisibleAsync();
        await Button(page, "Delete").ClickAsync();
        await AnswerAsync(page, "Delete 1 recipient of 1 message?", "Delete");
        await Assertions.Expect(rows).ToHaveCountAsync(1);
        Assert.Equal(3, await CountAsync(gateway));

        // All that fit is redirected, and nothing else.
        await page.Locator("#everything").CheckAsync();
        await Button(page, "Redirect").ClickAsync();
        await page.Locator("#redirect-to").FillAsync("192.168.10");
        await Button(page, "Redirect there").ClickAsync();
        await Assertions.Expect(page.Locator("#redirect-problem")).ToContainTextAsync("192.168.10");
        await page.Locator("#redirect-to").FillAsync(Name(other));
        await Button(page, "Redirect there").ClickAsync();
        await AnswerAsync(page, "Redirect 1 recipient of 1 message?", "Redirect");
        await gateway.Log.WaitForAsync("Message finished MID 2 done");
        Assert.Single(other.Taken);
        await IsAuditedAsync(gateway, $"\"to\":\"{Name(other)}\"");

        await Button(page, "Show all").ClickAsync();
        await page.GetByLabel("Choose MID 3 to example.org").CheckAsync();
        await Button(page, "Bounce").ClickAsync();
        await AnswerAsync(page, "Bounce 1 recipient of 1 message?", "Bounce");
        await gateway.Log.WaitForAsync("Bounced: DCID 0 MID 3 to RID 0 - 5.0.0");
        await gateway.Log.WaitForAsync("MID 4 to RID [0] pending");
        host.Script = new HostScript();
        await page.Locator("#everything").CheckAsync();
        await Button(page, "Retry").ClickAsync();
        await AnswerAsync(page, "Retry 2 recipients of 2 messages now?", "Retry");
        await gateway.Log.WaitForAsync("Message finished MID 1 done");
        await gateway.Log.WaitForAsync("Message finished MID 4 done");
        // The page looks every five seconds.
        await Assertions.Expect(page.GetByText("The queue is empty.")).ToBeVisibleAsync(new() { Timeout = 20_000 });
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_message_shows_its_attempts_over_hosts_its_headers_and_itself_to_those_who_may()
    {
        const string Content = "Subject: <script>alert(1)</script>\r\nX-Note: \x1b[31mred\r\n\r\nsecret body\r\n";
        await using var host = ScriptedHost.Start(full, "127.0.0.10");
        await using var other = ScriptedHost.Start(address: "127.0.0.20");
        await using var gateway = await GatewayProcess.StartAsync(
            $"ALL 127.0.0.30:1, {Name(host)}/pri=10\n", Patient);
        await SendAsync(gateway, Content, ["bob@example.com"]);
        await gateway.Log.WaitForAsync("MID 1 to RID");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway, new() { Width = 390 });
        var page = visit.Page;

        await visit.OpenAsync("/queue/message?mid=1");
        await Assertions.Expect(page.Locator("ol.attempts li")).ToHaveCountAsync(2);
        await Assertions.Expect(page.Locator("ol.attempts li").First).ToContainTextAsync("127.0.0.30:1");
        await Assertions.Expect(page.Locator("ol.attempts li").Nth(1)).ToContainTextAsync("<i>mailbox full</i>");
        await Assertions.Expect(page.Locator(".timeline .dot")).ToHaveCountAsync(2);
        await Assertions.Expect(page.Locator(".recipients")).ToContainTextAsync("held");
        await IsInZoneAsync(page.Locator(".explanation time"), "Europe/Berlin");
        await Button(page, "Show headers").ClickAsync();
        await Assertions.Expect(page.Locator("#headers")).ToContainTextAsync("Subject: <script>alert(1)</script>");
        await Assertions.Expect(page.Locator("#headers")).ToContainTextAsync("X-Note: \\x1B[31mred");
        await Assertions.Expect(page.Locator("#headers")).Not.ToContainTextAsync("secret body");
        await Accessibility.HoldsAsync(page);
        var download = await page.RunAndWaitForDownloadAsync(
            () => page.GetByRole(AriaRole.Link, new() { Name = "Export" }).ClickAsync());
        Assert.EndsWith(Content, await File.ReadAllTextAsync(await download.PathAsync()), StringComparison.Ordinal);
        var audit = await gateway.RunAsync("admin", "audit", "list");
        Assert.Contains("showMessageHeaders", audit, StringComparison.Ordinal);
        Assert.Contains("exportMessage", audit, StringComparison.Ordinal);

        await using (var viewer = await visit.AsViewerAsync())
        {
            await viewer.OpenAsync("/queue/message?mid=1");
            await Assertions.Expect(viewer.Page.Locator("ol.attempts li")).ToHaveCountAsync(2);
            foreach (var action in new[] { "Retry", "Redirect", "Bounce", "Delete", "Show headers" })
                await Assertions.Expect(Button(viewer.Page, action)).ToHaveCountAsync(0);
            await viewer.OpenAsync("/queue");
            await Assertions.Expect(viewer.Page.Locator("table.queue")).ToContainTextAsync("bob@example.com");
            await Assertions.Expect(viewer.Page.Locator("#everything")).ToHaveCountAsync(0);
        }

        await ChangesAsync(visit, other);
        await ShowsInPartsAsync(visit);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_page_that_is_full_leads_to_another_one_only_where_there_is_mail()
    {
        await using var gateway = await GatewayProcess.StartAsync("ALL 127.0.0.30:1\n", Patient);
        for (var i = 0; i < 26; i++) await SendAsync(gateway, "bob@example.com");
        await gateway.Log.WaitForAsync("Connection Error:");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;
        var rows = page.Locator("table.queue tbody tr");

        await visit.OpenAsync("/queue");
        await Button(page, "Next page").ClickAsync();
        await Assertions.Expect(rows).ToHaveCountAsync(1);
        // The page that is shown loses its mail, and is left by itself.
        await gateway.RunAsync("deleterecipients", "--mid", "26", "--yes");
        await Assertions.Expect(rows).ToHaveCountAsync(25, new() { Timeout = 20_000 });
        await Assertions.Expect(Button(page, "Next page")).ToBeDisabledAsync();
        await Assertions.Expect(Button(page, "Page before")).ToBeDisabledAsync();
    }

    [Fact]
    public async Task An_address_of_thirty_characters_stands_on_a_line_and_a_longer_one_is_whole_where_it_is_asked_for()
    {
        const string Usual = "a.somebody@department1.example";
        var longer = $"{new string('l', 60)}@a-department-of-the-house.example";
        await using var gateway = await GatewayProcess.StartAsync("ALL 127.0.0.30:1\n", Patient);
        await SendAsync(gateway, Usual, longer);
        await gateway.Log.WaitForAsync("Connection Error:");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        await visit.OpenAsync("/queue");
        var page = visit.Page;
        var (usual, cut) = (Shown(page, Usual), Shown(page, longer));

        foreach (var address in new[] { usual, cut, Shown(page, "alice@src.example").First })
            Assert.Equal(1, await address.EvaluateAsync<int>(
                "one => Math.round(one.clientHeight / parseFloat(getComputedStyle(one).lineHeight))"));
        Assert.False(await IsCutAsync(usual));
        Assert.True(await IsCutAsync(cut));
        await Assertions.Expect(cut).ToHaveAttributeAsync("title", longer);
        await cut.FocusAsync();
        Assert.False(await IsCutAsync(cut));
        await Accessibility.HoldsAsync(page);
        await page.SetViewportSizeAsync(390, 844);
        await page.Locator("h1").FocusAsync();
        Assert.False(await IsCutAsync(cut));

        static ILocator Shown(IPage page, string text) =>
            page.Locator("table.queue .address").GetByText(text, new() { Exact = true });
        static Task<bool> IsCutAsync(ILocator one) =>
            one.EvaluateAsync<bool>("one => one.scrollWidth > one.clientWidth");
    }

    // What can be done to a message on its page.
    private static async Task ChangesAsync(AdminVisit visit, ScriptedHost other)
    {
        var page = visit.Page;
        await Button(page, "Retry").ClickAsync();
        await AnswerAsync(page, "Retry 1 recipient of 1 message now?", "Retry");
        await Assertions.Expect(page.Locator("ol.attempts li").Nth(3)).ToContainTextAsync("<i>mailbox full</i>");
        await Button(page, "Redirect").ClickAsync();
        await page.Locator("#redirect-to").FillAsync(Name(other));
        await Button(page, "Redirect there").ClickAsync();
        await AnswerAsync(page, "Redirect 1 recipient of 1 message?", "Redirect");
        await visit.Gateway.Log.WaitForAsync("Message finished MID 1 done");
        Assert.Single(other.Taken);
        await Assertions.Expect(page.GetByText("MID 1 is not in the queue")).ToBeVisibleAsync();

        await SendAsync(visit.Gateway, "eve@example.com");
        await visit.Gateway.Log.WaitForAsync("MID 2 to RID");
        await visit.OpenAsync("/queue/message?mid=2");
        await Button(page, "Bounce").ClickAsync();
        await AnswerAsync(page, "Bounce 1 recipient of 1 message?", "Bounce");
        await visit.Gateway.Log.WaitForAsync("Bounced: DCID 0 MID 2 to RID 0 - 5.0.0");
        // The report on it.
        await visit.Gateway.Log.WaitForAsync("MID 3 to RID");
        await visit.OpenAsync("/log/story?mid=3");
        await page.GetByRole(AriaRole.Link, new() { Name = "In the queue" }).ClickAsync();
        await Button(page, "Delete").ClickAsync();
        await AnswerAsync(page, "Delete 1 recipient of 1 message?", "Delete");
        await Assertions.Expect(page.GetByText("MID 3 is not in the queue")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Its story in the mail log" }).ClickAsync();
        await Assertions.Expect(page.Locator(".log")).ToContainTextAsync("Message finished MID 3");
    }

    // A message to many domains.
    private static async Task ShowsInPartsAsync(AdminVisit visit)
    {
        var page = visit.Page;
        await SendAsync(visit.Gateway, [.. Enumerable.Range(10, 60).Select(i => $"bob@d{i}.example")]);
        await visit.OpenAsync("/queue/message?mid=4");
        await Assertions.Expect(page.Locator(".recipients")).ToHaveCountAsync(25);
        await Button(page, "Last page").ClickAsync();
        await Assertions.Expect(page.Locator(".recipients")).ToHaveCountAsync(10);
        await Assertions.Expect(page.Locator(".recipients").Last).ToContainTextAsync("bob@d69.example");
        await page.GetByRole(AriaRole.Link, new() { Name = "Back to the queue" }).ClickAsync();
        await Assertions.Expect(page.Locator("table.queue tbody tr")).ToHaveCountAsync(50);
        await Button(page, "Next page").ClickAsync();
        await Assertions.Expect(page.Locator("table.queue tbody tr")).ToHaveCountAsync(10);
        await Assertions.Expect(Button(page, "Next page")).ToBeDisabledAsync();
        await Button(page, "Page before").ClickAsync();
        await Assertions.Expect(page.Locator("table.queue tbody tr")).ToHaveCountAsync(50);

        await visit.OpenAsync("/delivery");
        foreach (var (button, shown) in ways)
        {
            await Button(page, button).ClickAsync();
            await Assertions.Expect(page.Locator(".pager")).ToContainTextAsync($"{shown} of 62");
        }
    }

    private static async Task FindsAsync(IPage page, string filter, string value, int rows)
    {
        await page.Locator($"#filter-{filter}").FillAsync(value);
        await Button(page, "Find").ClickAsync();
        await Assertions.Expect(page.Locator("table.queue tbody tr")).ToHaveCountAsync(rows);
        await Assertions.Expect(page).ToHaveURLAsync(
            new Regex(Regex.Escape($"/queue?{filter}={value}") + "$"));
        await Button(page, "Show all").ClickAsync();
        await Assertions.Expect(page.Locator("table.queue tbody tr")).ToHaveCountAsync(4);
    }

    // What was done to somebody else's mail is for everybody to see.
    private static async Task IsAuditedAsync(GatewayProcess gateway, string said) => Assert.Contains(
        said, await File.ReadAllTextAsync(Path.Combine(gateway.Data, "logs", "audit.log")), StringComparison.Ordinal);

    private static async Task<int> CountAsync(GatewayProcess gateway)
    {
        using var rows = System.Text.Json.JsonDocument.Parse(
            await gateway.RunAsync("showrecipients", "--all", "--json"));
        return rows.RootElement.GetProperty("recipients").EnumerateArray()
            .Sum(row => row.GetProperty("to").GetArrayLength());
    }
}
