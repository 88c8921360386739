using System.Text;

namespace Scenarios;

/// <summary>
/// Input that no client should send: the defined reply, a line in the log, and a session beside it on the same listener
/// that notices nothing.
/// </summary>
public sealed class BadInputTests
{
    private const string Small = """
        [limits]
        recipients_per_message = 3
        message_size = "20KB"
        """;

    [Fact]
    public Task A_line_that_is_too_long() => BesideAnotherAsync(async probe =>
    {
        var reply = await probe.SayAsync("NOOP " + new string('x', 5000));
        Assert.StartsWith("500 5.5.2 ", reply, StringComparison.Ordinal);
        // The rest of the line is no command, and the session goes on.
        Assert.StartsWith("250 ", await probe.SayAsync("NOOP"), StringComparison.Ordinal);
    }, "500 5.5.2 Command line too long");

    [Fact]
    public Task A_line_that_does_not_end() => BesideAnotherAsync(async probe =>
    {
        await probe.SendAsync(new string('x', 5000));
        Assert.StartsWith("500 5.5.2 ", await probe.ReplyAsync(), StringComparison.Ordinal);
    }, "500 5.5.2 Command line too long");

    [Fact]
    public Task An_unknown_command() => BesideAnotherAsync(async probe =>
    {
        Assert.StartsWith("500 5.5.1 ", await probe.SayAsync("XYZZY plugh"), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await probe.SayAsync("NOOP"), StringComparison.Ordinal);
    }, "500 5.5.1 Command not recognized");

    [Fact]
    public Task Commands_in_the_wrong_order() => BesideAnotherAsync(async probe =>
    {
        Assert.StartsWith("503 5.5.1 ", await probe.SayAsync("RCPT TO:<bob@example.com>"), StringComparison.Ordinal);
        Assert.StartsWith("503 5.5.1 ", await probe.SayAsync("DATA"), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await probe.SayAsync("MAIL FROM:<eve@src.example>"), StringComparison.Ordinal);
        Assert.StartsWith("503 5.5.1 ", await probe.SayAsync("MAIL FROM:<eve@src.example>"), StringComparison.Ordinal);
        Assert.StartsWith("503 5.5.1 ", await probe.SayAsync("DATA"), StringComparison.Ordinal);
    }, "503 5.5.1 Need MAIL first");

    [Theory]
    [InlineData("MAIL FROM:<eve@@src.example>", "501 5.1.7")]
    [InlineData("MAIL FROM:eve", "501 5.5.4")]
    [InlineData("MAIL FROM:<eve@src.example> FOO=1", "555 5.5.4")]
    [InlineData("MAIL FROM:<e\u00c3\u00bcve@src.example>", "553 5.6.7")]
    [InlineData("MAIL FROM:<eve@src.example> SIZE=99999999", "552 5.3.4")]
    public Task A_bad_sender(string command, string reply) => BesideAnotherAsync(
        async probe => Assert.StartsWith(reply, await probe.SayAsync(command), StringComparison.Ordinal), reply);

    [Fact]
    public Task A_bad_recipient() => BesideAnotherAsync(async probe =>
    {
        Assert.StartsWith("250 ", await probe.SayAsync("MAIL FROM:<eve@src.example>"), StringComparison.Ordinal);
        Assert.StartsWith("501 5.1.3 ", await probe.SayAsync("RCPT TO:<bob@exa mple.com>"), StringComparison.Ordinal);
        Assert.StartsWith("554 5.5.1 ", await probe.SayAsync("DATA"), StringComparison.Ordinal);
    }, "501 5.1.3 Bad recipient address syntax");

    [Fact]
    public async Task Too_many_recipients_are_answered_452_and_those_before_them_stay()
    {
        await using var scene = await Scene.StartAsync(more: Small);
        await using var probe = await SmtpProbe.GreetAsync(scene.Gateway.Smtp);
        Assert.StartsWith("250 ", await probe.SayAsync("MAIL FROM:<alice@src.example>"), StringComparison.Ordinal);
        for (var i = 0; i < 5; i++)
        {
            Assert.StartsWith(i < 3 ? "250 2.1.5 " : "452 4.5.3 ",
                await probe.SayAsync($"RCPT TO:<r{i}@example.com>"), StringComparison.Ordinal);
        }

        Assert.StartsWith("354 ", await probe.SayAsync("DATA"), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await probe.SayAsync(Scene.Content("one") + "."), StringComparison.Ordinal);
        await scene.FinishedAsync(1);

        Assert.Equal(["r0@example.com", "r1@example.com", "r2@example.com"], Scene.Got(scene.First, "one"));
        await scene.Gateway.Log.WaitForAsync("452 4.5.3 Too many recipients");
    }

