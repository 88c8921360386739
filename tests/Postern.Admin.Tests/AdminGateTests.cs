using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Admin.Pages;

namespace Postern.Admin.Tests;

/// <summary>Who is let in where, by the requests of a browser (contract §6, hardening §4.1 and §4.2).</summary>
public sealed partial class AdminGateTests : IAsyncLifetime
{
    private const string Password = "a lamp above the small gate";

    private readonly HttpClient _browser = new(new HttpClientHandler
    {
        AllowAutoRedirect = false,
        UseCookies = true,
        CookieContainer = new CookieContainer(),
    });

    private ApiFixture _fixture = null!;

    public async ValueTask InitializeAsync()
    {
        _fixture = await ApiFixture.StartAsync("example.com 10.0.0.1\n");
        _browser.BaseAddress = _fixture.Http.BaseAddress;
        _browser.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _fixture.DisposeAsync();
    }

    [Fact]
    public async Task A_page_leads_to_the_login_and_a_program_is_answered_401_whatever_the_path()
    {
        foreach (var path in new[] { "/routes", "/nothing", "/_blazor", "/not-found?x=y" })
        {
            using var answer = await _browser.GetAsync(path);
            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
            Assert.Equal($"/login?return={Uri.EscapeDataString(path)}", answer.Headers.Location!.OriginalString);
        }
        foreach (var path in new[] { "/api/v1/status", "/metrics" })
        {
            using var answer = await _browser.GetAsync(path);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
        using var program = new HttpClient { BaseAddress = _browser.BaseAddress };
        Assert.Equal(HttpStatusCode.Unauthorized, (await program.GetAsync("/routes")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await program.PostAsync("/logout", null)).StatusCode);
    }

    [Fact]
    public async Task A_token_opens_what_programs_ask_and_no_page()
    {
        foreach (var path in new[] { "/routes", "/_blazor", "/password", "/xml", "/" })
            Assert.Equal(HttpStatusCode.Unauthorized, (await _fixture.Http.GetAsync(path)).StatusCode);
        foreach (var path in new[] { "/api/v1/status", "/metrics", "/xml/status" })
            Assert.Equal(HttpStatusCode.OK, (await _fixture.Http.GetAsync(path)).StatusCode);
    }

    [Theory]
    [InlineData("name=x", "multipart/form-data", HttpStatusCode.BadRequest)]
    [InlineData("name=%00&password=x", "application/x-www-form-urlencoded", HttpStatusCode.BadRequest)]
    [InlineData("{}", "application/json", HttpStatusCode.UnsupportedMediaType)]
    public async Task A_form_that_is_none_is_answered_so_with_and_without_the_antiforgery_token(
        string body, string type, HttpStatusCode expected)
    {
        var token = Field().Match(await _browser.GetStringAsync("/login")).Groups[1].Value;
        foreach (var isGenuine in (bool[])[true, false])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/login") { Content = new StringContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
            if (isGenuine) request.Headers.Add("RequestVerificationToken", token);
            using var answer = await _browser.SendAsync(request);

            Assert.Equal(isGenuine ? expected : HttpStatusCode.BadRequest, answer.StatusCode);
        }
        Assert.Empty(_fixture.Told);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_form_that_is_too_large_is_told_with_and_without_the_antiforgery_token(bool isGenuine)
    {
        var token = Field().Match(await _browser.GetStringAsync("/login")).Groups[1].Value;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/login")
        {
            Content = new FormUrlEncodedContent([new("name", new string('x', 2_000_000))]),
        };
        // Such a form is refused by its length, before any of it is sent.
        request.Headers.ExpectContinue = true;
        if (isGenuine) request.Headers.Add("RequestVerificationToken", token);
        using var answer = await _browser.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Contains("\"detail\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(_fixture.Told);
    }

    [Fact]
    public async Task The_login_page_and_its_assets_are_all_that_is_open()
    {
        var page = await _browser.GetStringAsync("/login");

        var assets = Asset().Matches(page).Select(match => match.Value).ToList();
        Assert.Equal(2, assets.Count);
        foreach (var asset in assets)
        {
            using var answer = await _browser.GetAsync(asset);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.True(answer.Headers.CacheControl!.Public);
        }
        Assert.Equal(HttpStatusCode.Redirect, (await _browser.GetAsync("/assets/nothing.js")).StatusCode);
    }

    [Theory]
    [InlineData("/login")]
    [InlineData("/health/live")]
    [InlineData("/api/v1/status")]
    [InlineData("/assets/postern.js")]
    public async Task Every_answer_tells_browsers_what_is_forbidden(string path)
    {
        using var answer = await _browser.GetAsync(path);

        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("same-origin", answer.Headers.GetValues("Referrer-Policy").Single());
        Assert.True(answer.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task The_cookie_of_a_session_is_out_of_reach_of_scripts_and_of_other_sites()
    {
        Add("anna", AccountRole.Viewer);

        using var answer = await LogInAsync("anna", Password, "/routes");

        Assert.Equal("/routes", answer.Headers.Location!.OriginalString);
        var cookie = answer.Headers.GetValues("Set-Cookie")
            .Single(c => c.StartsWith("postern-session", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("expires", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(HttpStatusCode.OK, (await _browser.GetAsync("/api/v1/status")).StatusCode);
    }

    [Theory]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("https://evil.example/")]
    [InlineData("")]
    public async Task A_login_leads_to_no_other_server(string way)
    {
        Add("anna", AccountRole.Viewer);

        using var answer = await LogInAsync("anna", Password, way);

        Assert.Equal("/", answer.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task A_login_leads_back_to_an_address_with_any_letters()
    {
        Add("anna", AccountRole.Viewer);

        using var answer = await LogInAsync("anna", Password, "/log?text=gr\u00fc\U0001f600%20x");

        Assert.Equal("/log?text=gr%C3%BC%F0%9F%98%80%20x", answer.Headers.Location!.OriginalString);
        Assert.Empty(_fixture.Told);
    }

    [Fact]
    public async Task Without_the_antiforgery_token_nothing_is_changed_by_a_cookie()
    {
        Add("anna", AccountRole.Administrator);
        using (await LogInAsync("anna", Password, "/")) { }
        using var naked = await _browser.PostAsync("/api/v1/dns/flush", null);
        Assert.Equal((HttpStatusCode.BadRequest, 0), (naked.StatusCode, _fixture.Flushes));
        using var logout = await _browser.PostAsync("/logout", null);
        Assert.Equal(HttpStatusCode.BadRequest, logout.StatusCode);

        var page = await _browser.GetStringAsync("/routes");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/dns/flush");
        request.Headers.Add("RequestVerificationToken", Meta().Match(page).Groups[1].Value);
        using var answer = await _browser.SendAsync(request);

        Assert.Equal((HttpStatusCode.OK, 1), (answer.StatusCode, _fixture.Flushes));
    }

    [Theory]
    [InlineData("PUT", "/routes", "GET, HEAD, POST")]
    [InlineData("DELETE", "/routes/export", "GET, HEAD")]
    [InlineData("GET", "/logout", "POST")]
    [InlineData("PUT", "/password", "GET, HEAD, POST")]
    [InlineData("PATCH", "/login", "GET, HEAD, POST")]
    public async Task A_wrong_method_for_a_page_is_told_with_those_that_it_has(
        string method, string path, string allowed)
    {
        Add("anna", AccountRole.Viewer);
        using (await LogInAsync("anna", Password, "/")) { }
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var answer = await _browser.SendAsync(request);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(allowed, string.Join(", ", answer.Content.Headers.Allow));
        using var head = await _browser.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/routes"));
        Assert.Equal((HttpStatusCode.OK, "text/html"), (head.StatusCode, head.Content.Headers.ContentType!.MediaType));
    }

    [Fact]
    public async Task An_address_that_is_none_is_a_page_for_a_person_and_a_problem_for_a_program()
    {
        Add("anna", AccountRole.Viewer);
        using (await LogInAsync("anna", Password, "/")) { }
        using var ofProgram = new HttpRequestMessage(HttpMethod.Get, "/queue/2");
        ofProgram.Headers.Accept.ParseAdd("application/json");

        using var page = await _browser.GetAsync(new Uri("/queue/2", UriKind.Relative));
        using var problem = await _browser.SendAsync(ofProgram);

        Assert.Equal(
            (HttpStatusCode.NotFound, "text/html"), (page.StatusCode, page.Content.Headers.ContentType!.MediaType));
        Assert.Contains("blazor.web.js", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"),
            (problem.StatusCode, problem.Content.Headers.ContentType!.MediaType));
        using var number = await _browser.GetAsync(new Uri("/routes/rollback/abc", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, number.StatusCode);
    }

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("null")]
    public async Task A_page_of_another_address_is_refused_also_on_this_host(string origin)
    {
        Add("anna", AccountRole.Administrator);
        using (await LogInAsync("anna", Password, "/")) { }
        foreach (var path in new[] { "/api/v1/status", "/_blazor", "/routes" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("Origin", origin);
            using var answer = await _browser.SendAsync(request);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
        using var own = new HttpRequestMessage(HttpMethod.Get, "/api/v1/status");
        own.Headers.Add("Origin", _browser.BaseAddress!.GetLeftPart(UriPartial.Authority));
        Assert.Equal(HttpStatusCode.OK, (await _browser.SendAsync(own)).StatusCode);
    }

    [Fact]
    public async Task A_one_time_password_opens_nothing_but_the_choice_of_another()
    {
        var hash = PasswordHash.Of(Password);
        _fixture.Accounts.Put(new Account("anna", AccountRole.Administrator, IsOneTime: true, hash));
        using var login = await LogInAsync("anna", Password, "/routes");
        Assert.Equal(LoginPages.PasswordPath, login.Headers.Location!.OriginalString);

        Assert.Equal(HttpStatusCode.Forbidden, (await _browser.GetAsync("/api/v1/status")).StatusCode);
        using var page = await _browser.GetAsync("/routes");
        Assert.Equal(LoginPages.PasswordPath, page.Headers.Location!.OriginalString);
        using var changed = await SubmitAsync(LoginPages.PasswordPath, ("password", Password),
            ("new-password", "another lamp above it"), ("again", "another lamp above it"));

        Assert.Equal("/", changed.Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.OK, (await _browser.GetAsync("/api/v1/status")).StatusCode);
        Assert.False(_fixture.Accounts.Find("anna")!.IsOneTime);
    }

    [Fact]
    public async Task Of_two_who_choose_a_password_at_once_with_the_same_one_time_password_one_wins()
    {
        _fixture.Accounts.Put(new Account("anna", AccountRole.Viewer, IsOneTime: true, PasswordHash.Of(Password)));
        using (await LogInAsync("anna", Password, "/")) { }
        var token = Field().Match(await _browser.GetStringAsync(LoginPages.PasswordPath)).Groups[1].Value;

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(async number =>
        {
            using var form = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["password"] = Password,
                ["new-password"] = $"another lamp number {number}",
                ["again"] = $"another lamp number {number}",
                ["__RequestVerificationToken"] = token,
            });
            using var answer = await _browser.PostAsync(LoginPages.PasswordPath, form);
            return (number, IsWinner: answer.Headers.Location?.OriginalString == "/");
        }));

        var winner = Assert.Single(answers, answer => answer.IsWinner);
        var stored = _fixture.Accounts.Find("anna")!;
        Assert.False(stored.IsOneTime);
        Assert.True(PasswordHash.Matches(stored.Hash, $"another lamp number {winner.number}"));
        Assert.Equal(HttpStatusCode.OK, (await _browser.GetAsync("/api/v1/status")).StatusCode);
    }

    [Fact]
    public async Task Wrong_passwords_have_to_wait_and_the_old_session_is_over_after_a_logout()
    {
        Add("anna", AccountRole.Viewer);
        for (var i = 0; i < LoginLimits.Free; i++)
        {
            using var wrong = await LogInAsync("anna", $"guess {i}", "/");
            Assert.True(wrong.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests);
        }
        using (var limited = await LogInAsync("anna", Password, "/"))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, limited.StatusCode);
            Assert.NotNull(limited.Headers.RetryAfter);
        }
        _fixture.Time.Advance(LoginLimits.MaxOfAddress);
        using (await LogInAsync("anna", Password, "/")) { }
        Assert.Equal(HttpStatusCode.OK, (await _browser.GetAsync("/routes")).StatusCode);

        using var answer = await SubmitAsync("/logout", "/password");

        Assert.Equal("/login", answer.Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.Redirect, (await _browser.GetAsync("/routes")).StatusCode);
    }

    [Fact]
    public void Each_role_may_what_the_one_before_it_may()
    {
        var user = Caller.OfAccount(new Account("anna", AccountRole.Operator, false, PasswordHash.Of("x")));

        Assert.True(user.May(AccountRole.Viewer));
        Assert.True(user.May(AccountRole.Operator));
        Assert.False(user.May(AccountRole.Administrator));
        Assert.True(Caller.OfToken().May(AccountRole.Administrator));
        // Who is called like the token of the file is not taken for it.
        Assert.True(Caller.IsTokenOfFile(Caller.OfToken()));
        Assert.False(Caller.IsTokenOfFile(Caller.OfAccount(new Account("token", AccountRole.Viewer, false, "x"))));
        Assert.False(new System.Security.Claims.ClaimsPrincipal().May(AccountRole.Viewer));
    }

    private void Add(string name, AccountRole role) =>
        _fixture.Accounts.Put(new Account(name, role, IsOneTime: false, PasswordHash.Of(Password)));

    private Task<HttpResponseMessage> LogInAsync(string name, string password, string way) =>
        SubmitAsync("/login", ("name", name), ("password", password), ("return", way));

    private Task<HttpResponseMessage> SubmitAsync(string path, params (string, string)[] fields) =>
        SubmitAsync(path, path, fields);

    // With the token that the form of a page carries.
    private async Task<HttpResponseMessage> SubmitAsync(
        string path, string page, params (string Name, string Value)[] fields)
    {
        var token = Field().Match(await _browser.GetStringAsync(page)).Groups[1].Value;
        using var form = new FormUrlEncodedContent(
            [.. fields.Select(f => KeyValuePair.Create(f.Name, f.Value)), new("__RequestVerificationToken", token)]);
        return await _browser.PostAsync(path, form);
    }

    [GeneratedRegex("/assets/[^\"]+")]
    private static partial Regex Asset();

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Field();

    [GeneratedRegex("<meta name=\"antiforgery\" content=\"([^\"]+)\"")]
    private static partial Regex Meta();
}
