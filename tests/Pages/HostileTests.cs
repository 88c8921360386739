using Postern.TestHosts;
using static Pages.Mail;

namespace Pages;

/// <summary>What a peer says is shown as text, whatever it is (hardening §2.4, I4 and I6).</summary>
public sealed class HostileTests(Chromium chromium)
{
    private const string Markup =
        "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">";

    // What a mailbox may have in quotes, and what a client may call itself.
    private const string Quoted = "<img src=x onerror=document.title='owned'>";
    private const string Client = "'onfocus=alert`1`&lt{x}";

    [Fact]
    public async Task What_a_peer_says_is_text_on_every_page_that_shows_it()
    {
        await using var full = ScriptedHost.Start(
            new HostScript { Banner = HostAnswer.SayAndDrop($"431 {Markup}") }, "127.0.0.10");
        await using var picky = ScriptedHost.Start(
            new HostScript { Rcpt = (_, _) => $"550 5.1.1 {Markup}" }, "127.0.0.20");
        await using var gateway = await GatewayProcess.StartAsync(
            $"example.com {Name(full)}\nexample.net {Name(picky)}\nsrc.example /dev/null\n");
        await using (var client = await SmtpProbe.GreetAsync(gateway.Smtp))
        {
            Assert.StartsWith("250", await client.SayAsync($"EHLO {Client}"), StringComparison.Ordinal);
            Assert.StartsWith("250", await client.MessageAsync($"\"{Quoted}\"@src.example",
                [$"\"{Quoted}\"@example.com", "c@example.net"], $"Subject: {Markup}\r\n\r\nx\r\n"),
                StringComparison.Ordinal);
        }
        await gateway.Log.WaitForAsync("Connection Error:");
        await gateway.Log.WaitForAsync("Bounced:");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;

        await IsTextAsync(visit, "/routes", "ul.hosts .why", Markup);
        await IsTextAsync(visit, $"/delivery/host?name={Name(full)}", "table.health .reply", Markup);
        await IsTextAsync(visit, $"/delivery/host?name={Uri.EscapeDataString(Markup)}", "[role=alert]", Markup);
        await IsTextAsync(visit, "/delivery/domain?name=example.net", ".page > p .reply", Markup);
        await IsTextAsync(visit, $"/delivery/domain?name={Uri.EscapeDataString(Markup)}", "[role=alert]", Markup);
        await IsTextAsync(visit, "/flow", ".flow .destinations", Name(full));
        await IsTextAsync(visit, "/queue", "table.queue td[data-label=From]", Quoted);
        await IsTextAsync(visit, null, "table.queue .address", Quoted);
        await IsTextAsync(visit, null, "table.queue .reply", Markup);
        await IsTextAsync(visit, $"/queue/message?mid={Uri.EscapeDataString(Markup)}", "[role=alert]", Markup);
        await IsTextAsync(visit, $"/log/story?dcid={Uri.EscapeDataString(Markup)}", "[role=alert]", Markup);
        await IsTextAsync(visit, "/queue/message?mid=1", ".attempts .reply", Markup);
        await Button(page, "Show headers").ClickAsync();
        await IsTextAsync(visit, null, "#headers", Client);
        await IsTextAsync(visit, "/log/story?mid=1", ".log", $"Subject \"{Markup}\"");
        await IsTextAsync(visit, null, ".log", $"From: <\"{Quoted}\"@src.example>");
        await IsTextAsync(visit, "/accounts/new", "form.settings", "Account");
        await page.Locator("#account-name").FillAsync(Markup);
        await Button(page, "Submit").ClickAsync();
        await IsTextAsync(visit, null, "#account-problem", Markup);
        await IsTextAsync(visit, $"/accounts/edit?name={Uri.EscapeDataString(Markup)}", "#account-problem", Markup);
        await IsTextAsync(visit, "/tokens", "form.settings", "What it is for");
        await page.Locator("#token-name").FillAsync(Markup);
        await Button(page, "Add Token").ClickAsync();
        await IsTextAsync(visit, null, "#token-name-problem", Markup);
        await IsTextAsync(visit, "/audit", "table.audit td[data-label=Action] .options", $"name {Markup}");
        await IsTextAsync(visit, "/routes/test", "form.toolbar", "Address or domain");
        await page.Locator("#address").FillAsync($"\"{Quoted}\"@example.com");
        await page.Keyboard.PressAsync("Enter");
        await IsTextAsync(visit, null, ".explanation .note", Markup);
        await IsTextAsync(visit, "/status", "ul.out .reply", Markup);
        // An alert takes the second look of ten seconds.
        await IsTextAsync(visit, null, ".alert", Markup, 40_000);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_script_that_got_into_a_page_would_not_run()
    {
        await using var gateway = await GatewayProcess.StartAsync("");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);

        await visit.Page.EvaluateAsync("""
            () => {
                const script = document.createElement('script');
                script.textContent = "document.title = 'owned'";
                document.body.append(script);
            }
            """);

        Assert.Contains(visit.Complaints, said => said.Contains("Content Security Policy", StringComparison.Ordinal));
        Assert.Equal("SMTP Routes – Postern", await visit.Page.TitleAsync());
    }

