using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Postern.TestHosts;

namespace Pages;

/// <summary>The page of the SMTP routes (contract §6).</summary>
public sealed class RoutesTests(Chromium chromium)
{
    private const string FullBanner = "431-?example.com ESMTP\n431 Mail system full";

    [Fact]
    public async Task The_scenario_of_the_original_from_the_empty_form_to_the_second_host()
    {
        await using var full = ScriptedHost.Start(
            new HostScript { Banner = HostAnswer.SayAndDrop(FullBanner) }, "127.0.0.10");
        await using var second = ScriptedHost.Start(address: "127.0.0.20");
        await using var gateway = await GatewayProcess.StartAsync("");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;
        await Assertions.Expect(page.GetByText("There are no routes: mail goes by DNS.")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Add Route" }).ClickAsync();
        await Assertions.Expect(Heading(page)).ToHaveTextAsync("SMTP Route Settings");
        await Assertions.Expect(page.Locator("#auth")).ToContainTextAsync(
            "No outgoing SMTP authentication profiles are configured. See SMTP Authentication");
        await HelpsAsync(page, "Receiving Domain", "all names below one (.example.com)");
        await HelpsAsync(page, "Priority", "hosts of equal priority take turns");
        await HelpsAsync(page, "Destination", "USEDNS delivers as if there were no route");
        await HelpsAsync(page, "Port", "empty means 25");
        await HelpsAsync(page, "Options", "on_rcpt_4xx=hold");
        await page.Locator("#key").FillAsync("example.com");
        await page.Locator("#destination-0").FillAsync("192.168.10");
        await Button(page, "Add Row").ClickAsync();
        await Assertions.Expect(page.Locator("#priority-1")).ToHaveValueAsync("10");
        await page.Locator("#destination-1").FillAsync("192.168.20");
        await Button(page, "Submit").ClickAsync();
        // As the original has them, the addresses lack an octet.
        await Assertions.Expect(page.Locator("#destination-0-problem")).ToContainTextAsync("192.168.10");
        await Assertions.Expect(page.Locator("#destination-1-problem")).ToContainTextAsync("192.168.20");
        await Assertions.Expect(page.Locator("#destination-0")).ToHaveAttributeAsync("aria-invalid", "true");
        Assert.Equal("", await File.ReadAllTextAsync(gateway.RoutesFile));

        await page.Locator("#destination-0").FillAsync("127.0.0.10");
        await page.Locator("#port-0").FillAsync(Port(full));
        await page.Locator("#destination-1").FillAsync("127.0.0.20");
        await page.Locator("#port-1").FillAsync(Port(second));
        await Button(page, "Submit").ClickAsync();
        await Assertions.Expect(page.Locator("table.routes")).ToContainTextAsync("example.com");
        Assert.Equal($"example.com 127.0.0.10:{Port(full)}, 127.0.0.20:{Port(second)}/pri=10\n",
            await File.ReadAllTextAsync(gateway.RoutesFile));

        await using var client = await SmtpProbe.GreetAsync(gateway.Smtp);
        Assert.StartsWith("250", await client.MessageAsync(
            "alice@src.example", ["bob@example.com"], "Subject: hello\r\n\r\nhello\r\n"), StringComparison.Ordinal);
        await gateway.Log.WaitForAsync("Message finished MID 1 done");
        Assert.Single(second.Taken);
        // The page shows it without being asked.
        await Assertions.Expect(page.Locator(".host-chip.bad")).ToContainTextAsync("left out");
        await Assertions.Expect(page.Locator("a", new() { Has = page.Locator(".host-chip.bad") }))
            .ToHaveAttributeAsync("href", new Regex("^/delivery/host\\?name=127\\.0\\.0\\.10"));
        await Assertions.Expect(page.Locator(".host-chip.good")).ToContainTextAsync($"127.0.0.20:{Port(second)}");
        await Assertions.Expect(page.Locator("ul.hosts .why")).ToContainTextAsync(
            @"431-?example.com ESMTP\nMail system full");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Edit_keeps_what_the_form_does_not_show_and_refuses_what_somebody_else_has_changed()
    {
        const string Before = "# head office\nexample.com  10.0.0.1, 10.0.0.2/pri=10/weight=3  hosts=first-up # mind\n";
        await using var gateway = await GatewayProcess.StartAsync(Before);
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;

        await page.GetByRole(AriaRole.Link, new() { Name = "Edit example.com" }).ClickAsync();
        await Assertions.Expect(page.Locator("#key")).ToHaveValueAsync("example.com");
        await page.Locator("#destination-0").FillAsync("10.0.0.9");
        await page.GetByRole(AriaRole.Link, new() { Name = "Cancel" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Edit example.com" }).ClickAsync();
        await Assertions.Expect(page.Locator("#destination-0")).ToHaveValueAsync("10.0.0.1");
        await Assertions.Expect(page.Locator("#weight-1")).ToHaveValueAsync("3");
        await HelpsAsync(page, "Weight", "the share of messages");
        await Button(page, "Remove row 1").ClickAsync();
        await page.Locator("#options").FillAsync("");
        await Button(page, "Submit").ClickAsync();
        await Assertions.Expect(Heading(page)).ToHaveTextAsync("SMTP Routes");
        Assert.Equal("# head office\nexample.com  10.0.0.2/pri=10/weight=3 # mind\n",
            await File.ReadAllTextAsync(gateway.RoutesFile));

        await visit.OpenAsync("/routes/edit?key=example.com");
        await gateway.RunAsync("smtproutes", "edit", "example.com", "10.9.9.9");
        await page.Locator("#destination-0").FillAsync("10.0.0.3");
        await Button(page, "Submit").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("10.9.9.9");
        Assert.Contains("10.9.9.9", await File.ReadAllTextAsync(gateway.RoutesFile), StringComparison.Ordinal);

        await visit.OpenAsync("/routes/edit?key=example.com");
        await Button(page, "Give weights").ClickAsync();
        await page.Locator("#weight-0").FillAsync("7");
        await Button(page, "Submit").ClickAsync();
        await Assertions.Expect(page.Locator("table.routes")).ToContainTextAsync("weight 7");
        Assert.Contains("10.9.9.9/weight=7", await File.ReadAllTextAsync(gateway.RoutesFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_German_form_says_in_German_what_is_wrong()
    {
        await using var gateway = await GatewayProcess.StartAsync("");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway, new() { Language = "de" });
        var page = visit.Page;
        await page.GotoAsync("/routes/new");
        await page.Locator("#key").FillAsync("example.com:25");
        await page.Locator("#destination-0").FillAsync("192.168.10");
        await page.Locator("#port-0").FillAsync("smtp");

        await Button(page, "Übernehmen").ClickAsync();

        await Assertions.Expect(page.Locator("#key-problem")).ToHaveTextAsync(
            "eine Empfängerdomain hat keinen Port, aber hinter „example.com“ steht „:25“; "
            + "schreiben Sie example.com; ein Port steht hinter einem Zielhost");
        await Assertions.Expect(page.Locator("#destination-0-problem")).ToHaveTextAsync(
            "„192.168.10“ ist keine IPv4-Adresse: Eine IPv4-Adresse hat genau vier dezimale Oktette; "
            + "schreiben Sie die Adresse wie 192.0.2.10");
        await Assertions.Expect(page.Locator("#port-0-problem")).ToHaveTextAsync(
            "„smtp“ ist keine Zahl; schreiben Sie eine Zahl von 1 bis 65535, oder nichts für 25");
    }

    [Fact]
    public async Task A_form_without_a_change_writes_nothing_and_says_so()
    {
        const string Before = "example.com  host.münchen.example, [10.9.9.9]:2525/pri=0   hosts=first-up # mind\n";
        await using var gateway = await GatewayProcess.StartAsync(Before);
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;
        var history = await gateway.RunAsync("smtproutes", "history");

        await visit.OpenAsync("/routes/edit?key=example.com");
        await Button(page, "Submit").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status).Filter(new() { HasText = "nothing was written" }))
            .ToBeVisibleAsync();
        Assert.Equal(Before, await File.ReadAllTextAsync(gateway.RoutesFile));
        Assert.Equal(history, await gateway.RunAsync("smtproutes", "history"));

        await page.Locator("#priority-1").FillAsync("10");
        await Button(page, "Submit").ClickAsync();
        await Assertions.Expect(Heading(page)).ToHaveTextAsync("SMTP Routes");
        Assert.Contains("/pri=10", await File.ReadAllTextAsync(gateway.RoutesFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_asks_and_the_history_puts_it_back()
    {
        const string Routes = "# ours\nexample.com 10.0.0.1\nexample.net 10.0.0.2\n";
        await using var gateway = await GatewayProcess.StartAsync(Routes);
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;

        await visit.OpenAsync("/routes/edit?key=example.net");
        await Button(page, "Delete").ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Assertions.Expect(dialog).ToContainTextAsync("Delete the route for example.net?");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Assertions.Expect(Heading(page)).ToHaveTextAsync("SMTP Routes");
        Assert.Equal("# ours\nexample.com 10.0.0.1\n", await File.ReadAllTextAsync(gateway.RoutesFile));

        await page.GetByRole(AriaRole.Link, new() { Name = "History" }).ClickAsync();
        await Assertions.Expect(page.Locator("section.version").First)
            .ToContainTextAsync("delete example.net (page, admin)");
        await page.Locator("section.version").First.Locator("summary").ClickAsync();
        await Assertions.Expect(page.Locator("pre.diff .went").First).ToContainTextAsync("- example.net 10.0.0.2");
        await page.GetByRole(AriaRole.Link, new() { Name = "Put version 1 back" }).ClickAsync();
        await Assertions.Expect(page.Locator("ul.counts li").First).ToHaveTextAsync("1 route added");
        await page.GetByRole(AriaRole.Link, new() { Name = "Cancel" }).ClickAsync();
        await Assertions.Expect(Heading(page)).ToHaveTextAsync("History of the routes");
        await page.GetByRole(AriaRole.Link, new() { Name = "Back to the routes" }).ClickAsync();
        await Assertions.Expect(Heading(page)).ToHaveTextAsync("SMTP Routes");
        await visit.OpenAsync("/routes/rollback/1");
        await Button(page, "Put version 1 back").ClickAsync();
        await Assertions.Expect(page.Locator("table.routes")).ToContainTextAsync("example.net");
        Assert.Equal(Routes, await File.ReadAllTextAsync(gateway.RoutesFile));
    }

    [Fact]
    public async Task Clear_says_how_much_it_touches_and_keeps_comments()
    {
        await using var gateway = await GatewayProcess.StartAsync(
            "# ours\nexample.com 127.0.0.1:1\nexample.net 127.0.0.1:1\n");
        await using (var client = await SmtpProbe.GreetAsync(gateway.Smtp))
        {
            Assert.StartsWith("250", await client.MessageAsync("alice@src.example",
                ["bob@example.com", "eve@example.com"], "Subject: x\r\n\r\nx\r\n"), StringComparison.Ordinal);
        }
        await gateway.Log.WaitForAsync("Connection Error:");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;

        await page.GetByRole(AriaRole.Link, new() { Name = "Clear All Routes" }).ClickAsync();
        await Assertions.Expect(page.Locator("ul.counts li").Nth(2)).ToHaveTextAsync("2 routes removed");
        await Assertions.Expect(page.Locator("ul.counts li").Nth(3))
            .ToHaveTextAsync("2 queued recipients would go elsewhere");
        await page.GetByRole(AriaRole.Link, new() { Name = "Cancel" }).ClickAsync();
        await Assertions.Expect(page.Locator("table.routes tbody tr")).ToHaveCountAsync(2);
        await page.GetByRole(AriaRole.Link, new() { Name = "Clear All Routes" }).ClickAsync();
        await Button(page, "Clear 2 routes").ClickAsync();
        await Assertions.Expect(page.GetByText("There are no routes: mail goes by DNS.")).ToBeVisibleAsync();
        Assert.Equal("# ours\n", await File.ReadAllTextAsync(gateway.RoutesFile));
    }

    [Fact]
    public async Task Import_shows_what_it_changes_and_every_error_and_export_gives_the_file_back()
    {
        const string Before = "example.com 10.0.0.1\nexample.net 10.0.0.2\n";
        const string After = "# new\nexample.com 10.0.0.9\nexample.org 10.0.0.3\n";
        await using var gateway = await GatewayProcess.StartAsync(Before);
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;

        await page.GetByRole(AriaRole.Link, new() { Name = "Import Routes" }).ClickAsync();
        await ChooseAsync(page, "example.com 192.168.10\nexample.org\n");
        await Assertions.Expect(page.Locator("ul.errors li")).ToHaveCountAsync(2);
        await Assertions.Expect(page.Locator("ul.errors li").First).ToContainTextAsync("line 1, column 13: ");
        await ChooseAsync(page, After);
        await Assertions.Expect(page.Locator("ul.counts li")).ToHaveTextAsync(
            ["1 route added", "1 route altered", "1 route removed", "0 queued recipients would go elsewhere"]);
        Assert.Equal(Before, await File.ReadAllTextAsync(gateway.RoutesFile));
        await page.GetByRole(AriaRole.Link, new() { Name = "Cancel" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Import Routes" }).ClickAsync();
        await ChooseAsync(page, After);
        await Button(page, "Replace the table").ClickAsync();
        await Assertions.Expect(page.Locator("table.routes")).ToContainTextAsync("example.org");
        Assert.Equal(After, await File.ReadAllTextAsync(gateway.RoutesFile));

        var download = await page.RunAndWaitForDownloadAsync(
            () => page.GetByRole(AriaRole.Link, new() { Name = "Export Routes" }).ClickAsync());
        Assert.Equal("smtproutes", download.SuggestedFilename);
        Assert.Equal(After, await File.ReadAllTextAsync(await download.PathAsync()));

        await page.GetByRole(AriaRole.Link, new() { Name = "Import Routes" }).ClickAsync();
        await ChooseAsync(page, "example.edu 10.0.0.4\nexample.com 10.0.0.5\n");
        await page.Locator("#merge").CheckAsync();
        await Assertions.Expect(page.Locator("ul.counts li")).ToHaveTextAsync(
            ["1 route added", "1 route altered", "0 routes removed", "0 queued recipients would go elsewhere"]);
        // An error is told by the line of the file that was chosen.
        await ChooseAsync(page, "example.edu 10.0.0.4\nexample.com 192.168.10\n");
        await Assertions.Expect(page.Locator("ul.errors li")).ToHaveTextAsync(new Regex("^line 2, column 13: "));
        await Assertions.Expect(Button(page, "Add these routes")).ToHaveCountAsync(0);
        await ChooseAsync(page, "example.edu 10.0.0.4\nexample.com 10.0.0.5\n");
        await Button(page, "Add these routes").ClickAsync();
        await Assertions.Expect(page.Locator("table.routes")).ToContainTextAsync("example.edu");
        Assert.Equal("# new\nexample.com 10.0.0.5\nexample.org 10.0.0.3\nexample.edu 10.0.0.4\n",
            await File.ReadAllTextAsync(gateway.RoutesFile));
    }

    [Fact]
    public async Task A_file_that_is_too_large_is_refused_in_words_and_the_next_one_is_read()
    {
        await using var gateway = await GatewayProcess.StartAsync("");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;
        await visit.OpenAsync("/routes/import");
        var large = Path.Combine(gateway.Folder, "large.txt");
        await using (var file = File.Create(large)) file.SetLength(100_000_001);
        await page.Locator("#routes-file").SetInputFilesAsync(large);
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("100 MB are the most");

        await ChooseAsync(page, "example.org 10.0.0.3\n");
        await Assertions.Expect(page.Locator("pre.diff")).ToContainTextAsync("+ example.org 10.0.0.3");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_test_of_an_address_explains_the_whole_way()
    {
        await using var gateway = await GatewayProcess.StartAsync(
            "mail.example.com 127.0.0.1:1, 127.0.0.2:1/pri=10\n.example.com 10.0.0.9\nALL 10.0.0.8\n");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;

        await page.GetByRole(AriaRole.Link, new() { Name = "Test an Address" }).ClickAsync();
        await page.Locator("#address").FillAsync("no address");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("neither an address nor a domain");
        await page.Locator("#address").FillAsync("bob@mail.example.com");
        await page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(page.Locator(".explanation dl")).ToContainTextAsync("mail.example.com");
        await Assertions.Expect(page.Locator(".explanation dl")).ToContainTextAsync(".example.com, ALL");
        await Assertions.Expect(page.Locator("ol.steps li")).ToHaveCountAsync(2);
        await Assertions.Expect(page.Locator("ol.steps li").First).ToContainTextAsync("127.0.0.1:1");
        await Assertions.Expect(page.Locator("ol.steps li").Nth(1)).ToContainTextAsync("priority 10");
        await page.GetByRole(AriaRole.Link, new() { Name = "Back to the routes" }).ClickAsync();
        await Assertions.Expect(Heading(page)).ToHaveTextAsync("SMTP Routes");
    }

    [Fact]
    public async Task A_test_answers_for_the_address_that_was_asked_last()
    {
        using var silent = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await using var gateway = await GatewayProcess.StartAsync(
            "example.com 127.0.0.1:1\n", $"[dns]\nservers = [\"{silent.Client.LocalEndPoint}\"]\n");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;
        await visit.OpenAsync("/routes/test");

        await page.Locator("#address").FillAsync("bob@slow.example");
        await page.Keyboard.PressAsync("Enter");
        var state = page.GetByRole(AriaRole.Status);
        await Assertions.Expect(state).ToContainTextAsync("bob@slow.example is being looked up");
        await silent.ReceiveAsync();
        await page.Locator("#address").FillAsync("eve@example.com");
        await page.Keyboard.PressAsync("Enter");

        var answer = page.GetByRole(AriaRole.Heading, new() { Name = "eve@example.com" });
        await Assertions.Expect(answer).ToBeVisibleAsync();
        await Assertions.Expect(state).ToHaveCountAsync(0);
        // The look-up of the first is given up, and its outcome would come within that time.
        await gateway.RunAsync("smtproutes", "test", "bob@slow.example");
        await Assertions.Expect(answer).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".explanation dl")).ToContainTextAsync("example.com");
    }

    [Fact]
    public async Task Every_page_says_that_the_routes_file_is_missing_until_it_is_back()
    {
        await using var gateway = await GatewayProcess.StartAsync("example.com 127.0.0.1:1\n");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var notice = visit.Page.Locator(".refusal.file");
        await visit.OpenAsync("/routes");

        File.Delete(gateway.RoutesFile);
        await Assertions.Expect(notice).ToContainTextAsync(
            "not in force; mail goes on as before", new() { Timeout = 30_000 });
        await Assertions.Expect(notice).ToContainTextAsync("missing");
        await Accessibility.HoldsAsync(visit.Page);

        await File.WriteAllTextAsync(gateway.RoutesFile, "example.com 127.0.0.1:1\n");
        await Assertions.Expect(notice).ToHaveCountAsync(0, new() { Timeout = 30_000 });
    }

    [Fact]
    public async Task What_is_to_be_cleared_is_shown_anew_when_the_routes_have_changed_meanwhile()
    {
        await using var gateway = await GatewayProcess.StartAsync("example.com 127.0.0.1:1\n");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;
        await visit.OpenAsync("/routes/clear");
        await Assertions.Expect(Button(page, "Clear 1 route")).ToBeVisibleAsync();
        await gateway.RunAsync("smtproutes", "new", "example.net", "127.0.0.1:1");

        await Button(page, "Clear 1 route").ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("changed meanwhile");
        await Button(page, "Clear 2 routes").ClickAsync();
        await Assertions.Expect(Heading(page)).ToHaveTextAsync("SMTP Routes");
        Assert.Equal("", await File.ReadAllTextAsync(gateway.RoutesFile));
    }

    [Fact]
    public async Task Forty_thousand_routes_are_searched_sorted_and_paged_and_no_more_rows_are_sent_than_shown()
    {
        var routes = new StringBuilder();
        for (var i = 0; i < 40_000; i++)
            routes.Append(CultureInfo.InvariantCulture, $"d{i}.example 10.{i / 250}.{i % 250}.1, 10.0.0.2/pri=10\n");
        await using var gateway = await GatewayProcess.StartAsync(routes.ToString());
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var page = visit.Page;
        var rows = page.Locator("table.routes tbody tr");

        await Assertions.Expect(page.Locator(".pager")).ToContainTextAsync("1–25 of 40000");
        await Assertions.Expect(rows).ToHaveCountAsync(25);
        await Button(page, "Last page").ClickAsync();
        await Assertions.Expect(rows.Last).ToContainTextAsync("d39999.example");
        await Button(page, "Page before").ClickAsync();
        await Assertions.Expect(page.Locator(".pager")).ToContainTextAsync("39951–39975 of 40000");
        await Button(page, "First page").ClickAsync();
        await Assertions.Expect(rows.First).ToContainTextAsync("d0.example");
        await Button(page, "Next page").ClickAsync();
        await Assertions.Expect(rows.First).ToContainTextAsync("d25.example");
        await Button(page, "Receiving Domain").ClickAsync();
        await Button(page, "Receiving Domain").ClickAsync();
        await Assertions.Expect(rows.First).ToContainTextAsync("d9999.example");
        await Button(page, "Destination Hosts").ClickAsync();
        await Assertions.Expect(rows.First).ToContainTextAsync("10.0.0.1");
        await Button(page, "Line").ClickAsync();
        await Button(page, "Line").ClickAsync();
        await Assertions.Expect(rows.First).ToContainTextAsync("d39999.example");
        await page.Locator("#search").FillAsync("D3999");
        await Assertions.Expect(page.Locator(".pager")).ToContainTextAsync("1–11 of 11");
        await Assertions.Expect(rows.First).ToContainTextAsync("d39999.example");

        await visit.OpenAsync("/routes/import");
        await ChooseAsync(page, routes.ToString().Replace(".example ", ".example.org ", StringComparison.Ordinal));
        await Assertions.Expect(page.Locator("ul.counts li").First).ToHaveTextAsync(
            "40000 routes added", new() { Timeout = 60_000 });
        Assert.Empty(visit.Complaints);
    }

    private static async Task HelpsAsync(IPage page, string field, string text)
    {
        var sign = Button(page, $"Help: {field}");
        await sign.ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Note)).ToContainTextAsync(text);
        await sign.ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Note)).ToHaveCountAsync(0);
    }

    private static async Task ChooseAsync(IPage page, string content)
    {
        await Assertions.Expect(page.Locator("#routes-file")).ToBeEnabledAsync();
        await page.Locator("#routes-file").SetInputFilesAsync(
            new FilePayload { Name = "routes.txt", MimeType = "text/plain", Buffer = Encoding.UTF8.GetBytes(content) });
    }

    private static ILocator Heading(IPage page) => page.GetByRole(AriaRole.Heading, new() { Level = 1 });

    private static ILocator Button(IPage page, string name) =>
        page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private static string Port(ScriptedHost host) => host.EndPoint.Port.ToString(CultureInfo.InvariantCulture);
}
