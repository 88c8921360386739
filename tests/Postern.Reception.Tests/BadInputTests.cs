using Postern.Mail;

namespace Postern.Reception.Tests;

/// <summary>
/// Bad input of each kind on real sockets: the defined reply, a line for the log, no other session disturbed.
/// </summary>
public sealed class BadInputTests
{
    private const string Begin = "MAIL FROM:<a@src.example>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n";

    [Theory]
    [InlineData("XYZZY\r\n", "500 5.5.1 ", "'XYZZY' answered 500 5.5.1")]
    [InlineData("DATA\r\n", "503 5.5.1 ", "'DATA' answered 503 5.5.1")]
    [InlineData("MAIL FROM:<a@@b>\r\n", "501 5.1.7 ", "'MAIL FROM:<a@@b>' answered 501 5.1.7")]
    [InlineData("MAIL FROM:<a@src.example> SIZE=60000000\r\n", "552 5.3.4 ", "SIZE=60000000' answered 552 5.3.4")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "421 4.7.0 ", "'GET / HTTP/1.1' answered 421")]
    [InlineData("a\nb\r\n", "500 5.5.2 ", "'a\nb' answered 500 5.5.2")]
    public async Task A_command(string input, string reply, string problem)
    {
        await using var gateway = await Gateway.StartAsync();
        using var other = await gateway.ConnectAsync();
        await other.GreetAsync();
        using var client = await gateway.ConnectAsync();
        await client.GreetAsync();
        await client.SendAsync(input);
        Assert.StartsWith(reply, await client.ReplyAsync(), StringComparison.Ordinal);
        Assert.Contains(problem, Assert.Single(gateway.Events.OfType<IncomingProblem>()).Text,
            StringComparison.Ordinal);
        await AssertServesAsync(other, gateway);
    }

    [Fact]
    public async Task D1_an_overlong_line()
    {
        await using var gateway = await Gateway.StartAsync();
        using var client = await gateway.ConnectAsync();
        await client.GreetAsync();
        Assert.Equal("500 5.5.2 Command line too long", await client.AskAsync(new string('x', 100_000)));
        await AssertServesAsync(client, gateway);
        await client.SendAsync(new string('x', 100_000));
        Assert.StartsWith("421 4.7.0 ", await client.ReplyAsync(), StringComparison.Ordinal);
        Assert.Equal("", await client.ReplyAsync());
    }

    [Fact]
    public async Task T7_a_TLS_hello()
    {
        await using var gateway = await Gateway.StartAsync();
        using var client = await gateway.ConnectAsync();
        await client.ReplyAsync();
        await client.SendAsync(new byte[] { 0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03 });
        Assert.StartsWith("421 4.7.0 TLS", await client.ReplyAsync(), StringComparison.Ordinal);
        Assert.Contains("421 4.7.0 TLS", Assert.Single(gateway.Events.OfType<IncomingProblem>()).Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task SV19_too_many_recipients()
    {
        await using var gateway = await Gateway.StartAsync(Gateway.Trusted(smtp => smtp with { MaxRecipients = 100 }));
        using var client = await gateway.ConnectAsync();
        await client.GreetAsync();
        await client.AskAsync("MAIL FROM:<a@src.example>");
        var recipients = string.Concat(Enumerable.Range(0, 110).Select(i => $"RCPT TO:<r{i}@example.org>\r\n"));
        await client.SendAsync(recipients);
        for (var i = 0; i < 100; i++) Assert.StartsWith("250 ", await client.ReplyAsync(), StringComparison.Ordinal);
        for (var i = 0; i < 10; i++)
            Assert.StartsWith("452 4.5.3 ", await client.ReplyAsync(), StringComparison.Ordinal);
        await client.AskAsync("DATA");
        Assert.StartsWith("250 ", await client.AskAsync("text\r\n."), StringComparison.Ordinal);
        Assert.Equal(100, Assert.Single(gateway.Spool.ReadQueue()).Recipients.Count);
        Assert.Contains("452 4.5.3", Assert.Single(gateway.Events.OfType<IncomingProblem>()).Text,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("552 5.3.4 ", 2_000_000, "x")]
    [InlineData("550 5.5.2 ", 500_000, "\n")]
    [InlineData("550 5.5.2 ", 10, "\r")]
    public async Task SV29_P3_content_that_is_refused_is_refused_at_its_end_and_nothing_of_it_stays(
        string reply, int length, string tail)
    {
        await using var gateway = await Gateway.StartAsync(
            Gateway.Trusted(smtp => smtp with { MaxMessageSize = 1_000_000 }));
        using var client = await gateway.ConnectAsync();
        await client.GreetAsync();
        await client.SendAsync(Begin + new string('x', length) + tail + "y\r\n.\r\n");
        for (var i = 0; i < 3; i++) await client.ReplyAsync();
        Assert.StartsWith(reply, await client.ReplyAsync(), StringComparison.Ordinal);
        Assert.StartsWith(reply, Assert.Single(gateway.Events.OfType<MessageAborted>()).Reason,
            StringComparison.Ordinal);
        Assert.Empty(gateway.Spool.ReadQueue());
        Assert.Empty(gateway.Mail);
        await AssertServesAsync(client, gateway);
    }

    [Fact]
    public async Task D11_more_than_100_Received_fields_are_a_loop()
    {
        await using var gateway = await Gateway.StartAsync();
        using var client = await gateway.ConnectAsync();
        await client.GreetAsync();
        var received = string.Concat(Enumerable.Repeat("Received: from a\r\n by b\r\n", 100));
        await client.SendAsync(Begin + received + "\r\nReceived: in the body\r\n.\r\n");
        for (var i = 0; i < 3; i++) await client.ReplyAsync();
        Assert.StartsWith("250 2.0.0 ", await client.ReplyAsync(), StringComparison.Ordinal);
        await client.SendAsync(Begin + received + "RECEIVED : once more\r\n\r\n.\r\n");
        for (var i = 0; i < 3; i++) await client.ReplyAsync();
        Assert.StartsWith("554 5.4.6 ", await client.ReplyAsync(), StringComparison.Ordinal);
        Assert.Single(gateway.Mail);
        Assert.Single(gateway.Spool.ReadQueue());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_stops_half_way_leaves_nothing(bool reset)
    {
        await using var gateway = await Gateway.StartAsync();
        using var client = await gateway.ConnectAsync();
        await client.GreetAsync();
        await client.SendAsync(Begin + new string('x', 300_000));
        for (var i = 0; i < 3; i++) await client.ReplyAsync();
        if (reset) client.Reset();
        else client.Dispose();
        await gateway.UntilAsync(() => gateway.Events.OfType<IncomingClosed>().Any());
        Assert.Single(gateway.Events.OfType<MessageAborted>());
        Assert.Empty(gateway.Spool.ReadQueue());
        using var next = await gateway.ConnectAsync();
        await next.GreetAsync();
        await AssertServesAsync(next, gateway);
    }

    [Fact]
    public async Task A_port_scan_is_two_lines_a_connection_and_keeps_none()
    {
        await using var gateway = await Gateway.StartAsync();
        for (var i = 0; i < 20; i++) (await gateway.ConnectAsync()).Dispose();
        await gateway.UntilAsync(() => gateway.Events.OfType<IncomingClosed>().Count() == 20);
        Assert.Equal(20, gateway.Events.OfType<IncomingConnection>().Count());
        Assert.Equal(0, gateway.Reception.Connections);

        // A reset may come before the connection was accepted, and then there is nothing to tell.
        for (var i = 0; i < 20; i++) (await gateway.ConnectAsync()).Reset();
        using var last = await gateway.ConnectAsync();
        await last.GreetAsync();
        await AssertServesAsync(last, gateway);
        Assert.Empty(gateway.Events.OfType<GatewayNotice>());
    }

    private static async Task AssertServesAsync(TestClient client, Gateway gateway)
    {
        var before = gateway.Mail.Count;
        await client.SendAsync(Begin + "fine\r\n.\r\n");
        for (var i = 0; i < 3; i++) await client.ReplyAsync();
        Assert.StartsWith("250 2.0.0 MID ", await client.ReplyAsync(), StringComparison.Ordinal);
        Assert.Equal(before + 1, gateway.Mail.Count);
    }
}