    [Fact]
    public async Task A_page_with_a_fault_says_so_tells_the_mail_log_and_takes_no_other_page_with_it()
    {
        await using var gateway = await GatewayProcess.StartAsync("example.com 10.0.0.1\n");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;

        // A browser that lacks what a page needs.
        await page.EvaluateAsync("void (Blazor._internal.InputFile.init = () => { throw new Error('broken'); })");
        await page.GetByRole(AriaRole.Link, new() { Name = "Import Routes" }).ClickAsync();
        await Assertions.Expect(page.GetByText("This page has a fault")).ToBeVisibleAsync();
        await gateway.Log.WaitForAsync("The admin page has a fault");
        await page.GetByRole(AriaRole.Link, new() { Name = "SMTP Routes" }).ClickAsync();

        await Assertions.Expect(page.Locator("table.routes")).ToContainTextAsync("example.com");
    }

    [Fact]
    public async Task Somebody_who_may_only_look_sees_no_way_to_change_anything()
    {
        await using var gateway = await GatewayProcess.StartAsync("example.com 10.0.0.1\n");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var accounts = Path.Combine(gateway.Data, "accounts");
        var line = await File.ReadAllTextAsync(accounts);
        await File.WriteAllTextAsync(accounts, line.Replace("administrator", "viewer", StringComparison.Ordinal));
        var page = visit.Page;
        // The session of another role is over.
        await page.Locator("#name").WaitForAsync(new() { Timeout = 20_000 });

        await visit.LogInAsync("admin", GatewayProcess.Password);
        await visit.LiveAsync();
        await Assertions.Expect(page.Locator("table.routes")).ToContainTextAsync("example.com");
        await Assertions.Expect(page.GetByText("Add Route")).ToHaveCountAsync(0);
        await Assertions.Expect(page.GetByText("Clear All Routes")).ToHaveCountAsync(0);
        foreach (var path in new[] { "/routes/new", "/routes/edit?key=example.com" })
        {
            await visit.OpenAsync(path);
            await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Cancel" })).ToBeVisibleAsync();
            await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Submit", Disabled = false }))
                .ToHaveCountAsync(0);
        }
        foreach (var path in new[] { "/smtpauth/new", "/routes/clear" })
        {
            await visit.OpenAsync(path);
            await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
            await Assertions.Expect(page.GetByRole(AriaRole.Alert))
                .ToContainTextAsync("This is for the role administrator.");
            await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { NameRegex = new("^(Submit|Clear)") }))
                .ToHaveCountAsync(0);
        }
    }

    // On a page, or on the one that is open: where it stands it is text, and no element was made of it.
    private static async Task IsTextAsync(
        AdminVisit visit, string? path, string where, string text, float? patience = null)
    {
        if (path is not null) await visit.OpenAsync(path);
        await Assertions.Expect(visit.Page.Locator(where).First)
            .ToContainTextAsync(text, new() { Timeout = patience });
        Assert.Equal(0, await visit.Page.Locator("img").CountAsync());
        Assert.EndsWith(" – Postern", await visit.Page.TitleAsync(), StringComparison.Ordinal);
    }
}
