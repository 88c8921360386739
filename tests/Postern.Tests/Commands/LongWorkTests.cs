using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using Postern.Admin;
using Postern.Commands;
using Postern.Configuration;

namespace Postern.Tests.Commands;

/// <summary>Work on a large queue is waited for to its end, and where it has none it is said how far it came.</summary>
public sealed class LongWorkTests : IDisposable
{
    private const string Line = """
        {"done":{"messages":1,"recipients":2,"leftAlone":0},"isLast":false,"failure":null}
        """;

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
}
