using System.Text.RegularExpressions;
using Postern.TestHosts;

namespace Scenarios;

/// <summary>The scenario of the document that Postern began with.</summary>
public sealed partial class OriginalScenarioTests
{
    private static readonly HostScript Full = new() { Banner = "431-?example.com ESMTP\n431 Mail system full" };

    [Fact]
    public async Task A_banner_of_431_sends_the_message_to_the_second_host_without_waiting()
    {
        await using var scene = await Scene.StartAsync(Full);

        await scene.SendAsync("hello");
        await scene.FinishedAsync(1);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "hello"));
        Assert.Empty(scene.First.Transactions);
        // The pass through the hosts was one round: nothing was held, nothing was said to be delayed.
        Assert.False(scene.Logged("pending till"));
        Assert.False(scene.Logged("Delayed"));
        await scene.TellsAsync(
        [
            Lines.Connected(1, 10), Lines.Unexpected(1, 10, @"431-?example.com ESMTP\nMail system full"),
            Lines.LeftOut(10, @"431-?example.com ESMTP\nMail system full"),
            Lines.Connected(2, 20), .. Lines.Delivery(2, 1),
        ]);
    }

    [Fact]
    public async Task The_mail_log_tells_it_in_the_form_of_the_contract_octet_by_octet()
    {
        await using var scene = await Scene.StartAsync(Full);
        var client = await scene.ClientAsync();
        await scene.SendAsync("hello");
        Assert.StartsWith("221 ", await client.SayAsync("QUIT"), StringComparison.Ordinal);
        await scene.FinishedAsync(1);
        await scene.Gateway.Log.WaitForAsync("ICID 1 close");

        var lines = scene.Gateway.Log.Lines;
        Assert.All(lines, line => Assert.Matches(Form(), line));
        var ports = ($" {scene.First.EndPoint.Port} ", $" {scene.Second.EndPoint.Port}");
        Assert.Equal(
        [
            "New SMTP ICID 1 interface incoming (127.0.0.1) address 127.0.0.1 reverse dns host <name>",
            "ICID 1 RELAY SG relay_from match 127.0.0.0/8",
            "Start MID 1 ICID 1",
            "MID 1 ICID 1 From: <alice@src.example>",
            "MID 1 ICID 1 RID 0 To: <bob@example.com>",
            "MID 1 Message-ID '<hello@src.example>'",
            "MID 1 Subject \"hello\"",
            $"MID 1 ready {Scene.Content("hello").Length} bytes from <alice@src.example>",
            "MID 1 queued for delivery",
            "ICID 1 close",
        ], [.. scene.Gateway.Log.Events.Where(IsOfReception).Select(line => Name().Replace(line, "host <name>"))]);
        Assert.Equal(
        [
            $"New SMTP DCID 1 interface 127.0.0.1 address 127.0.0.10 port{ports.Item1}".TrimEnd(),
            $"Connection Error: DCID 1 domain: example.com IP: 127.0.0.10 port:{ports.Item1}details: "
                + @"431-?example.com ESMTP\nMail system full interface: 127.0.0.1 reason: unexpected SMTP response",
            $"New SMTP DCID 2 interface 127.0.0.1 address 127.0.0.20 port{ports.Item2}",
        ], [.. scene.Gateway.Log.Events.Where(line => Original().IsMatch(line))]);
    }

    [Fact]
    public async Task When_all_hosts_answer_4xx_the_mail_is_held_and_delivered_later()
    {
        await using var scene = await Scene.StartAsync(Full, Full, Scene.Brisk);

        await scene.SendAsync("hello");
        await scene.LogsAsync(Lines.Pending(1));
        scene.Second.Script = new HostScript();
        await scene.FinishedAsync(1);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "hello"));
        Assert.Empty(scene.Senders.Taken);
    }

    private static bool IsOfReception(string line) =>
        Reception().IsMatch(line) && !line.Contains("DCID", StringComparison.Ordinal);

    // A day is padded with a space, as in "Wed Jul  2 09:15:07 2014".
    [GeneratedRegex(@"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ 123]\d "
        + @"\d\d:\d\d:\d\d \d{4} (Info|Warning|Critical): [^\x00-\x1f]+$")]
    private static partial Regex Form();

    [GeneratedRegex("^(New SMTP ICID|ICID|Start MID|MID 1 (ICID|Message-ID|Subject|ready|queued))")]
    private static partial Regex Reception();

    [GeneratedRegex("^(New SMTP DCID|Connection Error)")]
    private static partial Regex Original();

    [GeneratedRegex(@"host \S+ verified (yes|no)$")]
    private static partial Regex Name();
}
