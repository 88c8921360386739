using Postern.TestHosts;
using static Pages.Mail;

namespace Pages;

/// <summary>The page of the profiles for outgoing SMTP authentication (contract §6).</summary>
public sealed class ProfilesTests(Chromium chromium)
{
    private const string Secret = "s3cret-of-the-office";

    [Fact]
    public async Task A_profile_is_made_used_by_a_route_and_its_password_is_never_shown()
    {
        await using var gateway = await GatewayProcess.StartAsync("example.com 10.0.0.1\n");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;

        await page.GetByRole(AriaRole.Link, new() { Name = "SMTP Authentication" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Add Profile" }).ClickAsync();
        await page.Locator("#profile-name").FillAsync("office");
        await page.Locator("#username").FillAsync("gw@example.com");
        await Button(page, "Submit").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("The password is missing");
        await page.Locator("#secret").FillAsync(Secret);
        await Button(page, "Submit").ClickAsync();
        await Assertions.Expect(page.Locator("table.profiles")).ToContainTextAsync("gw@example.com");
        Assert.Equal(Secret, (await File.ReadAllTextAsync(Path.Combine(gateway.Folder, "secrets/office"))).Trim());

        await visit.OpenAsync("/routes/edit?key=example.com");
        await page.Locator("#auth").SelectOptionAsync("office");
        await Button(page, "Submit").ClickAsync();
        await Assertions.Expect(page.Locator("table.routes")).ToContainTextAsync("office");
        Assert.Equal("example.com 10.0.0.1 auth=office\n", await File.ReadAllTextAsync(gateway.RoutesFile));

        await visit.OpenAsync("/smtpauth");
        await Assertions.Expect(page.Locator("table.profiles a").First).ToHaveTextAsync("example.com");
        await page.Locator("table.profiles a").First.ClickAsync();
        await Assertions.Expect(page.Locator("#search")).ToHaveValueAsync("auth=office");
        await Assertions.Expect(page.Locator("table.routes tbody tr")).ToHaveCountAsync(1);
        await page.GoBackAsync();
        await Button(page, "Delete office").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert).First)
            .ToContainTextAsync("used by the route example.com");
        await page.GetByRole(AriaRole.Link, new() { Name = "Edit office" }).ClickAsync();
        await Assertions.Expect(page.Locator("#username")).ToHaveValueAsync("gw@example.com");
        await Assertions.Expect(page.Locator("#secret")).ToHaveValueAsync("");
        Assert.DoesNotContain(Secret, await page.ContentAsync(), StringComparison.Ordinal);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_profile_takes_its_password_from_the_environment_and_says_when_it_is_not_there()
    {
        await using var host = ScriptedHost.Start(new HostScript
        {
            ClearMechanisms = "PLAIN",
            Account = new HostAccount("gw@example.com", Secret),
        }, "127.0.0.10");
        await using var gateway = await GatewayProcess.StartWithAsync($"ALL {Name(host)}\n", "",
            new Dictionary<string, string>(StringComparer.Ordinal) { ["POSTERN_OFFICE"] = Secret });
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;

        await visit.OpenAsync("/smtpauth/new");
        await page.Locator("#profile-name").FillAsync("office");
        await page.Locator("#username").FillAsync("gw@example.com");
        await page.Locator("#secret").FillAsync("another");
        await page.Locator("#variable").FillAsync("POSTERN_HOME");
        await page.Locator("#plaintext").CheckAsync();
        await Button(page, "Submit").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("not both");
        await page.Locator("#secret").FillAsync("");
        await Button(page, "Submit").ClickAsync();
        var row = page.Locator("table.profiles tbody tr");
        await Assertions.Expect(row).ToContainTextAsync("the variable POSTERN_HOME");
        await Assertions.Expect(row).ToContainTextAsync("POSTERN_HOME is not set");

        await page.GetByRole(AriaRole.Link, new() { Name = "Edit office" }).ClickAsync();
        await Assertions.Expect(page.Locator("#variable")).ToHaveValueAsync("POSTERN_HOME");
        await page.Locator("#variable").FillAsync("POSTERN_OFFICE");
        await Button(page, "Submit").ClickAsync();
        await Assertions.Expect(row).ToContainTextAsync("the variable POSTERN_OFFICE");
        await Assertions.Expect(row).Not.ToContainTextAsync("is not set");
        var configuration = await File.ReadAllTextAsync(Path.Combine(gateway.Folder, "postern.toml"));
        Assert.Contains("password_env = \"POSTERN_OFFICE\"", configuration, StringComparison.Ordinal);
        var audit = await File.ReadAllTextAsync(Path.Combine(gateway.Data, "logs", "audit.log"));
        Assert.Contains("\"before\":\"username gw@example.com, password_env POSTERN_HOME, allow_plaintext true\","
            + "\"after\":\"username gw@example.com, password_env POSTERN_OFFICE, allow_plaintext true\"", audit,
            StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, configuration, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, await page.ContentAsync(), StringComparison.Ordinal);

        await visit.OpenAsync("/routes/edit?key=ALL");
        await page.Locator("#auth").SelectOptionAsync("office");
        await Button(page, "Submit").ClickAsync();
        await Assertions.Expect(page.Locator("table.routes")).ToContainTextAsync("office");
        await SendAsync(gateway, "bob@example.com");
        await gateway.Log.WaitForAsync("Message finished MID 1 done");
        Assert.Single(host.Taken);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_password_is_replaced_and_an_unused_profile_is_deleted_with_its_file()
    {
        await using var gateway = await GatewayProcess.StartAsync("");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;
        var file = Path.Combine(gateway.Folder, "secrets/relay");
        await visit.OpenAsync("/smtpauth/new");
        await page.Locator("#profile-name").FillAsync("relay");
        await page.Locator("#username").FillAsync("one");
        await page.Locator("#secret").FillAsync(Secret);
        await Button(page, "Submit").ClickAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Edit relay" }).ClickAsync();
        await page.Locator("#username").FillAsync("two");
        await Button(page, "Submit").ClickAsync();
        await Assertions.Expect(page.Locator("table.profiles")).ToContainTextAsync("two");
        Assert.Equal(Secret, (await File.ReadAllTextAsync(file)).Trim());
        await page.GetByRole(AriaRole.Link, new() { Name = "Edit relay" }).ClickAsync();
        await Button(page, "Help: Password").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Note)).ToContainTextAsync("never shown again");
        await Button(page, "Help: Password").ClickAsync();
        await Button(page, "Help: Environment variable").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Note)).ToContainTextAsync("instead of a password");
        await page.GetByRole(AriaRole.Link, new() { Name = "Cancel" }).ClickAsync();
        await Assertions.Expect(page.Locator("table.profiles")).ToContainTextAsync("never");
        await page.GetByRole(AriaRole.Link, new() { Name = "Edit relay" }).ClickAsync();
        await page.Locator("#secret").FillAsync("another");
        await page.Locator("#plaintext").CheckAsync();
        await Button(page, "Submit").ClickAsync();
        await Assertions.Expect(page.Locator("table.profiles")).ToContainTextAsync("allowed");
        await Assertions.Expect(page.Locator("table.profiles")).ToContainTextAsync("two");
        Assert.Equal("another", (await File.ReadAllTextAsync(file)).Trim());

        await Button(page, "Delete relay").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Assertions.Expect(page.GetByText("There are no profiles.")).ToBeVisibleAsync();
        Assert.False(File.Exists(file));
    }
}
