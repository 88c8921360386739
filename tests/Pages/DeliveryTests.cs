using System.Text.RegularExpressions;
using Postern.TestHosts;
using static Pages.Mail;

namespace Pages;

/// <summary>The pages of the delivery status (contract §6).</summary>
public sealed class DeliveryTests(Chromium chromium)
{
    private static readonly string[] figures =
        ["Active Recipients", "Connections Out", "Soft Bounced", "Hard Bounced", "Delivered"];

    [Fact]
    public async Task A_domain_that_waits_is_seen_explained_and_retried_and_its_host_drained_and_put_back()
    {
        await using var host = ScriptedHost.Start(
            new HostScript { Banner = HostAnswer.SayAndDrop("431 <b>full</b>") }, "127.0.0.10");
        await using var good = ScriptedHost.Start(address: "127.0.0.20");
        await using var gateway = await GatewayProcess.StartAsync(
            $"example.com {Name(host)}\nexample.net {Name(good)}\n");
        await SendAsync(gateway, "bob@example.com", "eve@example.com", "joe@example.net");
        await gateway.Log.WaitForAsync("Connection Error:");
        await gateway.Log.WaitForAsync("Message done");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;

        await page.GetByRole(AriaRole.Link, new() { Name = "Delivery Status" }).ClickAsync();
        var rows = page.Locator("table.destinations tbody tr");
        await Assertions.Expect(rows.First).ToHaveTextAsync(Row(@"example\.com.*left out\s*2\s*0\s*0\s*0\s*0"));
        await Assertions.Expect(rows.Nth(1)).ToHaveTextAsync(Row(@"example\.net.*0\s*\d\s*1\s*0\s*0"));
        await Button(page, "Receiving Domain").ClickAsync();
        await Button(page, "Receiving Domain").ClickAsync();
        await Assertions.Expect(rows.First).ToContainTextAsync("example.net");
        foreach (var figure in figures)
        {
            await Button(page, figure).ClickAsync();
            await Assertions.Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = figure }))
                .ToHaveAttributeAsync("aria-sort", "descending");
        }
        await Assertions.Expect(rows.First).ToContainTextAsync("example.net");
        await page.Locator("#search").FillAsync("EXAMPLE.C");
        await Assertions.Expect(page.Locator(".pager")).ToContainTextAsync("1–1 of 1");
        await Accessibility.HoldsAsync(page);

        await page.GetByRole(AriaRole.Link, new() { Name = "example.com" }).ClickAsync();
        var health = page.Locator("table.health");
        await Assertions.Expect(health).ToContainTextAsync(Name(host));
        // What a host says is text.
        await Assertions.Expect(health).ToContainTextAsync("431-<b>full</b>");
        await Assertions.Expect(health.Locator(".strip i")).ToHaveCountAsync(60);
        await Assertions.Expect(health.Locator(".strip i").Last).ToHaveClassAsync("bad");
        await Assertions.Expect(page.Locator(".explanation")).ToContainTextAsync("2 for want of a host");
        await Accessibility.HoldsAsync(page);

        await page.GetByRole(AriaRole.Button, new() { Name = $"Drain {Name(host)}" }).ClickAsync();
        await AnswerAsync(page, $"Drain {Name(host)}?", "Drain");
        await Assertions.Expect(health).ToContainTextAsync("drained");
        Assert.Contains("drained", await gateway.RunAsync("hoststatus", Name(host)), StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Button, new() { Name = $"Undrain {Name(host)}" }).ClickAsync();
        await Assertions.Expect(health).Not.ToContainTextAsync("drained");

        await Button(page, "Suspend").ClickAsync();
        await AnswerAsync(page, "Suspend delivery to example.com?", "Suspend");
        await Assertions.Expect(page.GetByRole(AriaRole.Status).First).ToContainTextAsync("Delivery is suspended");
        Assert.Contains("example.com", await gateway.RunAsync("status"), StringComparison.Ordinal);
        await Button(page, "Resume").ClickAsync();
        await Assertions.Expect(Button(page, "Suspend")).ToBeVisibleAsync();
        await LeadsOnAsync(page);

        host.Script = new HostScript();
        await Button(page, "Retry now").ClickAsync();
        await AnswerAsync(page, "Retry 2 recipients of 1 message now?", "Retry");
        await gateway.Log.WaitForAsync("Message finished MID 1 done");
        await Assertions.Expect(page.Locator("ul.counts li").Nth(2)).ToHaveTextAsync("2 Delivered");
        var audit = await gateway.RunAsync("admin", "audit", "list");
        Assert.All(["drainHost", "undrainHost", "suspendDelivery", "resumeDelivery", "deliverNow"],
            action => Assert.Contains(action, audit, StringComparison.Ordinal));
        await page.GetByRole(AriaRole.Link, new() { Name = "Back to Delivery Status" }).ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Delivery Status");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task German_pages_say_in_German_why_mail_waits_and_leave_what_a_host_said_as_it_was()
    {
        await using var host = ScriptedHost.Start(
            new HostScript { Banner = HostAnswer.SayAndDrop("431 full") }, "127.0.0.10");
        await using var gateway = await GatewayProcess.StartAsync(
            $"example.com {Name(host)}\nexample.net 127.0.0.20:2525\n");
        await SendAsync(gateway, "bob@example.com");
        await gateway.Log.WaitForAsync("MID 1 to RID [0] pending");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway, new() { Language = "de" });
        var page = visit.Page;

        await visit.OpenAsync("/delivery/domain?name=example.com");
        var way = page.Locator(".explanation");
        await Assertions.Expect(way).ToContainTextAsync("mangels Host: Dann");
        await Assertions.Expect(way).ToContainTextAsync("431-full");
        await Assertions.Expect(way).Not.ToContainTextAsync("for want of");
        await visit.OpenAsync("/queue/message?mid=1");
        await Assertions.Expect(page.Locator(".recipients")).ToContainTextAsync("mangels Host: Dann");
        await Assertions.Expect(page.Locator(".recipients")).Not.ToContainTextAsync("for want of");

        // Nobody has tried the host of this route: it is not called up.
        await visit.OpenAsync("/routes/test");
        await page.Locator("#address").FillAsync("joe@example.net");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".step")).ToContainTextAsync("noch nicht versucht");
        await Assertions.Expect(way).ToContainTextAsync("für diese Domain wartet nichts");

        await visit.OpenAsync("/status");
        await Assertions.Expect(page.Locator(".alert")).ToContainTextAsync(
            $"Ein Zielhost ist ausgelassen ({Name(host)}).", new() { Timeout = 40_000 });
        await Assertions.Expect(page.Locator(".alert")).ToContainTextAsync("431-full");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_host_that_is_left_out_is_retried_by_hand_and_what_waits_for_it_goes()
    {
        await using var host = ScriptedHost.Start(
            new HostScript { Banner = HostAnswer.SayAndDrop("431 full") }, "127.0.0.10");
        await using var gateway = await GatewayProcess.StartAsync($"example.com {Name(host)}\n", """
            [delivery]
            host_retry_initial = "1h"
            host_retry_max = "1h"
            """);
        await SendAsync(gateway, "bob@example.com");
        await gateway.Log.WaitForAsync("MID 1 to RID [0] pending");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;
        var (address, name) = ($"/delivery/host?name={Name(host)}", $"Retry now {Name(host)}");
        await using (var viewer = await visit.AsViewerAsync())
        {
            await viewer.OpenAsync(address);
            await Assertions.Expect(viewer.Page.Locator("table.health")).ToContainTextAsync("left out");
            await Assertions.Expect(Button(viewer.Page, name)).ToHaveCountAsync(0);
        }

        await visit.OpenAsync("/status");
        await page.Locator("ul.out").GetByRole(AriaRole.Link, new() { Name = Name(host) }).ClickAsync();
        await Button(page, name).ClickAsync();
        await Assertions.Expect(page.GetByText("is tried now, with mail that waits for it.")).ToBeVisibleAsync();
        await gateway.Log.WaitForAsync("Connection Error: DCID 2");
        await Assertions.Expect(page.Locator("table.health")).ToContainTextAsync("2 failures in a row");

        host.Script = new HostScript();
        await Button(page, name).ClickAsync();
        await gateway.Log.WaitForAsync("Message finished MID 1 done");
        await Assertions.Expect(page.Locator("table.health .bad .state")).ToHaveCountAsync(0);
        await Assertions.Expect(Button(page, name)).ToHaveCountAsync(0);
        await Accessibility.HoldsAsync(page);
        Assert.Contains("retryHost", await gateway.RunAsync("admin", "audit", "list"), StringComparison.Ordinal);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task All_delivery_is_suspended_resumed_and_retried_and_a_viewer_only_looks()
    {
        await using var good = ScriptedHost.Start(address: "127.0.0.20");
        await using var gateway = await GatewayProcess.StartAsync($"ALL {Name(good)}\n");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway, new() { Width = 390 });
        var page = visit.Page;

        await visit.OpenAsync("/delivery");
        await Button(page, "Suspend all delivery").ClickAsync();
        await AnswerAsync(page, "Suspend all delivery?", "Suspend");
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("All delivery is suspended");
        await SendAsync(gateway, "bob@example.com");
        await using (var viewer = await visit.AsViewerAsync())
        {
            await viewer.OpenAsync("/delivery");
            await Assertions.Expect(viewer.Page.Locator("table.destinations")).ToContainTextAsync("example.com");
            await Assertions.Expect(Button(viewer.Page, "Retry All Delivery")).ToHaveCountAsync(0);
            await Assertions.Expect(Button(viewer.Page, "Resume all delivery")).ToHaveCountAsync(0);
            await viewer.OpenAsync("/delivery/domain?name=example.com");
            await Assertions.Expect(viewer.Page.Locator("ul.counts")).ToContainTextAsync("1 Active Recipients");
            await Assertions.Expect(Button(viewer.Page, "Retry now")).ToHaveCountAsync(0);
        }
        await Assertions.Expect(page.Locator("table.destinations")).ToContainTextAsync("example.com");
        await Button(page, "Retry All Delivery").ClickAsync();
        await AnswerAsync(page, "Retry 1 recipient of 1 message now?", "Retry");
        await Assertions.Expect(page.GetByText("Waiting until it is resumed: 1 recipient.")).ToBeVisibleAsync();
        await Accessibility.HoldsAsync(page);
        Assert.Empty(good.Taken);

        await Button(page, "Resume all delivery").ClickAsync();
        await gateway.Log.WaitForAsync("Message finished MID 1 done");
        await Button(page, "Retry All Delivery").ClickAsync();
        await Assertions.Expect(page.GetByText("Nothing in the queue fits.")).ToBeVisibleAsync();
        Assert.Empty(visit.Complaints);
    }

    private static async Task LeadsOnAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Mail in the queue" }).ClickAsync();
        await Assertions.Expect(page.Locator("table.queue tbody tr")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator("#filter-host")).ToHaveValueAsync("example.com");
        await page.GoBackAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Route example.com" }).ClickAsync();
        await Assertions.Expect(page.Locator("#key")).ToHaveValueAsync("example.com");
        await page.GoBackAsync();
    }

    private static Regex Row(string pattern) => new(pattern, RegexOptions.Singleline);
}
