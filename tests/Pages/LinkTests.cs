using static Pages.Mail;

namespace Pages;

/// <summary>The ways from page to page that no other test takes, and those out of an address that is wrong.</summary>
public sealed class LinkTests(Chromium chromium)
{
    private const int Routes = 14;

    private static readonly (string From, string Link, string Heading)[] ways =
    [
        ("/routes/edit?key=none.example", "Back to the routes", "SMTP Routes"),
        ("/smtpauth/edit?name=none", "Back to the profiles", "SMTP Authentication"),
        ("/queue/message?mid=x", "Back to the queue", "Queue"),
        ("/log/story?mid=x", "Back to the mail log", "Mail Log"),
        ("/routes/new", "SMTP Authentication", "SMTP Authentication"),
        ("/routes/history", "Back to the routes", "SMTP Routes"),
        ("/smtpauth/new", "Cancel", "SMTP Authentication"),
        ("/accounts", "API Tokens", "API Tokens"),
        ("/accounts/new", "Cancel", "Accounts"),
        ("/delivery/host?name=127.0.0.30:1", "Route d0.example", "SMTP Route Settings"),
        ("/delivery/host?name=127.0.0.30:1", "d3.example", "Delivery to d3.example"),
        ("/delivery/domain?name=d1.example", "127.0.0.30:1", "Host 127.0.0.30:1"),
        ("/queue/message?mid=1", "ICID 1", "The story of ICID 1"),
        ("/queue/message?mid=1", "d2.example", "Delivery to d2.example"),
        ("/flow", "2 other routes", "Delivery Status"),
        ("/flow", "127.0.0.30:1", "Host 127.0.0.30:1"),
    ];

    [Fact]
    public async Task Each_way_leads_where_it_says()
    {
        var domains = Enumerable.Range(0, Routes).Select(i => $"d{i}.example").ToList();
        await using var gateway = await GatewayProcess.StartAsync(
            string.Concat(domains.Select(domain => $"{domain} 127.0.0.30:1\n")));
        await SendAsync(gateway, [.. domains.Select(domain => $"bob@{domain}")]);
        await gateway.Log.WaitForAsync("Connection Error:");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);

        foreach (var (from, link, heading) in ways)
        {
            await visit.OpenAsync(from);
            await visit.Page.Locator("main").GetByRole(AriaRole.Link, new() { Name = link, Exact = true })
                .First.ClickAsync();
            await Assertions.Expect(visit.Page.Locator("h1")).ToHaveTextAsync(heading);
        }
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task An_address_that_is_none_says_so_and_leads_on()
    {
        await using var gateway = await GatewayProcess.StartAsync("");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);

        await visit.OpenAsync("/queue/2");

        await Assertions.Expect(visit.Page.Locator("h1")).ToHaveTextAsync("Not found");
        await visit.Page.Locator("main").GetByRole(AriaRole.Link, new() { Name = "System Status" }).ClickAsync();
        await Assertions.Expect(visit.Page.Locator("h1")).ToHaveTextAsync("System Status");
    }

    [Fact]
    public async Task A_viewer_looks_at_a_route_and_a_profile_and_is_offered_no_change()
    {
        await using var gateway = await GatewayProcess.StartAsync("example.com 10.0.0.1\n");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        await using var vera = await visit.AsViewerAsync();
        var page = vera.Page;

        await vera.OpenAsync("/routes");
        await page.GetByRole(AriaRole.Link, new() { Name = "Show example.com" }).ClickAsync();
        await Assertions.Expect(page.Locator("#destination-0")).ToHaveValueAsync("10.0.0.1");
        Assert.False(await page.Locator("#destination-0").IsEditableAsync());
        foreach (var action in new[] { "Submit", "Add Row", "Give weights", "Delete", "Remove row 1" })
            await Assertions.Expect(Button(page, action)).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Link, new() { Name = "Cancel" }).ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("SMTP Routes");
        foreach (var link in new[] { "Add Route", "Import Routes", "Clear All Routes" })
            await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = link })).ToHaveCountAsync(0);
        await vera.OpenAsync("/smtpauth");
        await Assertions.Expect(page.GetByText("There are no profiles.")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Add Profile" })).ToHaveCountAsync(0);
        await vera.OpenAsync("/routes/import");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("for the role administrator");
        await Assertions.Expect(page.Locator("#routes-file")).ToBeDisabledAsync();
        Assert.Empty(vera.Complaints);
    }
}
