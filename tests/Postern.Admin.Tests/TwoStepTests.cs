using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Postern.Admin.Accounts;
using Postern.Admin.Pages;

namespace Postern.Admin.Tests;

/// <summary>Two-step login by the requests of a browser, from its first code to its end.</summary>
public sealed partial class TwoStepTests : IAsyncLifetime
{
    private const string Password = "a lamp above the small gate";

    private ApiFixture api = null!;

    public async ValueTask InitializeAsync()
    {
        api = await ApiFixture.StartAsync();
        api.Time.SetUtcNow(TimeProvider.System.GetUtcNow());
        api.Accounts.Put(new Account("anna", AccountRole.Administrator, IsOneTime: false, PasswordHash.Of(Password)));
    }

    public ValueTask DisposeAsync() => api.DisposeAsync();

    [Fact]
    public async Task It_is_turned_on_by_a_first_code_asked_for_at_the_login_and_turned_off_by_a_recovery_code()
    {
        using var browser = Browser();
        using var other = Browser();
        Assert.DoesNotContain("id=\"code\"", await browser.GetStringAsync("/login"), StringComparison.Ordinal);
        using (await LogInAsync(browser, "")) { }
        using (await LogInAsync(other, "")) { }
        var secret = Key().Match(await browser.GetStringAsync(TwoStepPages.TwoStepPath)).Groups[1].Value;

        using var wrong = await SubmitAsync(browser, TwoStepPages.OnPath, TwoStepPages.TwoStepPath,
            ("secret", secret), ("code", "000000"), ("password", Password));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        // The app need not be given another one.
        Assert.Contains(secret, await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var mistyped = await SubmitAsync(browser, TwoStepPages.OnPath, TwoStepPages.TwoStepPath,
            ("secret", secret), ("code", Code(secret, 0)), ("password", "guess"));
        Assert.Equal(HttpStatusCode.Forbidden, mistyped.StatusCode);
        Assert.Null(api.Accounts.Find("anna")!.Factor);
        using var on = await SubmitAsync(browser, TwoStepPages.OnPath, TwoStepPages.TwoStepPath,
            ("secret", secret), ("code", Code(secret, 0)), ("password", Password));
        var codes = Recovery().Matches(await on.Content.ReadAsStringAsync()).Select(m => m.Groups[1].Value).ToList();

        Assert.Equal(SecondFactor.RecoveryCodes, codes.Count);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/api/v1/status")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await other.GetAsync("/api/v1/status")).StatusCode);
        api.Time.Advance(TimeSpan.FromMinutes(1));
        using var missing = await LogInAsync(other, "");
        Assert.Contains("The account, its password or its code is wrong.",
            WebUtility.HtmlDecode(await missing.Content.ReadAsStringAsync()), StringComparison.Ordinal);
        Assert.Equal("/", (await LogInAsync(other, Code(secret, 0))).Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.Forbidden, (await LogInAsync(Browser(), Code(secret, 0))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized,
            (await MonitorClient.GetAsync(api, "/xml/status", MonitorClient.Basic("anna", Password))).Status);

        using var off = await SubmitAsync(other, TwoStepPages.OffPath, TwoStepPages.TwoStepPath,
            ("password", Password), ("code", codes[0]));
        Assert.Equal(TwoStepPages.TwoStepPath, off.Headers.Location!.OriginalString);
        Assert.Equal("/", (await LogInAsync(Browser(), "")).Headers.Location!.OriginalString);
        var audit = await File.ReadAllTextAsync(Path.Combine(api.LogFolder, "audit.log"));
        foreach (var action in (string[])["enrolTotp", "removeTotp"])
            Assert.Contains($"\"action\":\"{action}\"", audit, StringComparison.Ordinal);
        foreach (var hidden in (string[])[secret, codes[0], Password])
        {
            Assert.DoesNotContain(hidden, audit, StringComparison.Ordinal);
            Assert.DoesNotContain(api.Told, line => line.Contains(hidden, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task An_administrator_who_needs_it_is_let_nowhere_else_until_it_is_on()
    {
        api.Totp = TotpPolicy.Administrators;
        api.Accounts.Put(new Account("vera", AccountRole.Viewer, IsOneTime: false, PasswordHash.Of(Password)));
        using var browser = Browser();
        using (await LogInAsync(browser, "")) { }

        Assert.Equal(TwoStepPages.TwoStepPath,
            (await browser.GetAsync("/routes")).Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync("/api/v1/status")).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/_blazor")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden,
            (await MonitorClient.GetAsync(api, "/xml/status", MonitorClient.Basic("anna", Password))).Status);
        Assert.Equal(HttpStatusCode.OK,
            (await MonitorClient.GetAsync(api, "/xml/status", MonitorClient.Basic("vera", Password))).Status);
        var page = await browser.GetStringAsync(TwoStepPages.TwoStepPath);
        var secret = Key().Match(page).Groups[1].Value;
        using (await SubmitAsync(browser, TwoStepPages.OnPath, TwoStepPages.TwoStepPath,
            ("secret", secret), ("code", Code(secret, 0)), ("password", Password))) { }

        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/api/v1/status")).StatusCode);
        // The one who lost it is helped by another administrator, or by the command.
        using var reset = await api.Http.PostAsync("/api/v1/accounts/reset-totp?name=anna", null);
        Assert.Equal(HttpStatusCode.OK, reset.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync("/api/v1/status")).StatusCode);
        Assert.Null(api.Accounts.Find("anna")!.Factor);
    }

    // The page goes by the clock of the system, and logins by one that a test moves on from there.
    private string Code(string secret, int off) =>
        Totp.CodeOf(Base32.Read(secret), Totp.StepOf(api.Time.GetUtcNow()) + off);

    private HttpClient Browser()
    {
        var browser = new HttpClient(new HttpClientHandler
        {
            AllowAutoRedirect = false,
            CookieContainer = new CookieContainer(),
        })
        {
            BaseAddress = api.Http.BaseAddress,
        };
        browser.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        return browser;
    }

    private static Task<HttpResponseMessage> LogInAsync(HttpClient browser, string code) =>
        SubmitAsync(browser, "/login", "/login", ("name", "anna"), ("password", Password), ("code", code));

    private static async Task<HttpResponseMessage> SubmitAsync(
        HttpClient browser, string path, string page, params (string Name, string Value)[] fields)
    {
        var token = Field().Match(await browser.GetStringAsync(page)).Groups[1].Value;
        using var form = new FormUrlEncodedContent(
            [.. fields.Select(f => KeyValuePair.Create(f.Name, f.Value)), new("__RequestVerificationToken", token)]);
        return await browser.PostAsync(path, form);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Field();

    [GeneratedRegex("name=\"secret\" value=\"([A-Z2-7]{32})\"")]
    private static partial Regex Key();

    [GeneratedRegex("<code>([a-z2-9]{5}-[a-z2-9]{5}-[a-z2-9]{5})</code>")]
    private static partial Regex Recovery();
}
