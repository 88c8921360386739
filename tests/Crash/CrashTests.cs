using System.Diagnostics;
using Postern.TestHosts;

namespace Crash;

/// <summary>
/// The promise of contract §4 under crashes at random and at named moments: what was answered 250 arrives, what was
/// refused does not, and a crash doubles at most the one message on each open connection between the host's 250 and our
/// commit (hardening P1, §1.4, §1.7). The quick tier of kills; Program.cs runs the long one.
/// </summary>
public sealed class CrashTests
{
    private const int Seed = 20;
    private const int Kills = 20;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(6);

    [Fact]
    public async Task Twenty_kills_lose_nothing_and_double_no_more_than_was_on_the_wire()
    {
        using var bound = Within(Bound);
        await using var run = await CrashRun.StartAsync(null, Seed, bound.Token);
        await run.CrashAsync(Kills, bound.Token);
        Assert.Empty(await run.FinishAsync(bound.Token));
        TestContext.Current.SendDiagnosticMessage($"{run}");
    }

    [Fact]
    public async Task Without_a_crash_nothing_is_doubled_and_no_reply_is_missing()
    {
        using var bound = Within(Bound);
        await using var run = await CrashRun.StartAsync(null, Seed, bound.Token);
        await run.Oracle.AckedAsync(300, bound.Token);
        Assert.Empty(await run.FinishAsync(bound.Token));
        Assert.Equal(0, run.Oracle.Unknown);
    }

    [Fact]
    public async Task The_oracle_finds_what_it_is_there_to_find()
    {
        var oracle = new MailOracle();
        oracle.Answered(oracle.Injecting("lost", "Subject: lost\r\n\r\n", ["bob@example.com"]), "250 2.0.0 queued");

        Assert.Equal("O1: lost was answered '250 2.0.0 queued', did not reach bob@example.com",
            Assert.Single(oracle.Verdict(0)));

        oracle = new MailOracle();
        var told = oracle.Injecting("told", "Subject: told\r\n\r\n", ["unknown1@example.com"]);
        oracle.Answered(told, "250 2.0.0 queued");
        await using (var host = ScriptedHost.Start(new HostScript()))
        {
            foreach (var id in new[] { "<1@gw.example>", "<1@gw.example>", "<2@gw.example>" })
            {
                await using var probe = await SmtpProbe.GreetAsync(host.EndPoint);
                await probe.MessageAsync("", ["alice@src.example"],
                    $"Message-ID: {id}\r\n\r\nFinal-Recipient: rfc822; unknown1@example.com\r\n");
            }

            foreach (var report in host.Transactions) oracle.Taken(report);
        }
        Assert.Equal(["O1: told has 2 reports of unknown1@example.com", "O5: 1 duplicates, 0 are explained"],
            oracle.Verdict(0));

        oracle = new MailOracle();
        oracle.OfferedAgain("bob@example.com", deferred: Stopwatch.GetTimestamp());
        oracle.OfferedAgain("carol@example.com", Stopwatch.GetTimestamp() - (3 * Stopwatch.Frequency));
        var beforeCrash = Stopwatch.GetTimestamp();
        oracle.Crashing();
        oracle.OfferedAgain("dave@example.com", beforeCrash);
        Assert.Equal("O8: bob@example.com was offered again 0.0 s after it was deferred",
            Assert.Single(oracle.Verdict(0)));
    }

    /// <summary>Ends with the test, or when the time is over.</summary>
    internal static CancellationTokenSource Within(TimeSpan bound)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        source.CancelAfter(bound);
        return source;
    }
}