    [Fact]
    public Task A_message_that_is_too_big() => BesideAnotherAsync(async probe =>
    {
        var content = new StringBuilder().Insert(0, new string('x', 98) + "\r\n", 1000);
        var reply = await probe.MessageAsync(
            "eve@src.example", ["bob@example.com"], $"Subject: big\r\n\r\n{content}");
        Assert.StartsWith("552 5.3.4 ", reply, StringComparison.Ordinal);
        Assert.StartsWith("250 ", await probe.SayAsync("NOOP"), StringComparison.Ordinal);
    }, "Message aborted MID ");

    [Fact]
    public Task A_bare_line_feed_in_the_content() => BesideAnotherAsync(async probe =>
    {
        // The smuggled transaction behind LF.LF is content, and all of it is refused at the true end (hardening S3).
        var reply = await probe.MessageAsync("eve@src.example", ["bob@example.com"],
            "Subject: x\r\n\r\nx\n.\nMAIL FROM:<x@y.example>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\nsmuggled\r\n");
        Assert.StartsWith("550 5.5.2 ", reply, StringComparison.Ordinal);
    }, "550 5.5.2 Message refused");

    [Theory]
    [InlineData("MAIL FROM:<eve@src.example>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\nSubject: half\r\n\r\nand then")]
    [InlineData("MAIL FROM:<eve@src.example>\r\nRCPT TO:<bo")]
    public Task A_client_that_stops_half_way(string octets) => BesideAnotherAsync(async probe =>
    {
        await probe.SendAsync(octets);
        Assert.StartsWith("250 ", await probe.ReplyAsync(), StringComparison.Ordinal);
    }, "Message aborted MID ");

    [Fact]
    public async Task A_port_scan_leaves_its_lines_and_nothing_else()
    {
        await using var scene = await Scene.StartAsync();
        var bystander = await scene.ClientAsync();
        for (var i = 0; i < 20; i++)
        {
            var scanner = await SmtpProbe.ConnectAsync(scene.Gateway.Smtp);
            await scanner.DisposeAsync();
        }

        await scene.Gateway.Log.WaitForAllAsync(events =>
            events.Count(line => line.StartsWith("New SMTP ICID", StringComparison.Ordinal)) == 21
            && events.Count(line => line.EndsWith(" close", StringComparison.Ordinal)) == 20, "twenty connections");
        Assert.StartsWith("250 ", await bystander.SayAsync("NOOP"), StringComparison.Ordinal);
    }

    [Fact]
    public Task A_TLS_hello_on_the_plain_port() => FirstOctetsAsync(
        "421 4.7.0 TLS handshake on a port without TLS",
        "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003");

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: gw.example\r\n\r\n")]
    [InlineData("POST /x HTTP/1.1\r\nContent-Length: 40\r\n\r\nMAIL FROM:<x@y.example>\r\n")]
    public Task An_HTTP_request(string request) => FirstOctetsAsync("421 4.7.0 This is SMTP", request);

    // A client that greets and then misbehaves.
    private static Task BesideAnotherAsync(Func<SmtpProbe, Task> misbehave, string logged) =>
        BesideAnotherAsync(logged, async gateway =>
        {
            await using var probe = await SmtpProbe.GreetAsync(gateway.Smtp);
            await misbehave(probe);
        });

    // A client that speaks another protocol from its first octet on: it is told so, and that is the end.
    private static Task FirstOctetsAsync(string reply, string octets) => BesideAnotherAsync(reply, async gateway =>
    {
        await using var probe = await SmtpProbe.ConnectAsync(gateway.Smtp);
        await probe.SendAsync(octets);
        Assert.StartsWith("220 ", await probe.ReplyAsync(), StringComparison.Ordinal);
        Assert.StartsWith(reply, await probe.ReplyAsync(), StringComparison.Ordinal);
        Assert.Equal("", await probe.ReplyAsync());
    });

    // Meanwhile another client is in the midst of a transaction.
    private static async Task BesideAnotherAsync(string logged, Func<GatewayProcess, Task> misbehave)
    {
        await using var scene = await Scene.StartAsync(more: Small);
        var bystander = await scene.ClientAsync();
        Assert.StartsWith("250 ", await bystander.SayAsync("MAIL FROM:<alice@src.example>"), StringComparison.Ordinal);

        await misbehave(scene.Gateway);

        var line = await scene.Gateway.Log.WaitForAsync(logged);
        Assert.Contains("ICID 2", line, StringComparison.Ordinal);
        Assert.StartsWith("250 ", await bystander.SayAsync("RCPT TO:<bob@example.com>"), StringComparison.Ordinal);
        Assert.StartsWith("354 ", await bystander.SayAsync("DATA"), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await bystander.SayAsync(Scene.Content("one") + "."), StringComparison.Ordinal);
        await scene.FinishedAsync(1);
        Assert.Equal(["bob@example.com"], Scene.Got(scene.First, "one"));
        Assert.Single(scene.First.Taken);
    }
}
