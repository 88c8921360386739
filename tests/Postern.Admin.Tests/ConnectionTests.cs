using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Postern.Admin.Access;
using Postern.Admin.Pages;

namespace Postern.Admin.Tests;

/// <summary>What connections may cost that prove nothing (hardening §4.3).</summary>
public sealed class ConnectionTests
{
    private static readonly TimeSpan limit = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_head_that_does_not_end_and_a_connection_that_is_idle_are_given_up_within_a_minute()
    {
        await using var api = await ApiFixture.StartAsync();
        using var idle = await ConnectAsync(api, "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await ReadAsync(idle), StringComparison.Ordinal);
        using var slow = await ConnectAsync(api, "GET /health/live HTTP/1.1\r\nHost: ");

        var isIdleOver = EndAsync(idle);
        Assert.StartsWith("HTTP/1.1 408", await EndAsync(slow), StringComparison.Ordinal);
        Assert.Equal("", await isIdleOver);
    }

    [Theory]
    [InlineData("GET /login HTTP/1.1\r\nHost:\r\n\r\n", "400")]
    [InlineData("GET /login HTTP/1.0\r\n\r\n", "400")]
    [InlineData("GET /health/live HTTP/1.0\r\n\r\n", "200")]
    [InlineData("GET /xml/status HTTP/1.0\r\n\r\n", "401")]
    public async Task A_page_is_for_an_address_and_what_monitors_ask_needs_none(string request, string status)
    {
        await using var api = await ApiFixture.StartAsync();
        using var client = await ConnectAsync(api, request);

        Assert.StartsWith($"HTTP/1.1 {status}", await ReadAsync(client), StringComparison.Ordinal);
        Assert.Empty(api.Told);
    }

    [Fact]
    public async Task Connections_from_elsewhere_leave_room_for_each_other_and_for_this_machine()
    {
        var bounds = new ConnectionBounds(most: 3, mostOfAddress: 2);
        var end = new TaskCompletionSource();
        var served = new List<string>();
        Task Serve(string from)
        {
            var connection = new DefaultConnectionContext { RemoteEndPoint = IPEndPoint.Parse(from) };
            return bounds.ServeAsync(connection, _ =>
            {
                served.Add(from);
                return end.Task;
            });
        }
        string[] all = ["192.0.2.1:1", "192.0.2.1:2", "192.0.2.1:3", "192.0.2.2:1", "192.0.2.3:1", "127.0.0.1:1"];

        var serving = all.Select(Serve).ToList();
        Assert.Equal(["192.0.2.1:1", "192.0.2.1:2", "192.0.2.2:1", "127.0.0.1:1"], served);

        end.SetResult();
        await Task.WhenAll(serving).WaitAsync(limit);
        await Serve("192.0.2.3:1").WaitAsync(limit);
        Assert.Equal("192.0.2.3:1", served[^1]);
    }

    [Fact]
    public void Faults_that_a_stranger_can_cause_do_not_fill_the_log()
    {
        var time = new FakeTimeProvider();
        var told = new List<string>();
        using var log = new FaultLog(told.Add, time);
        var logger = log.CreateLogger("x");
        void Fail() => logger.Log(LogLevel.Error, default, "it broke", null, static (text, _) => text);

        for (var i = 0; i < FaultLog.MaxInHour + 5; i++) Fail();
        Assert.Equal(FaultLog.MaxInHour, told.Count);
        time.Advance(TimeSpan.FromHours(1));
        Fail();

        Assert.Equal(FaultLog.MaxInHour + 1, told.Count);
        Assert.EndsWith("; 5 more before it were not told", told[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RemoteNavigationManager", "Navigation failed when changing the location to /login?ended=role")]
    [InlineData("CircuitHost", "Unhandled exception in circuit '7Dba1p'.")]
    public void A_browser_that_has_left_without_an_answer_is_no_fault_and_all_else_that_a_page_throws_is(
        string source, string text)
    {
        var told = new List<string>();
        using var log = new FaultLog(told.Add, new FakeTimeProvider());
        void Fail(string category, Exception exception) => log.CreateLogger(category)
            .Log(LogLevel.Error, default, text, exception, static (text, _) => text);
        var ofPages = $"Microsoft.AspNetCore.Components.Server.Circuits.{source}";

        Fail(ofPages, new TaskCanceledException());
        Assert.Empty(told);

        Fail(ofPages, new InvalidOperationException("it broke"));
        Fail("Microsoft.AspNetCore.Server.Kestrel", new TaskCanceledException("it took too long"));
        Assert.Equal(2, told.Count);
        Assert.Contains("it broke", told[0], StringComparison.Ordinal);
        Assert.Contains("it took too long", told[1], StringComparison.Ordinal);
    }

    private static async Task<TcpClient> ConnectAsync(ApiFixture api, string text)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, api.Http.BaseAddress!.Port).WaitAsync(limit);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));
        return client;
    }

    private static async Task<string> ReadAsync(TcpClient client)
    {
        var octets = new byte[4096];
        var length = await client.GetStream().ReadAsync(octets).AsTask().WaitAsync(limit);
        return Encoding.ASCII.GetString(octets, 0, length);
    }

    // What still comes until the other side closes.
    private static async Task<string> EndAsync(TcpClient client)
    {
        using var rest = new MemoryStream();
        await client.GetStream().CopyToAsync(rest).WaitAsync(limit);
        return Encoding.ASCII.GetString(rest.ToArray());
    }
}
