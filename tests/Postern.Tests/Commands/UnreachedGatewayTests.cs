using System.Diagnostics;
using Postern.Commands;
using Postern.Tests.Running;

namespace Postern.Tests.Commands;

/// <summary>
/// A gateway that runs and cannot be asked is not one that is to be started: what is said names the cause, the process
/// and what to do.
/// </summary>
public sealed class UnreachedGatewayTests : IDisposable
{
    private readonly WorkFolder work = new();

    public void Dispose() => work.Dispose();

    [Fact]
    public async Task A_gateway_that_runs_is_never_said_not_to_run()
    {
        await using var gateway = ChildProcess.Start(work.PathOf("."), "serve");
        await gateway.LineAsync("ready");
        var (address, token) = (work.PathOf("data/api-address"), work.PathOf("data/api-token"));
        var (at, secret) = (File.ReadAllText(address), File.ReadAllText(token));
        var host = new Uri(at).Authority;

        await SaysAsync(token, new string('a', 64), $"who answers at {host} does not know the token of {token}, and "
            + "was told nothing; restart the gateway, which takes up the token and writes its address anew");
        await SaysAsync(token, "", $"{token} holds no token; delete it and restart the gateway, which makes a new one");
        await SaysAsync(token, null, $"{token} is missing; restart it, and it makes a new one");
        File.WriteAllText(token, secret);
        await SaysAsync(address, "garbage", $"{address} holds no address; restart it, and it writes that anew");
        await SaysAsync(address, "http://127.0.0.1:1/", $"nobody listens at 127.0.0.1:1, which {address} names; "
            + "restart it, and it writes that anew");
        await SaysAsync(address, null, $"{address} is missing, by which commands find it: it starts or stops, or "
            + "could not listen at the address of [admin], as its log says then");
        File.WriteAllText(address, at);
        await gateway.SignalAsync("STOP");
        await SaysAsync(address, at, $"gives no answer within 5 seconds at {host}; its log may say why, and no mail is "
            + "lost by a restart");
        await gateway.SignalAsync("CONT");

        await gateway.SignalAsync("TERM");
        await gateway.EndAsync();
        Assert.Equal((1, "", $"postern: no gateway runs on {work.PathOf("data")}; 'postern serve' starts one\n"),
            await work.RunAsync("status"));
    }

    [Fact]
    public async Task A_repair_is_not_taken_for_a_gateway()
    {
        await using (await RunningGateway.StartAsync(work)) { }
        // To open its end for writing waits for the repair, which has the lock by then and waits for what is written.
        var wal = work.PathOf("data/spool/store/999999.log");
        using (var mkfifo = Process.Start("mkfifo", wal)) await mkfifo.WaitForExitAsync();
        await using var repair = ChildProcess.Start(
            work.PathOf("."), "spool", "repair", "--yes", "--config", work.ConfigurationFile);
        await using var end = await Task.Run(() => File.OpenWrite(wal)).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal((1, "", $"postern: no gateway runs on {work.PathOf("data")}: a 'postern spool repair' (process "
            + $"{repair.Id}) has its store open. When that has ended, 'postern serve' starts one\n"),
            await work.RunAsync("status"));
    }

    [Theory]
    [InlineData("stats")]
    [InlineData("verify")]
    public async Task Looking_into_a_large_store_says_how_far_it_is(string command)
    {
        await using (await RunningGateway.StartAsync(work)) { }
        var error = new StringWriter();
        var terminal = new Terminal(TextReader.Null, new StringWriter(), error, Interactive: false)
        {
            ShowsProgress = true,
        };

        var code = await CommandLine.RunAsync(
            ["spool", command, "--config", work.ConfigurationFile], terminal, new DueAtOnce(), default);

        Assert.Equal(0, code);
        Assert.Contains(command == "stats" ? "\rcounting the store … " : "\rchecking the store … ", error.ToString(),
            StringComparison.Ordinal);
    }

    // The same of a command that asks a gateway and of one that reads the store.
    private async Task SaysAsync(string file, string? holds, string fault)
    {
        if (holds is null) File.Delete(file);
        else File.WriteAllText(file, holds);
        foreach (var command in (string[][])[["status"], ["spool", "verify"]])
        {
            var (code, output, error) = await work.RunAsync(command);
            Assert.Equal((1, ""), (code, output));
            Assert.Matches(@"^postern: a gateway \(process [0-9]+\) runs on ", error);
            Assert.EndsWith($" runs on {work.PathOf("data")}, but {fault}\n", error, StringComparison.Ordinal);
        }
    }

    /// <summary>Every timer is due once, when it is made: all work takes long.</summary>
    private sealed class DueAtOnce : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            callback(state);
            return System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
