using System.Text.Json;
using Postern.Demo;
using Postern.Tests.Running;

namespace Postern.Tests.Commands;

/// <summary>What every command for mail and hosts prints for a program to read, against a running gateway.</summary>
public sealed class JsonOutputTests : IDisposable
{
    private readonly WorkFolder work = new();

    public void Dispose() => work.Dispose();

    [Fact]
    public async Task Each_command_prints_json_and_nothing_else()
    {
        work.Write("smtproutes", "example.com 127.0.0.1:1\n");
        await using var running = await RunningGateway.StartAsync(work);
        await DemoClient.SendAsync(running.Gateway.Listeners[0].Address, default);
        await running.LoggedAsync("MID 1 to RID [0] pending till");
        // What is looked for in the answer, and what it is there.
        (string Path, string Is, string[] Command)[] commands =
        [
            ("delivery.activeRecipients", "1", ["status"]),
            ("activeRecipients", "1", ["rate", "--count", "1"]),
            ("destinations.domain", "example.com", ["tophosts"]),
            ("hosts", "", ["hoststatus", "example.com"]),
            ("mid", "1", ["showmessage", "1"]),
            ("recipients", "", ["showrecipients", "--all"]),
            ("listeners", "", ["suspendlistener"]),
            ("listeners", "", ["resumelistener"]),
            ("allDelivery", "True", ["suspenddel"]),
            ("suspended", "1", ["delivernow", "--all"]),
            ("recipients", "0", ["redirectrecipients", "127.0.0.1:2", "--recipient", "nobody@", "--yes"]),
            ("recipients", "0", ["bouncerecipients", "--recipient", "nobody@", "--yes"]),
            ("recipients", "1", ["deleterecipients", "--recipient", "bob@", "--yes"]),
            ("allDelivery", "False", ["resumedel"]),
        ];
        foreach (var (path, wanted, command) in commands)
        {
            var (code, output, error) = await work.RunAsync([.. command, "--json"]);
            Assert.Equal((0, ""), (code, error));
            using var json = JsonDocument.Parse(output);
            var found = Find(json.RootElement, path.Split('.'));
            Assert.True(found is not null, $"{command[0]} has no {path}: {output}");
            if (wanted.Length > 0) Assert.Equal((command[0], wanted), (command[0], found.Value.ToString()));
        }
    }

    // The first property on that path, in the first element where there is a list.
    private static JsonElement? Find(JsonElement at, ReadOnlySpan<string> path)
    {
        if (at.ValueKind == JsonValueKind.Array) return at.GetArrayLength() == 0 ? null : Find(at[0], path);
        if (path.Length == 0) return at;
        return at.ValueKind == JsonValueKind.Object && at.TryGetProperty(path[0], out var next)
            ? path.Length == 1 ? next : Find(next, path[1..]) : null;
    }
}
