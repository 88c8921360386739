using System.Text.RegularExpressions;
using Postern.TestHosts;
using static Pages.Mail;

namespace Pages;

/// <summary>From the first start to a page (contract §6, hardening §4.1).</summary>
public sealed class LoginTests(Chromium chromium)
{
    [Fact]
    public async Task The_first_login_asks_for_another_password_and_then_leads_to_the_pages()
    {
        await using var gateway = await GatewayProcess.StartAsync("");
        var oneTime = await AdminVisit.OneTimePasswordAsync(gateway);
        await using var visit = await AdminVisit.BeginAsync(chromium, gateway);
        var page = visit.Page;

        await page.GotoAsync("/routes");
        await Assertions.Expect(page).ToHaveURLAsync(new Uri(visit.Address, "/login?return=%2Froutes").AbsoluteUri);
        await Accessibility.HoldsAsync(page);
        await visit.LogInAsync("admin", oneTime);
        await Assertions.Expect(page.Locator("h2")).ToHaveTextAsync("Choose a password");
        await Accessibility.HoldsAsync(page);
        // Nothing else is open with it.
        await page.GotoAsync("/routes");
        await Assertions.Expect(page.Locator("h2")).ToHaveTextAsync("Choose a password");
        await visit.ChoosePasswordAsync();
        await visit.LiveAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("SMTP Routes");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Wrong_passwords_and_those_that_are_too_simple_are_refused_in_words()
    {
        await using var gateway = await GatewayProcess.StartAsync("");
        var oneTime = await AdminVisit.OneTimePasswordAsync(gateway);
        await using var visit = await AdminVisit.BeginAsync(chromium, gateway);
        var page = visit.Page;
        var problem = page.GetByRole(AriaRole.Alert);

        await page.GotoAsync("/");
        await visit.LogInAsync("admin", "guess");
        await Assertions.Expect(problem).ToHaveTextAsync("The account or its password is wrong.");
        await visit.LogInAsync("admin", oneTime);
        await page.Locator("#new-password").FillAsync("the admin's own one");
        await page.Locator("#again").FillAsync("the admin's own one");
        await page.Locator("#password").FillAsync(oneTime);
        await page.GetByRole(AriaRole.Button, new() { Name = "Change password" }).ClickAsync();

        await Assertions.Expect(problem).ToHaveTextAsync(
            "The new password is the present one, or holds the name of the account.");
    }

    [Fact]
    public async Task A_page_that_is_open_while_the_gateway_starts_again_says_so_and_leads_to_the_login()
    {
        await using var gateway = await GatewayProcess.StartAsync("");
        await using var visit = await AdminVisit.LoggedInAsync(
            chromium, gateway, new VisitOptions { Language = "de-DE" });
        await visit.OpenAsync("/status");
        var lost = visit.Page.GetByText("Die Verbindung zum Gateway ist abgerissen.");
        await Assertions.Expect(lost).ToBeHiddenAsync();
        await gateway.TerminateAsync();
        await Assertions.Expect(lost).ToBeVisibleAsync();

        // At the address that it had, which is the one that the browser knows.
        var settings = await File.ReadAllTextAsync(gateway.Configuration);
        await File.WriteAllTextAsync(gateway.Configuration, settings.Replace(
            "[admin]\naddress = \"127.0.0.1:0\"", $"[admin]\naddress = \"{visit.Address.Authority}\"",
            StringComparison.Ordinal));
        await gateway.StartAgainAsync();
        await Assertions.Expect(visit.Page).ToHaveURLAsync(new Regex("/login.return=%2Fstatus"));
    }

    [Fact]
    public async Task A_password_is_changed_from_the_menu_of_the_account_and_its_other_sessions_end()
    {
        const string Chosen = "the keeper of the small gate";
        await using var gateway = await GatewayProcess.StartAsync("");
        await using var elsewhere = await AdminVisit.LoggedInAsync(chromium, gateway);
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;

        await page.GetByRole(AriaRole.Button, new() { Name = "Account admin" }).ClickAsync();
        await page.GetByText("Change password").ClickAsync();
        await Assertions.Expect(page.Locator("h2")).ToHaveTextAsync("Choose a password");
        await ChangeAsync(page, "no lamp at all", Chosen);
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("The present password is wrong.");
        await ChangeAsync(page, GatewayProcess.Password, Chosen);
        await visit.LiveAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("SMTP Routes");

        await Assertions.Expect(elsewhere.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("was changed");
        await elsewhere.LogInAsync("admin", GatewayProcess.Password);
        await Assertions.Expect(elsewhere.Page.GetByRole(AriaRole.Alert))
            .ToHaveTextAsync("The account or its password is wrong.");
        await elsewhere.LogInAsync("admin", Chosen);
        await elsewhere.LiveAsync();
        // Who came for another password may leave without one.
        await elsewhere.Page.GotoAsync("/password");
        await Button(elsewhere.Page, "Log out").ClickAsync();
        await Assertions.Expect(elsewhere.Page.Locator("#name")).ToBeVisibleAsync();
        var audit = await gateway.RunAsync("admin", "audit", "list");
        Assert.Equal(2, Regex.Count(audit, "changePassword"));
        Assert.Contains("logout", audit, StringComparison.Ordinal);
        Assert.DoesNotContain(Chosen, audit, StringComparison.Ordinal);
        Assert.Empty(visit.Complaints);

        static async Task ChangeAsync(IPage page, string present, string chosen)
        {
            await page.Locator("#password").FillAsync(present);
            await page.Locator("#new-password").FillAsync(chosen);
            await page.Locator("#again").FillAsync(chosen);
            await Button(page, "Change password").ClickAsync();
        }
    }

    [Fact]
    public async Task A_page_that_stays_open_is_left_when_its_password_is_reset_and_after_a_logout()
    {
        await using var gateway = await GatewayProcess.StartAsync("");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;

        var second = await AdminVisit.OneTimePasswordAsync(gateway);
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync(
            "You were logged out, because the password or the two-step login of your account was changed.",
            new() { Timeout = 20_000 });
        await Accessibility.HoldsAsync(page);

        await visit.LogInAsync("admin", second);
        await visit.ChoosePasswordAsync();
        await visit.LiveAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Account admin" }).ClickAsync();
        await page.GetByText("Log out").ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Uri(visit.Address, "/login").AbsoluteUri);
        await page.GotoAsync("/routes");
        await Assertions.Expect(page.Locator("#name")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveCountAsync(0);
        Assert.DoesNotContain(gateway.Log.Events, line => line.Contains("has a fault", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_page_that_is_open_when_its_session_ends_does_nothing_any_more()
    {
        await using var host = ScriptedHost.Start(address: "127.0.0.10");
        await using var gateway = await GatewayProcess.StartAsync($"ALL {Name(host)}\n");
        await gateway.RunAsync("suspenddel");
        await using var logsOut = await AdminVisit.LoggedInAsync(chromium, gateway);
        await using var isDeleted = await logsOut.AsAsync("vera", "operator");
        await using var isDemoted = await logsOut.AsAsync("otto", "operator");
        AdminVisit[] visits = [logsOut, isDeleted, isDemoted];
        // They are led to the login page, and stay where they are all the same.
        var led = new List<Task>();
        foreach (var visit in visits)
        {
            await visit.OpenAsync("/delivery");
            led.Add(await visit.StayAsync());
            await Button(visit.Page, "Resume all delivery").FocusAsync();
        }

        await logsOut.LogOutElsewhereAsync();
        await gateway.RunAsync("admin", "account", "delete", "vera");
        await gateway.RunAsync("admin", "account", "edit", "otto", "--role", "viewer");
        await Task.WhenAll(led);
        foreach (var visit in visits) await visit.Page.Keyboard.PressAsync("Enter");
        await SendAsync(gateway, "bob@example.com");

        // What the gateway shows comes still, behind what became of the key.
        foreach (var visit in visits)
        {
            await Assertions.Expect(visit.Page.Locator("table.destinations")).ToContainTextAsync(
                "example.com", new() { Timeout = 20_000 });
            await Assertions.Expect(Button(visit.Page, "Resume all delivery")).ToBeVisibleAsync();
        }
        Assert.Empty(host.Taken);
        Assert.DoesNotContain(
            "resumeDelivery", await gateway.RunAsync("admin", "audit", "list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pages_speak_the_language_of_the_browser_and_another_one_when_it_is_chosen()
    {
        await using var gateway = await GatewayProcess.StartAsync("");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway, new() { Language = "de-AT" });
        var page = visit.Page;

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("SMTP-Routen");
        await Assertions.Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "de");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sprache" }).ClickAsync();
        await Assertions.Expect(page.GetByText("English", new() { Exact = true })).ToBeVisibleAsync();
        // All of the list comes with a menu that is open.
        Assert.Equal(Accessibility.Brought, await Accessibility.HoldsAsync(page));
        Assert.NotEmpty(Accessibility.Brought);
        await page.GetByText("English", new() { Exact = true }).ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("SMTP Routes");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Light_and_dark_follow_the_system_until_one_is_chosen()
    {
        await using var gateway = await GatewayProcess.StartAsync("");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway, new() { IsDark = true });
        var page = visit.Page;

        await page.GetByRole(AriaRole.Button, new() { Name = "Light" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Dark" })).ToBeVisibleAsync();
        await visit.OpenAsync("/routes");

        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Dark" })).ToBeVisibleAsync();
        await Accessibility.HoldsAsync(page);
    }
}
