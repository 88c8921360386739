using Postern.TestHosts;

namespace Pages;

/// <summary>What a peer says is shown as text, whatever it is (hardening §2.4, I4 and I6).</summary>
public sealed class HostileTests(Chromium chromium)
{
    private const string Markup =
        "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">";

    [Fact]
    public async Task The_reply_of_a_host_is_text_on_every_page_that_shows_it()
    {
        await using var host = ScriptedHost.Start(new HostScript { Banner = HostAnswer.SayAndDrop($"431 {Markup}") });
        await using var gateway = await GatewayProcess.StartAsync($"example.com 127.0.0.1:{host.EndPoint.Port}\n");
        await using (var client = await SmtpProbe.GreetAsync(gateway.Smtp))
        {
            Assert.StartsWith("250", await client.MessageAsync("a@src.example", ["b@example.com"],
                $"Subject: {Markup}\r\n\r\nx\r\n"), StringComparison.Ordinal);
        }
        await gateway.Log.WaitForAsync("Connection Error:");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;

        await Assertions.Expect(page.Locator("ul.hosts .why")).ToContainTextAsync(Markup);
        await visit.OpenAsync("/routes/test");
        await page.Locator("#address").FillAsync("b@example.com");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".explanation .note").First).ToContainTextAsync(Markup);
        await page.Locator("#address").FillAsync(Markup);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert).First).ToContainTextAsync(Markup);

        Assert.Equal("Test an Address – Postern", await page.TitleAsync());
        Assert.Equal(0, await page.Locator("img").CountAsync());
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
        // An entry of the history that leads nowhere.
        var history = Directory.CreateDirectory(Path.Combine(gateway.Data, "routes-history")).FullName;
        File.CreateSymbolicLink(Path.Combine(history, "000900.json"), Path.Combine(history, "nothing"));
        var page = visit.Page;

        await page.GetByRole(AriaRole.Link, new() { Name = "History" }).ClickAsync();
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
        foreach (var path in new[] { "/routes/new", "/routes/edit?key=example.com", "/smtpauth/new" })
        {
            await visit.OpenAsync(path);
            await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Cancel" })).ToBeVisibleAsync();
            await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Submit", Disabled = false }))
                .ToHaveCountAsync(0);
        }
        await visit.OpenAsync("/routes/clear");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert))
            .ToContainTextAsync("This is for the role administrator.");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Clear") }))
            .ToHaveCountAsync(0);
    }
}
