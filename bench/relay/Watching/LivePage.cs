using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.DependencyInjection;
using TestTools;

namespace Relay.Watching;

/// <summary>
/// A page that is open, without a browser: it does what the script of a page (blazor.web.js of ASP.NET Core 10) does
/// toward the server, and counts what it is told to draw in place of drawing it.
/// </summary>
internal sealed partial class LivePage : LiveView
{
    private readonly HttpClient _browser;
    private readonly HubConnection _connection;
    private readonly byte[] _sign;
    private volatile bool _isSeen;
    private string? _circuit;

    private LivePage(HttpClient browser, CookieContainer cookies, string path, string sign) : base(path)
    {
        (_browser, _sign) = (browser, Encoding.UTF8.GetBytes(sign));
        var builder = new HubConnectionBuilder();
        builder.Services.AddSingleton<IHubProtocol, BlazorPack>();
        _connection = builder
            .WithUrl(new Uri(browser.BaseAddress!, "/_blazor"), HttpTransportType.WebSockets, options =>
            {
                options.Cookies = cookies;
                // Browsers offer compression, and the server's work with it counts.
                options.WebSocketConfiguration = socket => socket.DangerousDeflateOptions = new();
            })
            .Build();
        _connection.On<long, byte[]>("JS.RenderBatch", DrawAsync);
        _connection.On<long, string, string, int, long, int>("JS.BeginInvokeJS", AnswerAsync);
        _connection.On<string>("JS.Error", Fail);
        _connection.Closed += error =>
        {
            Fail($"the connection is closed: {error?.Message}");
            return Task.CompletedTask;
        };
    }

    /// <summary>Opens a page and returns when it shows what it is for.</summary>
    /// <param name="browser">Logged in.</param>
    /// <param name="cookies">Those of the browser.</param>
    /// <param name="path">The page.</param>
    /// <param name="sign">A text that it alone has drawn when it is there.</param>
    /// <param name="cancel">Ends it.</param>
    public static async Task<LivePage> OpenAsync(
        HttpClient browser, CookieContainer cookies, string path, string sign, CancellationToken cancel)
    {
        var page = new LivePage(browser, cookies, path, sign);
        try
        {
            await page.BeginAsync(cancel);
            for (var begun = Stopwatch.GetTimestamp(); !page._isSeen; await page.NextAsync(cancel))
            {
                if (Stopwatch.GetElapsedTime(begun) > Patience)
                {
                    throw new RunException($"{path} does not show '{sign}'");
                }
            }

            return page;
        }
        catch
        {
            await page.DisposeAsync();
            throw;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_circuit is not null)
        {
            // As a browser says that it leaves a page; the server keeps one whose connection is only lost.
            using var form = new MultipartFormDataContent { { new StringContent(_circuit), "circuitId" } };
            using var left = await _browser.PostAsync(new Uri("/_blazor/disconnect", UriKind.Relative), form);
            left.EnsureSuccessStatusCode();
        }

        await _connection.DisposeAsync();
    }

    // What the document says of its components goes back to the server, which knows by it what to draw.
    private async Task BeginAsync(CancellationToken cancel)
    {
        var address = new Uri(_browser.BaseAddress!, Name);
        var document = await _browser.GetStringAsync(address, cancel);
        var components = Component().Matches(document);
        if (components.Count == 0) throw new RunException($"{Name} has nothing that lives");
        var state = State().Match(document).Groups[1].Value;
        await _connection.StartAsync(cancel);
        _circuit = await _connection.InvokeAsync<string>(
            "StartCircuit", $"{_browser.BaseAddress}", $"{address}", "[]", state, cancel);
        var added = components.Select((component, index) =>
            $$"""{"type":"add","ssrComponentId":{{index + 1}},"marker":{{component.Groups[1].Value}}}""");
        await _connection.SendAsync(
            "UpdateRootComponents", $$"""{"batchId":1,"operations":[{{string.Join(',', added)}}]}""", state, cancel);
    }

    private async Task DrawAsync(long batch, byte[] drawn)
    {
        if (!_isSeen && drawn.AsSpan().IndexOf(_sign) >= 0) _isSeen = true;
        Came(drawn.Length);
        await _connection.SendAsync("OnRenderCompleted", batch, null);
    }

    // The server asks scripts for the zone of the browser and for its colours; nothing else matters to a page here.
    private async Task AnswerAsync(long call, string function, string arguments, int kind, long target, int type)
    {
        if (call == 0) return;
        var result = function == "postern.zone" ? "\"Etc/UTC\""
            : function.Contains("DarkMode", StringComparison.Ordinal) ? "false" : "null";
        await _connection.SendAsync("EndInvokeJSFromDotNet", call, true, $"[{call},true,{result}]");
    }

    [GeneratedRegex("<!--Blazor:(\\{.*?\\})-->")]
    private static partial Regex Component();

    [GeneratedRegex("<!--Blazor-Server-Component-State:([^>]*?)-->")]
    private static partial Regex State();
}
