using System.Globalization;
using Postern.TestHosts;
using TestTools;

namespace Scenarios;

/// <summary>Programs that others wrote, as clients and as hosts.</summary>
public class ForeignClients
{
    private const int Messages = 1000;

    [Fact]
    public async Task A_message_of_swaks_arrives()
    {
        var swaks = ForeignTool.Swaks.Require();
        await using var host = ScriptedHost.Start();
        await using var gateway = await GatewayProcess.StartAsync($"example.com {host.EndPoint}\n");

        await Child.RunAsync(swaks,
        [
            "--server", gateway.Smtp.ToString(), "--from", "alice@src.example",
            "--to", "bob@example.com,eve@example.com", "--header", "Subject: hello",
            "--body", "sent by swaks", "--timeout", "30",
        ], TestContext.Current.CancellationToken);

        await gateway.Log.WaitForAsync("Message finished");
        var taken = Assert.Single(host.Taken);
        Assert.Equal("alice@src.example", taken.ReversePath);
        Assert.Equal(["bob@example.com", "eve@example.com"], taken.Accepted);
        Assert.Contains("\r\nSubject: hello\r\n", taken.Text, StringComparison.Ordinal);
        Assert.Contains("\r\nsent by swaks\r\n", taken.Text, StringComparison.Ordinal);
        Assert.StartsWith("Received: from ", taken.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_of_curl_arrives()
    {
        var curl = ForeignTool.Curl.Require();
        await using var host = ScriptedHost.Start();
        await using var gateway = await GatewayProcess.StartAsync($"example.com {host.EndPoint}\n");
        var message = Path.Combine(gateway.Folder, "message.eml");
        await File.WriteAllTextAsync(
            message, "Subject: hello\r\n\r\nsent by curl\r\n", TestContext.Current.CancellationToken);

        await Child.RunAsync(curl,
        [
            "--silent", "--show-error", $"smtp://{gateway.Smtp}", "--mail-from", "alice@src.example",
            "--mail-rcpt", "bob@example.com", "--upload-file", message,
        ], TestContext.Current.CancellationToken);

        await gateway.Log.WaitForAsync("Message finished");
        Assert.EndsWith(
            "Subject: hello\r\n\r\nsent by curl\r\n", Assert.Single(host.Taken).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a connection a message")]
    [InlineData("kept connections", "-d")]
    public async Task A_thousand_messages_of_smtp_source_are_all_counted_by_smtp_sink(
        string mode, params string[] more)
    {
        Assert.NotEmpty(mode);
        var source = ForeignTool.SmtpSource.Require();
        ForeignTool.SmtpSink.Require();
        var cancel = TestContext.Current.CancellationToken;
        await using var sink = await SmtpSink.StartAsync(cancel);
        await using var gateway = await GatewayProcess.StartAsync($"example.com 127.0.0.1:{sink.Port}\n");

        await Child.RunAsync(source,
        [
            .. more, "-s", "40", "-m", Messages.ToString(CultureInfo.InvariantCulture), "-l", "10240",
            "-f", "alice@src.example", "-t", "bob@example.com", gateway.Smtp.ToString(),
        ], cancel);

        await sink.WaitForAsync(Messages, cancel);
        await gateway.Log.WaitForAllAsync(
            events => events.Count(text => text.StartsWith("Message finished", StringComparison.Ordinal)) == Messages,
            "the end of all messages");
        Assert.Equal(0, await gateway.TerminateAsync());
        Assert.Equal(Messages, sink.Messages);
    }
}
