using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Peers;
using TestTools;

namespace Relay.Watching;

/// <summary>Somebody who is logged in at the pages of a gateway, as its administrator.</summary>
internal sealed partial class Visit : IDisposable
{
    private const string Account = "watcher", Password = "five lamps above one gate";

    private readonly CookieContainer _cookies = new();
    private readonly HttpClientHandler _handler;
    private readonly HttpClient _browser;

    private Visit(Uri address)
    {
        _handler = new HttpClientHandler { CookieContainer = _cookies };
        _browser = new HttpClient(_handler) { BaseAddress = address };
        _browser.DefaultRequestHeaders.Accept.ParseAdd("text/html");
    }

    /// <summary>Makes an account, and logs in with it by the forms that a person fills in.</summary>
    public static async Task<Visit> BeginAsync(PosternGateway gateway, CancellationToken cancel)
    {
        using var api = await gateway.ApiAsync(cancel);
        using var made = await api.PostAsync(
            new Uri($"/api/v1/accounts/new?name={Account}&role=administrator", UriKind.Relative), null, cancel);
        made.EnsureSuccessStatusCode();
        using var answer = JsonDocument.Parse(await made.Content.ReadAsStringAsync(cancel));
        var given = answer.RootElement.GetProperty("password").GetString()!;
        var visit = new Visit(api.BaseAddress!);
        var login = await visit._browser.GetStringAsync(new Uri("/login", UriKind.Relative), cancel);
        var choice = await visit.SendAsync("/login", login, new() { ["name"] = Account, ["password"] = given }, cancel);
        await visit.SendAsync(
            "/password", choice,
            new() { ["password"] = given, ["new-password"] = Password, ["again"] = Password }, cancel);
        return visit;
    }

    /// <summary>Opens a page; see <see cref="LivePage.OpenAsync"/>.</summary>
    public Task<LivePage> OpenAsync(string path, string sign, CancellationToken cancel) =>
        LivePage.OpenAsync(_browser, _cookies, path, sign, cancel);

    public void Dispose()
    {
        _browser.Dispose();
        _handler.Dispose();
    }

    // The token of the form goes back with it; the answer is the page that follows.
    private async Task<string> SendAsync(
        string path, string page, Dictionary<string, string> fields, CancellationToken cancel)
    {
        fields["__RequestVerificationToken"] = Token().Match(page).Groups[1].Value;
        using var form = new FormUrlEncodedContent(fields);
        using var answer = await _browser.PostAsync(new Uri(path, UriKind.Relative), form, cancel);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync(cancel)
            : throw new RunException($"{path} was answered {(int)answer.StatusCode}");
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
