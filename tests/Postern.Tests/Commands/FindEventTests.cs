using System.Net;
using System.Text.Json;
using Postern.Demo;
using Postern.Tests.Running;

namespace Postern.Tests.Commands;

/// <summary><c>findevent</c> against a running gateway and its mail log (contract §1).</summary>
public sealed class FindEventTests : IDisposable
{
    private readonly WorkFolder work = new();

    public void Dispose() => work.Dispose();

    [Theory]
    [InlineData("say what is looked for: --mid, --sender, --recipient, another option, or --since")]
    [InlineData("'six' is no MID; write the number that the mail log shows", "--mid", "six")]
    [InlineData(
        "'noon' is no time; write 4h for four hours ago, 2026-11-26 or \"2026-11-26 14:00\"", "--since", "noon")]
    [InlineData("--sender is empty", "--sender", "")]
    [InlineData("--limit is 1 to 1000", "--mid", "6", "--limit", "0")]
    public async Task Wrong_usage_is_said(string reason, params string[] arguments)
    {
        var (code, _, error) = await work.RunAsync(["findevent", .. arguments]);
        Assert.Equal((2, $"postern: {reason}. See 'postern findevent --help'\n"), (code, error));
    }

    [Fact]
    public async Task Without_a_gateway_it_says_so()
    {
        var (code, output, error) = await work.RunAsync("findevent", "--mid", "6");
        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith("postern: no gateway runs on ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_whole_story_of_each_message_is_printed_as_the_log_has_it()
    {
        await using var host = DemoHost.Start(IPAddress.Loopback, "mail.example", full: false);
        work.Write("smtproutes", $"example.com 127.0.0.1:1/pri=0, {host.Address}/pri=10\n");
        await using var running = await RunningGateway.StartAsync(work);
        for (var mid = 1; mid <= 3; mid++)
        {
            await DemoClient.SendAsync(running.Gateway.Listeners[0].Address, default);
            await running.LoggedAsync($"Message finished MID {mid} done");
        }
        await running.Gateway.Log.FlushAsync();

        var shown = await DoneAsync("--recipient", "bob@example.com", "--limit", "2", "--since", "1h");
        var log = File.ReadAllLines(work.PathOf("data/logs/mail.log"));
        var stories = shown.Split("\n\n");
        Assert.Equal(3, stories.Length);
        foreach (var (index, story) in stories[..2].Index())
        {
            var lines = story.TrimEnd().Split('\n');
            Assert.StartsWith($"MID {index + 1} (", lines[0], StringComparison.Ordinal);
            Assert.Equal(log.Where(line => lines.Contains(line)), lines[1..]);
            Assert.Contains(lines, line => line.Contains($"New SMTP ICID {index + 1} ", StringComparison.Ordinal));
            Assert.Contains(lines, line => line.Contains($"MID {index + 1} queued", StringComparison.Ordinal));
            Assert.Contains(lines, line => line.Contains("New SMTP DCID ", StringComparison.Ordinal));
            Assert.Contains(lines, line =>
                line.EndsWith($"Message finished MID {index + 1} done", StringComparison.Ordinal));
        }
        Assert.Contains("Connection Error:", stories[0], StringComparison.Ordinal);
        var rest = stories[2].TrimEnd().Split("--after ");
        Assert.Equal("There may be more: ", rest[0]);

        using var json = JsonDocument.Parse(await DoneAsync("--sender", "alice@", "--after", rest[1], "--json"));
        var last = Assert.Single(json.RootElement.GetProperty("messages").EnumerateArray());
        Assert.Equal(3, last.GetProperty("mid").GetInt32());
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("next").ValueKind);
        const string None = "No message in the mail log fits.\n";
        Assert.Equal(None, await DoneAsync("--subject", "no such thing"));
        Assert.Equal(None, await DoneAsync("--mid", "1", "--until", "2000-01-01 12:00"));
        Assert.Equal(1, (await work.RunAsync("findevent", "--mid", "1", "--after", "here")).Code);
    }

    private async Task<string> DoneAsync(params string[] arguments)
    {
        var (code, output, error) = await work.RunAsync(["findevent", .. arguments]);
        Assert.Equal((0, ""), (code, error));
        return output;
    }
}
