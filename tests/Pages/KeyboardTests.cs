using Postern.TestHosts;
using static Pages.Mail;

namespace Pages;

/// <summary>The pages with the keyboard alone, on a small screen.</summary>
public sealed class KeyboardTests(Chromium chromium)
{
    [Fact]
    public async Task Mail_is_found_and_changed_and_a_host_drained_without_a_pointer()
    {
        await using var host = ScriptedHost.Start(
            new HostScript { Banner = HostAnswer.SayAndDrop("431 full") }, "127.0.0.10");
        await using var gateway = await GatewayProcess.StartAsync($"ALL {Name(host)}\n");
        await SendAsync(gateway, "bob@example.com");
        await SendAsync(gateway, "eve@example.com");
        await gateway.Log.WaitForAsync("Connection Error:");
        await using var visit = await AdminVisit.LoggedInAsync(
            chromium, gateway, new() { Width = 390, Height = 844 });
        var page = visit.Page;

        // Behind the way from the login, and when it is loaded again.
        await Assertions.Expect(page.Locator("h1")).ToBeFocusedAsync();
        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("h1")).ToBeFocusedAsync();
        var skip = Button(page, "Skip to content");
        Assert.Equal("Skip to content", await page.EvaluateAsync<string>(
            "document.querySelector('a[href], button, input, [tabindex=\"0\"]').textContent"));
        await skip.FocusAsync();
        Assert.True((await skip.BoundingBoxAsync())!.Width > 50);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("main")).ToBeFocusedAsync();

        await MenuAsync(page, "Queue");
        await TabToAsync(page, page.GetByLabel("Choose MID 1 to example.com"));
        await page.Keyboard.PressAsync("Space");
        await TabToAsync(page, Button(page, "Delete"), "Shift+Tab");
        await page.Keyboard.PressAsync("Enter");
        await AnswerWithKeysAsync(page, "Delete 1 recipient of 1 message?", "Delete");
        await Assertions.Expect(page.Locator("table.queue tbody tr")).ToHaveCountAsync(1);
        await TabToAsync(page, page.Locator("table.queue th a"));
        await page.Keyboard.PressAsync("Enter");
        await HeadingAsync(page, "MID 2");

        await MenuAsync(page, "Mail Log");
        await TabToAsync(page, page.Locator("#search"));
        await page.Keyboard.TypeAsync("MID 2");
        await Assertions.Expect(page.Locator(".log")).Not.ToContainTextAsync("MID 1");
        await TabToAsync(page, Button(page, "Pause"));
        await page.Keyboard.PressAsync("Enter");
        await TabToAsync(page, page.Locator(".log a").First);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("h1")).ToContainTextAsync("The story of");

        await MenuAsync(page, "Delivery Status");
        await TabToAsync(page, page.GetByRole(AriaRole.Link, new() { Name = "example.com" }));
        await page.Keyboard.PressAsync("Enter");
        await HeadingAsync(page, "Delivery to example.com");
        var drain = Button(page, $"Drain {Name(host)}");
        await TabToAsync(page, drain);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Drain");
        await BeginsAtCancelAsync(page);
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Assertions.Expect(drain).ToBeFocusedAsync();

        await MenuAsync(page, "Mail Flow");
        await TabToAsync(page, page.Locator(".flow .destinations a"));
        await page.Keyboard.PressAsync("Enter");
        await HeadingAsync(page, $"Host {Name(host)}");
        await TabToAsync(page, drain);
        await page.Keyboard.PressAsync("Enter");
        await AnswerWithKeysAsync(page, "Drain", "Drain");
        await Assertions.Expect(page.Locator("table.health")).ToContainTextAsync("drained");
        await TabToAsync(page, Button(page, $"Undrain {Name(host)}"));
    }

    [Fact]
    public async Task Accounts_and_tokens_are_made_and_taken_back_without_a_pointer()
    {
        await using var gateway = await GatewayProcess.StartAsync("");
        await using var visit = await AdminVisit.LoggedInAsync(
            chromium, gateway, new() { Width = 390, Height = 844 });
        var page = visit.Page;

        await MenuAsync(page, "Accounts");
        await TabToAsync(page, page.GetByRole(AriaRole.Link, new() { Name = "Add Account" }));
        await page.Keyboard.PressAsync("Enter");
        await HeadingAsync(page, "Account");
        await TabToAsync(page, page.Locator("#account-name"));
        await page.Keyboard.TypeAsync("vera");
        await TabToAsync(page, page.GetByLabel("viewer"));
        await page.Keyboard.PressAsync("ArrowDown");
        await Assertions.Expect(page.GetByLabel("operator")).ToBeCheckedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".secret code")).ToBeVisibleAsync();
        await TabToAsync(page, page.GetByRole(AriaRole.Link, new() { Name = "Back to the accounts" }));
        await page.Keyboard.PressAsync("Enter");
        await HeadingAsync(page, "Accounts");
        await TabToAsync(page, Button(page, "Delete vera"));
        await page.Keyboard.PressAsync("Enter");
        await AnswerWithKeysAsync(page, "Delete the account vera?", "Delete");
        await Assertions.Expect(page.Locator("table.accounts tbody tr")).ToHaveCountAsync(1);

        await MenuAsync(page, "API Tokens");
        await TabToAsync(page, page.Locator("#token-name"));
        await page.Keyboard.TypeAsync("prometheus");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".secret code")).ToBeVisibleAsync();
        await TabToAsync(page, page.Locator("table.tokens button"));
        await page.Keyboard.PressAsync("Enter");
        await AnswerWithKeysAsync(page, "of prometheus?", "Revoke");
        await Assertions.Expect(page.GetByText("There are no tokens.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Where_a_row_of_a_route_was_taken_out_the_keyboard_goes_on()
    {
        await using var gateway = await GatewayProcess.StartAsync(
            "example.com 10.0.0.1, 10.0.0.2/pri=10, 10.0.0.3/pri=20\n");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;
        await visit.OpenAsync("/routes/edit?key=example.com");

        await Button(page, "Remove row 2").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#destination-1")).ToHaveValueAsync("10.0.0.3");
        await Assertions.Expect(Button(page, "Remove row 2")).ToBeFocusedAsync();
        // The last one, and then none can be taken out any more.
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".host-row")).ToHaveCountAsync(1);
        await Assertions.Expect(Button(page, "Add Row")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".host-row")).ToHaveCountAsync(2);
        await Button(page, "Remove row 2").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(Button(page, "Add Row")).ToBeFocusedAsync();
        Assert.Empty(visit.Complaints);
    }

    // By the menu, which is closed on a small screen; the page begins at its heading, and nothing covers it.
    private static async Task MenuAsync(IPage page, string entry)
    {
        await TabToAsync(page, Button(page, "Menu"), "Shift+Tab");
        await page.Keyboard.PressAsync("Enter");
        var link = page.GetByRole(AriaRole.Navigation, new() { Name = "Pages", Exact = true })
            .GetByRole(AriaRole.Link, new() { Name = entry, Exact = true });
        await Assertions.Expect(link).ToBeInViewportAsync(new() { Ratio = 1 });
        await TabToAsync(page, link);
        await page.Keyboard.PressAsync("Enter");
        await HeadingAsync(page, entry);
    }

    private static async Task HeadingAsync(IPage page, string title)
    {
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync(title);
        await Assertions.Expect(page.Locator("h1")).ToBeFocusedAsync();
        await Assertions.Expect(page.Locator("h1")).ToBeInViewportAsync();
    }

    // Each key moves the focus to something that can be seen, until it is there.
    private static async Task TabToAsync(IPage page, ILocator goal, string key = "Tab")
    {
        const int Most = 40;
        var way = new List<string>();
        await Assertions.Expect(goal).ToHaveCountAsync(1);
        while (way.Count < Most)
        {
            var at = await goal.EvaluateAsync<string>("""
                goal => {
                    const at = document.activeElement, box = at.getBoundingClientRect();
                    if (goal === at) return "";
                    const name = `${at.tagName} ${at.textContent.trim().slice(0, 30)}`;
                    return box.left < 0 || box.right > innerWidth ? `unseen: ${name}` : name;
                }
                """);
            if (at.Length == 0) return;
            way.Add(at);
            Assert.False(at.StartsWith("unseen", StringComparison.Ordinal), string.Join('\n', way));
            await page.Keyboard.PressAsync(key);
        }
        Assert.Fail($"{key} does not lead there:\n{string.Join('\n', way)}");
    }

    // Enter once too often does nothing: what takes nothing away comes first.
    private static Task BeginsAtCancelAsync(IPage page) => Assertions.Expect(
        page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Cancel" })).ToBeFocusedAsync();

    private static async Task AnswerWithKeysAsync(IPage page, string question, string answer)
    {
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Assertions.Expect(dialog).ToContainTextAsync(question);
        await BeginsAtCancelAsync(page);
        await TabToAsync(page, dialog.GetByRole(AriaRole.Button, new() { Name = answer, Exact = true }));
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(dialog).ToHaveCountAsync(0);
    }
}
