namespace Pages;

/// <summary>The page of the audit log: what was done, the newest first, and whether its chain is whole.</summary>
public sealed class AuditTests(Chromium chromium)
{
    [Fact]
    public async Task What_was_done_by_command_and_login_stands_there_and_a_changed_line_is_named()
    {
        await using var gateway = await GatewayProcess.StartAsync("example.com 10.0.0.1\n");
        await gateway.RunAsync("smtproutes", "edit", "example.com", "10.0.0.2");
        await using var visit = await AdminVisit.BeginAsync(chromium, gateway);
        var page = visit.Page;
        await page.GotoAsync("/");
        await visit.LogInAsync("admin", await AdminVisit.OneTimePasswordAsync(gateway));
        await visit.ChoosePasswordAsync();
        await visit.LiveAsync();
        await DrainAsync(visit, 30);

        await page.GetByRole(AriaRole.Link, new() { Name = "Audit Log" }).ClickAsync();
        var rows = page.Locator("table.audit tbody tr");
        await Assertions.Expect(rows).ToHaveCountAsync(25);
        await Assertions.Expect(rows.First).ToContainTextAsync("drainHost");
        await Assertions.Expect(rows.First).ToContainTextAsync("127.0.0.1");
        await Accessibility.HoldsAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Older entries" }).ClickAsync();
        await Assertions.Expect(rows.Last).ToContainTextAsync("smtproutes edit example.com");
        await Assertions.Expect(rows.Filter(new() { HasText = "changePassword" })).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Button, new() { Name = "Newest" }).ClickAsync();
        await Assertions.Expect(rows.First).ToContainTextAsync("drainHost");

        await page.Locator("#search").FillAsync("edit EXAMPLE");
        await Assertions.Expect(rows).ToHaveCountAsync(1);
        await rows.GetByText("Changes").ClickAsync();
        await Assertions.Expect(rows.Locator("pre")).ToContainTextAsync("- example.com 10.0.0.1");
        await Assertions.Expect(rows.Locator("pre")).ToContainTextAsync("+ example.com 10.0.0.2");

        var check = page.GetByRole(AriaRole.Button, new() { Name = "Check the chain" });
        await check.ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("are whole");
        var log = Path.Combine(gateway.Data, "logs", "audit.log");
        await File.WriteAllTextAsync(log, (await File.ReadAllTextAsync(log)).Replace(
            "10.0.0.2\"", "10.0.0.9\"", StringComparison.Ordinal));
        await check.ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Line 2 of");
        Assert.Empty(visit.Complaints);
    }

    private static async Task DrainAsync(AdminVisit visit, int hosts)
    {
        using var http = new HttpClient { BaseAddress = visit.Address };
        http.DefaultRequestHeaders.Authorization = new("Bearer",
            (await File.ReadAllTextAsync(Path.Combine(visit.Gateway.Data, "api-token"))).Trim());
        for (var i = 1; i <= hosts; i++)
        {
            using var answer = await http.PostAsync(
                new Uri($"/api/v1/hosts/10.0.0.{i}:25/drain", UriKind.Relative), null);
            answer.EnsureSuccessStatusCode();
        }
    }

    [Fact]
    public async Task A_viewer_is_told_that_it_is_not_for_them_and_an_administrator_sees_it_on_a_telephone()
    {
        await using var gateway = await GatewayProcess.StartAsync("");
        var password = (await gateway.RunAsync("admin", "account", "new", "vera", "--role", "viewer"))
            .Split("one-time password ")[1].Split(' ')[0];
        await using var visit = await AdminVisit.BeginAsync(chromium, gateway);
        await visit.Page.GotoAsync("/");
        await visit.LogInAsync("vera", password);
        await visit.ChoosePasswordAsync();
        await visit.LiveAsync();

        await Assertions.Expect(visit.Page.GetByRole(AriaRole.Link, new() { Name = "Audit Log" })).ToHaveCountAsync(0);
        await visit.OpenAsync("/audit");
        await Assertions.Expect(visit.Page.GetByText("The audit log is for administrators.")).ToBeVisibleAsync();
        await Assertions.Expect(visit.Page.Locator("table.audit")).ToHaveCountAsync(0);

        await using var small = await AdminVisit.LoggedInAsync(
            chromium, gateway, new VisitOptions { Width = 390, Language = "de" });
        await small.OpenAsync("/audit");
        await Assertions.Expect(small.Page.Locator("table.audit tbody tr").First).ToContainTextAsync("erledigt");
        await Accessibility.HoldsAsync(small.Page);
        Assert.True(await small.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth"));
    }
}
