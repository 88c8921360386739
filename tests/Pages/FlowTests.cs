using System.Text.RegularExpressions;
using Postern.TestHosts;
using static Pages.Mail;

namespace Pages;

/// <summary>The picture of the flow: routes, hosts, and the lines between them as they are now.</summary>
public sealed class FlowTests(Chromium chromium)
{
    [Fact]
    public async Task The_line_of_a_host_that_fails_changes_its_state_and_that_of_the_other_grows()
    {
        await using var first = ScriptedHost.Start(address: "127.0.0.10");
        await using var second = ScriptedHost.Start(address: "127.0.0.20");
        await using var gateway = await GatewayProcess.StartAsync(
            $"example.com {Name(first)}, {Name(second)}/pri=10\n");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;

        await page.GetByRole(AriaRole.Link, new() { Name = "Mail Flow" }).ClickAsync();
        await Assertions.Expect(page.Locator(".empty")).ToContainTextAsync("No mail went in the last minutes");
        await SendAsync(gateway, "bob@example.com");
        await Assertions.Expect(page.Locator(".flow path")).ToHaveCountAsync(2);
        await Assertions.Expect(Line(page, first)).ToHaveClassAsync("good");
        // The host that no mail went to yet is not called up.
        await Assertions.Expect(Line(page, second)).ToHaveClassAsync("unknown");
        await Assertions.Expect(Line(page, second)).ToContainTextAsync("not tried yet");
        await Assertions.Expect(page.GetByRole(AriaRole.List, new() { Name = "Hosts", Exact = true }).Locator("li"))
            .ToHaveTextAsync((Regex[])
                [new(@"10:\d+\s+●\s*up \S+ a minute"), new(@"20:\d+\s+○\s*not tried yet 0 a minute")]);
        await Assertions.Expect(page.Locator("table.flows tbody tr").Last).ToContainTextAsync("not tried yet");
        await Assertions.Expect(Line(page, second)).ToHaveAttributeAsync("stroke-width", "1.5");

        first.StopListening();
        first.CloseConnections();
        for (var i = 0; i < 10; i++) await SendAsync(gateway, "bob@example.com", "eve@example.com");
        await gateway.Log.WaitForAsync("Message finished MID 11 done");

        await Assertions.Expect(Line(page, first)).ToHaveClassAsync("bad");
        await Assertions.Expect(Line(page, second)).ToHaveClassAsync("good");
        await Assertions.Expect(Line(page, second)).ToHaveAttributeAsync("stroke-width", new Regex("^[3-9]"));
        // The same for who sees no picture.
        var rows = page.Locator("table.flows tbody tr");
        await Assertions.Expect(rows.Filter(new() { HasText = Name(first) })).ToContainTextAsync("left out");
        await Assertions.Expect(rows.Filter(new() { HasText = Name(second) })).ToContainTextAsync("up");
        await Assertions.Expect(page.Locator(".flow .sources")).ToContainTextAsync("1 of 2 hosts out");
        await Accessibility.HoldsAsync(page);

        await page.GetByRole(AriaRole.List, new() { Name = "Hosts", Exact = true })
            .GetByRole(AriaRole.Link, new() { Name = Name(first) }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("table.health")).ToContainTextAsync("Connection refused");
        await Assertions.Expect(page.Locator("table.health .strip i").Last).ToHaveClassAsync("bad");
        await Button(page, $"Drain {Name(first)}").ClickAsync();
        await AnswerAsync(page, $"Drain {Name(first)}?", "Drain");
        await Assertions.Expect(page.Locator("table.health")).ToContainTextAsync("drained");
        await page.GetByRole(AriaRole.Link, new() { Name = "In the mail log" }).ClickAsync();
        await Assertions.Expect(page.Locator("#search")).ToHaveValueAsync("127.0.0.10");
        await Assertions.Expect(page.Locator(".log")).ToContainTextAsync("127.0.0.10");
        await page.GoBackAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Back to Mail Flow" }).ClickAsync();
        await Assertions.Expect(Line(page, first)).ToHaveClassAsync("drained");
        await page.GetByRole(AriaRole.Link, new() { Name = "example.com", Exact = true }).First.ClickAsync();
        await Assertions.Expect(page.Locator("#key")).ToHaveValueAsync("example.com");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Mail_that_has_no_host_yet_stands_in_the_figures_as_in_the_picture()
    {
        // The DNS server does not answer.
        await using var gateway = await GatewayProcess.StartAsync("", """
            [dns]
            servers = ["127.0.0.1:9"]
            """);
        await SendAsync(gateway, "bob@other.example", "eve@other.example");
        await gateway.Log.WaitForAsync("MID 1 to RID");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;

        await visit.OpenAsync("/flow");
        await Assertions.Expect(page.Locator(".flow .sources li")).ToContainTextAsync("other.example, by DNS");
        await Assertions.Expect(page.Locator(".flow .sources li")).ToContainTextAsync("2 waiting, 0 a minute");
        await Assertions.Expect(page.Locator("table.flows tbody tr")).ToHaveTextAsync(
            new Regex(@"other\.example, by DNS\s*none yet.*2\s*$", RegexOptions.Singleline));
        await Accessibility.HoldsAsync(page);
        // What waits leads to why it does.
        await page.GetByRole(AriaRole.Link, new() { Name = "2 waiting" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 }))
            .ToContainTextAsync("other.example");
        Assert.Empty(visit.Complaints);
    }

    private static ILocator Line(IPage page, ScriptedHost host) =>
        page.Locator(".flow path").Filter(new() { HasText = Name(host) });
}
