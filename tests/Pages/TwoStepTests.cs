using System.Buffers.Binary;
using System.Security.Cryptography;
using static Pages.Mail;

namespace Pages;

/// <summary>Two-step login in a browser, with the keyboard, and with an app of the test's own.</summary>
public sealed class TwoStepTests(Chromium chromium)
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    [Fact]
    public async Task It_is_turned_on_with_an_app_and_the_next_login_asks_for_its_code()
    {
        await using var gateway = await GatewayProcess.StartAsync("");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        await using var otto = await visit.AsAsync("otto", "administrator");
        var page = visit.Page;
        await page.GetByRole(AriaRole.Button, new() { Name = "Account admin" }).ClickAsync();
        await page.GetByText("Two-step login").ClickAsync();
        await Assertions.Expect(page.Locator("h2")).ToHaveTextAsync("Two-step login");
        await Accessibility.HoldsAsync(page);
        var spelled = await page.Locator("#secret").TextContentAsync() ?? "";
        var secret = spelled.Replace(" ", "", StringComparison.Ordinal);
        var link = await page.GetByText("Open an app on this device").GetAttributeAsync("href");
        Assert.Equal($"otpauth://totp/gw.example%3Aadmin?secret={secret}&issuer=gw.example", link);

        await page.Keyboard.TypeAsync("12345");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync(GatewayProcess.Password);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The code is not that of the app.");
        await page.Keyboard.TypeAsync(CodeOf(secret, 0));
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync(GatewayProcess.Password);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("h2")).ToHaveTextAsync("Recovery codes");
        await Assertions.Expect(page.Locator(".codes li")).ToHaveCountAsync(10);
        await Accessibility.HoldsAsync(page);

        await using var later = await AdminVisit.BeginAsync(chromium, gateway, new() { Language = "de" });
        await later.Page.GotoAsync("/two-step");
        await later.LogInAsync("admin", GatewayProcess.Password);
        await Assertions.Expect(later.Page.GetByRole(AriaRole.Alert))
            .ToHaveTextAsync("Das Konto, sein Passwort oder sein Code ist falsch.");
        await Accessibility.HoldsAsync(later.Page);
        // That of the present step was used to turn it on.
        await later.Page.GetByLabel("Code").FillAsync(CodeOf(secret, 1));
        await later.LogInAsync("admin", GatewayProcess.Password);
        await Assertions.Expect(later.Page.Locator("h2")).ToHaveTextAsync("Anmeldung in zwei Schritten");
        await Assertions.Expect(later.Page.GetByText("Noch gültige Ersatzcodes: 10.")).ToBeVisibleAsync();
        await Accessibility.HoldsAsync(later.Page);

        // Turned off by a recovery code, which is good where the app is lost, and on again with another key.
        var recovery = await page.Locator(".codes li").First.InnerTextAsync();
        await later.Page.GetByLabel("Code").FillAsync(recovery);
        await later.Page.Locator("#password").FillAsync(GatewayProcess.Password);
        await later.Page.GetByRole(AriaRole.Button, new() { Name = "Ausschalten" }).ClickAsync();
        var another = (await later.Page.Locator("#secret").TextContentAsync() ?? "")
            .Replace(" ", "", StringComparison.Ordinal);
        Assert.NotEqual(secret, another);
        await later.Page.GetByLabel("Code").FillAsync(CodeOf(another, 0));
        await later.Page.Locator("#password").FillAsync(GatewayProcess.Password);
        await later.Page.GetByRole(AriaRole.Button, new() { Name = "Einschalten" }).ClickAsync();
        await Assertions.Expect(later.Page.Locator(".codes li")).ToHaveCountAsync(10);

        // Who lost both is helped by another administrator, and gets in with the password alone.
        await otto.OpenAsync("/accounts");
        var row = otto.Page.Locator("table.accounts tbody tr").First;
        await Assertions.Expect(row).ToContainTextAsync("with the code of an app");
        await Button(otto.Page, "Take the app away admin").ClickAsync();
        await AnswerAsync(otto.Page, "Take the app away from admin?", "Take the app away");
        await Assertions.Expect(row).Not.ToContainTextAsync("with the code of an app");
        await using var again = await AdminVisit.LoggedInAsync(chromium, gateway);
        Assert.Empty(visit.Complaints);
        Assert.Empty(later.Complaints);
    }

    // RFC 6238 with SHA-1, by hand: what an app makes, and not what the gateway does.
    private static string CodeOf(string secret, int off)
    {
        var octets = new byte[20];
        for (var bit = 0; bit < 160; bit++)
        {
            if ((Letters.IndexOf(secret[bit / 5], StringComparison.Ordinal) >> (4 - bit % 5) & 1) == 1)
                octets[bit / 8] |= (byte)(0x80 >> bit % 8);
        }
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(
            counter, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 30 + off);
#pragma warning disable CA5350 // The function of authenticator apps (RFC 6238 §1.2).
        var hash = HMACSHA1.HashData(octets, counter);
#pragma warning restore CA5350
        var cut = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[19] & 0x0F)) & int.MaxValue;
        return $"{cut % 1_000_000:000000}";
    }
}
