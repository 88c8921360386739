using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using Postern.Admin;
using Postern.Commands;
using Postern.Configuration;
using Postern.Tests.Running;

namespace Postern.Tests.Commands;

/// <summary>Work on a large queue is waited for to its end, and where it has none it is said how far it came.</summary>
public sealed class LongWorkTests : IDisposable
{
    private const string Line = """
        {"done":{"messages":1,"recipients":2,"leftAlone":0},"isLast":false,"failure":null}
        """;

    private const string Later = "; the gateway ends the work behind the part that it has begun, and its audit log "
        + "tells how much that was";

    private static readonly TimeSpan patience = TimeSpan.FromSeconds(60);

    private readonly WorkFolder work = new();
    private readonly FakeTimeProvider time = new();

    public void Dispose() => work.Dispose();

    [Fact]
    public async Task Work_may_take_long_that_tells_how_far_it_is_and_silence_may_not()
    {
        await using var gateway = ScriptedGateway.Start(work);
        var configuration = ConfigurationReader.ReadFile(work.ConfigurationFile).Configuration!;
        using var api = new GatewayApi(configuration, time);
        var steps = Channel.CreateUnbounded<OperationStep>();
        var answer = api.FollowAsync<OperationStep>(
            HttpMethod.Post, "/api/v1/queue/deliver?all=true", s => steps.Writer.TryWrite(s), default);

        Assert.Contains("Accept: application/x-ndjson", await gateway.Asked, StringComparison.Ordinal);
        for (var line = 0; line < 4; line++)
        {
            await gateway.SayAsync(Line);
            Assert.Equal(2, (await steps.Reader.ReadAsync().AsTask().WaitAsync(patience)).Done.Recipients);
            time.Advance(TimeSpan.FromSeconds(29));
            Assert.False(answer.IsCompleted);
        }
        time.Advance(TimeSpan.FromSeconds(2));

        var failed = await answer.WaitAsync(patience);
        Assert.Equal((false, "the gateway was silent for 30 seconds; how much it has done of this is not known"),
            (failed.IsDone, failed.Failure));
    }

    [Theory]
    [InlineData(null, "the gateway has ended; until then at least 2 recipients in 1 message: released")]
    [InlineData("the gateway stops", "the gateway stops; until then 2 recipients in 1 message: released")]
    public async Task What_comes_to_no_end_says_how_far_it_came(string? failure, string says)
    {
        await using var gateway = ScriptedGateway.Start(work);
        var command = work.RunAsync("delivernow", "--all");

        await gateway.SayAsync(failure is null ? Line
            : Line.Replace("false,\"failure\":null", $"true,\"failure\":\"{failure}\"", StringComparison.Ordinal));
        await gateway.EndAsync();

        var (code, output, error) = await command.WaitAsync(patience);
        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith($"postern: {says}", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task A_signal_ends_it_and_what_is_not_known_is_said(string signal, int code)
    {
        await using var gateway = ScriptedGateway.Start(work);
        await using var command = Start("env --default-signal=INT", "delivernow --all");
        Assert.StartsWith("POST", await gateway.Asked.WaitAsync(patience), StringComparison.Ordinal);

        await command.SignalAsync(signal);

        Assert.Equal((code, "", $"postern: interrupted; how much was done by then is not known{Later}\n"),
            await command.EndAsync());
    }

    [Fact]
    public async Task A_signal_before_anything_was_asked_for_says_so()
    {
        await using var gateway = ScriptedGateway.Start(work);
        await using var command = Start("env --default-signal=INT", "deleterecipients --all --yes");
        Assert.StartsWith("GET", await gateway.Asked.WaitAsync(patience), StringComparison.Ordinal);

        await command.SignalAsync("TERM");

        Assert.Equal((143, "", "postern: interrupted; nothing was changed\n"), await command.EndAsync());
    }

    [Fact]
    public async Task Ctrl_C_at_a_terminal_says_how_far_it_came()
    {
        await using var gateway = ScriptedGateway.Start(work);
        await using var terminal = ChildProcess.Of(work.PathOf("."), "script", "--quiet", "--flush", "--return",
            "--command", $"env --default-signal=INT {ChildProcess.Program} delivernow --all", "/dev/null");
        await gateway.SayAsync(Line);
        await terminal.ReadUntilAsync("2 recipients released for an attempt at once … ");

        await terminal.TypeAsync("\x03");

        var (code, said, _) = await terminal.EndAsync();
        Assert.Equal(130, code);
        Assert.EndsWith("postern: interrupted; until then at least 2 recipients in 1 message: released for an attempt "
            + $"at once{Later}\r\n", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signal_that_was_ignored_at_the_start_stays_so()
    {
        await using var gateway = ScriptedGateway.Start(work);
        await using var command = Start("env --ignore-signal=INT", "delivernow --all");
        await gateway.Asked.WaitAsync(patience);

        await command.SignalAsync("INT");

        await gateway.SayAsync(Line.Replace("false", "true", StringComparison.Ordinal));
        await gateway.EndAsync();
        Assert.Equal((0, "2 recipients in 1 message: released for an attempt at once\n", ""),
            await command.EndAsync());
    }

    // As a shell with job control starts it, whatever the tests were started by.
    private ChildProcess Start(string by, string command) => ChildProcess.Of(
        work.PathOf("."), [.. by.Split(' '), ChildProcess.Program, .. command.Split(' ')]);
}
