using TestTools;
using static Pages.Mail;

namespace Pages;

/// <summary>What pages say while the spool is closed after a failed sync.</summary>
public sealed class ClosedSpoolTests(Chromium chromium)
{
    private const string Closed =
        "The spool is closed after a failed sync: no mail is taken or delivered until it is opened again.";

    private const string Geschlossen = "Der Spool ist nach einem fehlgeschlagenen Sync geschlossen: "
        + "Mail wird weder angenommen noch zugestellt, bis er wieder geöffnet ist.";

    // Mail that waits is at rest, where the store alone knows what it says.
    private const string Patient = """
        [bounce_profile.default]
        initial_wait = "1h"
        """;

    // A page looks again after five seconds, the store after ten at most.
    private static readonly LocatorAssertionsToBeVisibleOptions soon = new() { Timeout = 30_000 };

    [Fact]
    public async Task Every_page_says_that_no_mail_is_taken_or_delivered_and_shows_what_waits_once_it_is_open_again()
    {
        await using var gateway = await GatewayProcess.StartAsync("ALL 127.0.0.30:1\n", Patient);
        await SendAsync(gateway, "bob@example.com");
        await gateway.Log.WaitForAsync("MID 1 to RID");
        await using var message = await AdminVisit.LoggedInAsync(chromium, gateway);
        await using var queue = await AdminVisit.LoggedInAsync(chromium, gateway, new() { Language = "de" });
        await message.OpenAsync("/queue/message?mid=1");
        await queue.OpenAsync("/queue");
        await Assertions.Expect(message.Page.Locator(".recipients")).ToBeVisibleAsync();
        await Assertions.Expect(queue.Page.Locator("table.queue tbody tr")).ToHaveCountAsync(1);

        // The store's, not that of the list of what is refused, without which no 451 is said.
        await using (var disk = await InjectedFaults.AttachAsync(
            gateway.Id, "fdatasync", "error=EIO", [], TestContext.Current.CancellationToken))
        {
            await using var client = await SmtpProbe.GreetAsync(gateway.Smtp);
            Assert.StartsWith("451 4.3.0", await client.MessageAsync(
                "alice@src.example", ["eve@example.com"], "Subject: hello\r\n\r\nhello\r\n"), StringComparison.Ordinal);

            await SaysSoAsync(message.Page, Closed);
            await SaysSoAsync(queue.Page, Geschlossen);
            // Nor does it stand there that nothing waits.
            foreach (var page in new[] { message.Page, queue.Page })
                await Assertions.Expect(page.Locator(".empty")).ToHaveCountAsync(1);
            await queue.Page.Locator("#everything").CheckAsync();
            await Button(queue.Page, "Löschen").ClickAsync();
            await Assertions.Expect(queue.Page.Locator(".mud-snackbar")).ToContainTextAsync(Geschlossen);
            await Assertions.Expect(queue.Page.Locator(".spool time")).ToBeVisibleAsync(soon);
            await Accessibility.HoldsAsync(queue.Page);
            // So does one that nobody had open.
            await message.OpenAsync("/routes");
            await Assertions.Expect(message.Page.Locator(".spool")).ToContainTextAsync(Closed);
            await message.OpenAsync("/log/story?mid=1");
            await Assertions.Expect(message.Page.Locator(".log")).ToContainTextAsync("MID 1 queued for delivery");
            await message.OpenAsync("/queue/message?mid=1");
            await SaysSoAsync(message.Page, Closed);
            await disk.EndAsync();
        }

        await Assertions.Expect(message.Page.Locator(".recipients")).ToBeVisibleAsync(soon);
        await Assertions.Expect(queue.Page.Locator("table.queue tbody tr")).ToBeVisibleAsync(soon);
        foreach (var page in new[] { message.Page, queue.Page })
            await Assertions.Expect(page.Locator(".spool, .unread")).ToHaveCountAsync(0);
        Assert.DoesNotContain(gateway.Log.Events, line => line.Contains("has a fault", StringComparison.Ordinal));
        Assert.Empty(message.Complaints);
        Assert.Empty(queue.Complaints);
    }

    private static async Task SaysSoAsync(IPage page, string sentence)
    {
        await Assertions.Expect(page.Locator(".unread")).ToBeVisibleAsync(soon);
        await Assertions.Expect(page.Locator(".unread")).ToContainTextAsync(sentence);
        await Assertions.Expect(page.Locator(".spool")).ToContainTextAsync(sentence, new() { Timeout = 30_000 });
    }
}
