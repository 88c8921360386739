using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using Postern.Admin.Accounts;

namespace Postern.Admin.Tests;

/// <summary>
/// What is open to somebody who has proved nothing, taken from the pages themselves, so that one which is new is asked
/// as well (hardening §4.1 to §4.3). The operations of the API are walked through by <see cref="RoleTests"/>.
/// </summary>
public sealed partial class ClosedDoorTests : IAsyncLifetime
{
    private const string Password = "a lamp above the small gate";

    private static readonly string[] forms = ["/logout", "/password", "/two-step", "/two-step/on", "/two-step/off"];

    private static readonly string[] programs = ["/", "/_blazor", "/_blazor/negotiate", "/_framework/blazor.web.js",
        "/api", "/api/v1", "/api/v1/openapi.json", "/metrics", "/xml/status", "/favicon.ico", "/.well-known/x"];

    private ApiFixture api = null!;

    public async ValueTask InitializeAsync()
    {
        api = await ApiFixture.StartAsync();
        api.Http.DefaultRequestHeaders.Authorization = null;
        api.Accounts.Put(new Account("anna", AccountRole.Viewer, IsOneTime: false, PasswordHash.Of(Password)));
    }

    public ValueTask DisposeAsync() => api.DisposeAsync();

    [Fact]
    public async Task Every_page_leads_to_the_login_and_tells_a_program_nothing()
    {
        var pages = Pages();
        Assert.True(pages.Count > 15);
        foreach (var path in pages.Concat(forms).Concat(programs))
        {
            Assert.Equal((path, HttpStatusCode.Unauthorized), (path, await StatusAsync(HttpMethod.Get, path, null)));
            Assert.Equal((path, HttpStatusCode.Unauthorized), (path, await StatusAsync(HttpMethod.Post, path, null)));
        }
        using var browser = Browser();
        foreach (var path in pages.Concat(forms))
        {
            using var answer = await browser.GetAsync(path);
            Assert.Equal((path, HttpStatusCode.Redirect), (path, answer.StatusCode));
            Assert.StartsWith("/login", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
            Assert.Equal("", await answer.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task What_answers_without_a_login_is_health_and_the_login_page_with_its_assets()
    {
        foreach (var path in (string[])[
            "/health/live", "/health/ready", $"/health/proof/{ApiProof.NewNonce()}", "/login"])
            Assert.Equal((path, HttpStatusCode.OK), (path, await StatusAsync(HttpMethod.Get, path, null)));
        // Nothing of the gateway is told there, neither its name nor its version.
        foreach (var path in (string[])["/health/live", "/health/ready", "/login"])
        {
            var text = await api.Http.GetStringAsync(new Uri(path, UriKind.Relative));
            foreach (var fact in (string[])["gw.example", "1.2.3"])
                Assert.DoesNotContain(fact, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_proof_for_one_thing_opens_no_other()
    {
        var basic = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"anna:{Password}")));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(HttpMethod.Get, "/xml/status", basic));
        var bearer = new AuthenticationHeaderValue("Bearer", ApiFixture.Token);
        foreach (var path in Pages())
        {
            Assert.Equal((path, HttpStatusCode.Unauthorized), (path, await StatusAsync(HttpMethod.Get, path, basic)));
            Assert.Equal((path, HttpStatusCode.Unauthorized), (path, await StatusAsync(HttpMethod.Get, path, bearer)));
        }
        foreach (var path in (string[])["/api/v1/status", "/metrics"])
            Assert.Equal((path, HttpStatusCode.Unauthorized), (path, await StatusAsync(HttpMethod.Get, path, basic)));
        // A secret in an address would stand in the log of every proxy.
        Assert.Equal(HttpStatusCode.Unauthorized,
            await StatusAsync(HttpMethod.Get, $"/api/v1/status?access_token={ApiFixture.Token}", null));
    }

    [Fact]
    public async Task A_form_that_was_loaded_before_the_login_is_good_for_nothing_after_it()
    {
        using var browser = Browser();
        var before = await TokenAsync(browser, "/login");
        using (var login = await SubmitAsync(browser, "/login", before, ("name", "anna"), ("password", Password)))
            Assert.Equal("/", login.Headers.Location!.OriginalString);

        using var stale = await SubmitAsync(browser, "/logout", before);
        Assert.Equal(HttpStatusCode.BadRequest, stale.StatusCode);
        using var fresh = await SubmitAsync(browser, "/logout", await TokenAsync(browser, "/password"));
        Assert.Equal("/login", fresh.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task A_request_is_small_and_browsers_are_told_what_a_page_may_not_do()
    {
        using var content = new ByteArrayContent(new byte[1_000_001]);
        using var form = await api.Http.PostAsync(new Uri("/login", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.BadRequest, form.StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/v1/routes/new", UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ApiFixture.Token);
        request.Headers.Add("X-Long", new string('x', 40_000));
        using var flood = await api.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, flood.StatusCode);

        using var page = await api.Http.GetAsync(new Uri("/login", UriKind.Relative));
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        foreach (var rule in (string[])["default-src 'none'", "object-src 'none'", "base-uri 'self'",
            "form-action 'self'", "frame-ancestors 'none'", "script-src 'self'"])
        {
            Assert.Contains(rule, policy.Split("; "));
        }
        Assert.False(page.Headers.Contains("Content-Security-Policy-Report-Only"));
        Assert.Equal("same-origin", page.Headers.GetValues("Cross-Origin-Opener-Policy").Single());
        Assert.Equal("DENY", page.Headers.GetValues("X-Frame-Options").Single());
        Assert.Contains("camera=()", page.Headers.GetValues("Permissions-Policy").Single(), StringComparison.Ordinal);
        // In clear nobody could keep that promise.
        Assert.False(page.Headers.Contains("Strict-Transport-Security"));
    }

    // By the addresses that the pages give themselves, with something in place of what varies.
    private static List<string> Pages() => [.. typeof(AdminHost).Assembly.GetTypes()
        .SelectMany(type => type.GetCustomAttributes<RouteAttribute>())
        .Select(route => Variable().Replace(route.Template, "1"))];

    private async Task<HttpStatusCode> StatusAsync(HttpMethod method, string path, AuthenticationHeaderValue? proof)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Authorization = proof;
        using var answer = await api.Http.SendAsync(request);
        return answer.StatusCode;
    }

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

    private static async Task<string> TokenAsync(HttpClient browser, string page) =>
        Field().Match(await browser.GetStringAsync(page)).Groups[1].Value;

    private static async Task<HttpResponseMessage> SubmitAsync(
        HttpClient browser, string path, string token, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(
            [.. fields.Select(f => KeyValuePair.Create(f.Name, f.Value)), new("__RequestVerificationToken", token)]);
        return await browser.PostAsync(path, form);
    }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Variable();

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Field();
}
