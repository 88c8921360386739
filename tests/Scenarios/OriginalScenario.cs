using System.Globalization;
using Postern.TestHosts;

namespace Scenarios;

/// <summary>
/// The scenario of the original document: two destination hosts for example.com, the first answers 431 in its banner,
/// and the message is with the second without waiting for a retry.
/// </summary>
public class OriginalScenario
{
    [Fact]
    public async Task First_host_answers_431_in_its_banner_and_the_second_gets_the_message_at_once()
    {
        var full = new HostScript { Banner = "431-?example.com ESMTP\n431 Mail system full" };
        await using var first = ScriptedHost.Start(full, "127.0.0.10");
        await using var second = ScriptedHost.Start(address: "127.0.0.20");
        await using var gateway = await GatewayProcess.StartAsync(
            $"example.com {first.EndPoint}/pri=0, {second.EndPoint}/pri=10\n");

        await using (var client = await SmtpProbe.GreetAsync(gateway.Smtp))
        {
            var reply = await client.MessageAsync(
                "alice@src.example", ["bob@example.com"], "Subject: hello\r\n\r\nline\r\n.dot\r\n");
            Assert.StartsWith("250 2.", reply, StringComparison.Ordinal);
        }

        var finished = await gateway.Log.WaitForAsync("Message finished MID ");
        var taken = Assert.Single(second.Taken);
        Assert.Equal(["bob@example.com"], taken.Accepted);
        Assert.EndsWith("Subject: hello\r\n\r\nline\r\n.dot\r\n", taken.Text, StringComparison.Ordinal);
        Assert.Equal(1, first.Connections);
        Assert.Equal(1, second.Connections);

        var events = gateway.Log.Events;
        var (one, two) = (Dcid(events, first), Dcid(events, second));
        Assert.True(one < two);
        AssertInOrder(events,
            $"New SMTP DCID {one} interface 127.0.0.1 address 127.0.0.10 port {first.EndPoint.Port}",
            $"Connection Error: DCID {one} domain: example.com IP: 127.0.0.10 port: {first.EndPoint.Port} "
                + @"details: 431-?example.com ESMTP\nMail system full interface: 127.0.0.1 "
                + "reason: unexpected SMTP response",
            $"New SMTP DCID {two} interface 127.0.0.1 address 127.0.0.20 port {second.EndPoint.Port}",
            $"Message done DCID {two} MID {Mid(finished)} to RID [0]",
            finished);
        Assert.DoesNotContain(events, text => text.Contains("pending till", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_log_line_has_the_form_of_the_document()
    {
        await using var host = ScriptedHost.Start();
        await using var gateway = await GatewayProcess.StartAsync($"example.com {host.EndPoint}\n");
        await using var client = await SmtpProbe.GreetAsync(gateway.Smtp);
        await client.MessageAsync("alice@src.example", ["bob@example.com"], "\r\nx\r\n");
        await gateway.Log.WaitForAsync("Message finished");
        Assert.All(gateway.Log.Lines,
            line => Assert.Matches(
                @"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} Info: \S", line));
    }

    private static long Dcid(IEnumerable<string> events, ScriptedHost host)
    {
        var opened = events.Single(text => text.StartsWith("New SMTP DCID ", StringComparison.Ordinal)
            && text.EndsWith($"address {host.EndPoint.Address} port {host.EndPoint.Port}", StringComparison.Ordinal));
        return long.Parse(opened.Split(' ')[3], CultureInfo.InvariantCulture);
    }

    private static string Mid(string finished) => finished.Split(' ')[3];

    private static void AssertInOrder(IEnumerable<string> events, params string[] expected)
    {
        var found = events.Where(expected.Contains).ToList();
        Assert.Equal(expected, found);
    }
}
