using System.Net;
using static Pages.Mail;

namespace Pages;

/// <summary>The pages of accounts and tokens: an administrator makes them and takes them back, nobody else.</summary>
public sealed class CredentialsTests(Chromium chromium)
{
    [Fact]
    public async Task An_account_is_made_logged_out_given_another_role_reset_and_deleted()
    {
        await using var gateway = await GatewayProcess.StartAsync("");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;

        await page.GetByRole(AriaRole.Link, new() { Name = "Accounts" }).ClickAsync();
        await Assertions.Expect(Row(page, "admin")).ToContainTextAsync("once");
        await page.GetByRole(AriaRole.Link, new() { Name = "Add Account" }).ClickAsync();
        await page.Locator("#account-name").FillAsync("no name");
        await Button(page, "Submit").ClickAsync();
        await Assertions.Expect(page.Locator("#account-problem")).ToContainTextAsync("'no name' is no name");
        await page.Locator("#account-name").FillAsync("vera");
        await Button(page, "Submit").ClickAsync();
        var password = await page.Locator(".secret code").InnerTextAsync();
        await Accessibility.HoldsAsync(page);

        await using var vera = await AdminVisit.BeginAsync(chromium, gateway);
        await vera.Page.GotoAsync("/");
        await vera.LogInAsync("vera", password);
        await vera.ChoosePasswordAsync();
        await vera.LiveAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Back to the accounts" }).ClickAsync();
        await Assertions.Expect(page.Locator(".secret")).ToHaveCountAsync(0);
        await Assertions.Expect(Row(page, "vera")).ToContainTextAsync("viewer");
        await Button(page, "Log out vera").ClickAsync();
        await AnswerAsync(page, "Log vera out?", "Log out");
        await Assertions.Expect(Row(page, "vera")).ToContainTextAsync("no");
        await Assertions.Expect(vera.Page.GetByRole(AriaRole.Status))
            .ToHaveTextAsync("You were logged out by an administrator.");

        await page.GetByRole(AriaRole.Link, new() { Name = "Edit vera" }).ClickAsync();
        await page.GetByLabel("operator").CheckAsync();
        await Button(page, "Submit").ClickAsync();
        await Assertions.Expect(Row(page, "vera")).ToContainTextAsync("operator");
        await page.GetByRole(AriaRole.Link, new() { Name = "Edit admin" }).ClickAsync();
        await page.GetByLabel("viewer").CheckAsync();
        await Button(page, "Submit").ClickAsync();
        await Assertions.Expect(page.Locator("#account-problem"))
            .ToContainTextAsync("'admin' is the last administrator");
        await page.GetByRole(AriaRole.Link, new() { Name = "Cancel" }).ClickAsync();

        await Button(page, "Reset password vera").ClickAsync();
        await AnswerAsync(page, "Reset the password of vera?", "Reset password");
        await Assertions.Expect(page.Locator(".secret code")).Not.ToHaveTextAsync(password);
        await Assertions.Expect(Row(page, "vera")).ToContainTextAsync("has a one-time password still");
        await Button(page, "Delete vera").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await Accessibility.HoldsAsync(page);
        await AnswerAsync(page, "Delete the account vera?", "Delete");
        await Assertions.Expect(Row(page, "vera")).ToHaveCountAsync(0);

        var audit = await gateway.RunAsync("admin", "audit", "list");
        Assert.All(["newAccount", "endSessions", "editAccount", "resetAccount", "deleteAccount"],
            action => Assert.Contains(action, audit, StringComparison.Ordinal));
        Assert.DoesNotContain(password, audit, StringComparison.Ordinal);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_token_is_made_used_and_revoked()
    {
        await using var gateway = await GatewayProcess.StartAsync("");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;

        await page.GetByRole(AriaRole.Link, new() { Name = "API Tokens" }).ClickAsync();
        await page.Locator("#token-days").FillAsync("never");
        await Button(page, "Add Token").ClickAsync();
        await Assertions.Expect(page.Locator("#token-name-problem")).ToContainTextAsync("'' is no name");
        await Assertions.Expect(page.Locator("#token-days-problem")).ToContainTextAsync("1 to 3650 days");
        await page.Locator("#token-name").FillAsync("prometheus");
        await page.Locator("#token-days").FillAsync("30");
        await Button(page, "Add Token").ClickAsync();
        var secret = await page.Locator(".secret code").InnerTextAsync();
        await Assertions.Expect(page.Locator("table.tokens tbody tr")).ToContainTextAsync("not since the start");
        await Accessibility.HoldsAsync(page);

        using var http = new HttpClient { BaseAddress = visit.Address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", secret);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/api/v1/status"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(http, "/api/v1/accounts"));
        await Assertions.Expect(page.Locator("table.tokens tbody tr"))
            .Not.ToContainTextAsync("not since the start", new() { Timeout = 15_000 });
        await page.ReloadAsync();
        await visit.LiveAsync();
        await Assertions.Expect(page.Locator("table.tokens tbody tr")).ToHaveCountAsync(1);
        Assert.DoesNotContain(secret, await page.ContentAsync(), StringComparison.Ordinal);

        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("Revoke prometheus") }).ClickAsync();
        await AnswerAsync(page, "of prometheus?", "Revoke");
        await Assertions.Expect(page.GetByText("There are no tokens.")).ToBeVisibleAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(http, "/api/v1/status"));
        var audit = await gateway.RunAsync("admin", "audit", "list");
        Assert.Contains("newToken", audit, StringComparison.Ordinal);
        Assert.Contains("revokeToken", audit, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, audit, StringComparison.Ordinal);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Viewers_and_operators_have_no_entry_in_the_menu_and_are_refused()
    {
        await using var gateway = await GatewayProcess.StartAsync("");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        await using var vera = await visit.AsViewerAsync();
        foreach (var role in new[] { "viewer", "operator" })
        {
            if (role == "operator")
            {
                await gateway.RunAsync("admin", "account", "edit", "vera", "--role", role);
                // Another role ends the session, and the page that is open leaves by itself and says why.
                await Assertions.Expect(vera.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync(
                    "You were logged out, because your account has another role now.", new() { Timeout = 20_000 });
                await vera.LogInAsync("vera", GatewayProcess.Password);
                await vera.LiveAsync();
            }
            await Assertions.Expect(vera.Page.GetByRole(AriaRole.Link, new() { Name = "Queue" })).ToBeVisibleAsync();
            await vera.OpenAsync("/smtpauth/new");
            await Assertions.Expect(vera.Page.GetByRole(AriaRole.Alert).First).ToContainTextAsync(
                "This is for the role administrator.");
            await Assertions.Expect(vera.Page.Locator("main input")).ToHaveCountAsync(0);
            foreach (var name in new[] { "Accounts", "API Tokens" })
                await Assertions.Expect(vera.Page.GetByRole(AriaRole.Link, new() { Name = name })).ToHaveCountAsync(0);
            foreach (var path in new[] { "/accounts", "/accounts/new", "/accounts/edit?name=admin", "/tokens" })
            {
                await vera.OpenAsync(path);
                await Assertions.Expect(vera.Page.GetByRole(AriaRole.Alert))
                    .ToContainTextAsync("This is for the role administrator.");
                await Assertions.Expect(vera.Page.Locator(".page form, .page table")).ToHaveCountAsync(0);
            }
        }
        Assert.Empty(vera.Complaints);
    }

    [Fact]
    public async Task Who_is_no_administrator_any_more_is_told_so_and_changes_nothing_on_the_pages_that_are_open()
    {
        await using var gateway = await GatewayProcess.StartAsync("");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        await using var accounts = await visit.AsAsync("otto", "administrator");
        await using var tokens = await visit.AsAsync("anna", "administrator");
        await accounts.OpenAsync("/accounts");
        await Button(accounts.Page, "Delete admin").ClickAsync();
        await Assertions.Expect(accounts.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await tokens.OpenAsync("/tokens");
        await tokens.Page.Locator("#token-name").FillAsync("prometheus");

        await gateway.RunAsync("admin", "account", "edit", "otto", "--role", "viewer");
        await gateway.RunAsync("admin", "account", "delete", "anna");
        // At once, or once the pages have left by themselves: they look every five seconds.
        await accounts.Page.Keyboard.PressAsync("Tab");
        await accounts.Page.Keyboard.PressAsync("Enter");
        await tokens.Page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(accounts.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync(
            "You were logged out, because your account has another role now.", new() { Timeout = 20_000 });
        await Accessibility.HoldsAsync(accounts.Page);
        await Assertions.Expect(tokens.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync(
            "You were logged out, because your account was deleted.", new() { Timeout = 20_000 });
        await accounts.LogInAsync("otto", GatewayProcess.Password);
        // Back where it was, with what the role may see of it.
        await Assertions.Expect(accounts.Page.GetByRole(AriaRole.Alert))
            .ToContainTextAsync("This is for the role administrator.");
        Assert.Equal("/accounts", new Uri(accounts.Page.Url).AbsolutePath);
        Assert.Contains("admin", await gateway.RunAsync("admin", "account", "list"), StringComparison.Ordinal);
        Assert.DoesNotContain("prometheus", await gateway.RunAsync("admin", "token", "list"), StringComparison.Ordinal);
        Assert.DoesNotContain(gateway.Log.Events, line => line.Contains("has a fault", StringComparison.Ordinal));
        Assert.Empty(accounts.Complaints);
        Assert.Empty(tokens.Complaints);
    }

    private static ILocator Row(IPage page, string account) => page.Locator("table.accounts tbody tr").Filter(
        new() { Has = page.Locator("th .name", new() { HasTextRegex = new($"^{account}$") }) });

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        return answer.StatusCode;
    }
}
