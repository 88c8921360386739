using System.Net.Sockets;
using System.Text.RegularExpressions;
using Postern.TestHosts;
using Xunit.Sdk;

namespace Crash;

/// <summary>
/// The books balance whatever an operator does while mail comes in, and over a kill in the middle of that (O7): by
/// recipient, from the counters, from the mail log alone, and from the store.
/// </summary>
public sealed class OperatedAccountingTests
{
    private const int Clients = 3;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    // Of each message one recipient is taken and reported to be, one refused for good, one deferred for long, one
    // expires at its first 4xx, one is discarded by its route, and two wait for a host that is not there, of which the
    // sender is warned.
    private static readonly string[] To =
    [
        "<taken@example.com> NOTIFY=SUCCESS", "<refused@example.com>", "<deferred@example.com>",
        "<deferred@late.example>", "<gone@old.example>", "<one@down.example>", "<two@down.example>",
    ];

    // The three kinds of report.
    private static readonly string[] Reports = ["bounce", "delay warning", "success report"];

    private const string Settings = """
        [delivery]
        max_bounces_per_hour = 0
        [bounce_profile.default]
        initial_wait = "1h"
        [bounce_profile.once]
        max_retries = 0
        [bounce_profile.warned]
        delay_warning = "2s"
        [destination."late.example"]
        bounce_profile = "once"
        [destination."down.example"]
        bounce_profile = "warned"
        """;

    [Theory]
    [InlineData(1)]
    public async Task The_books_balance_under_every_command_and_behind_a_kill(int seed)
    {
        using var bound = new CancellationTokenSource(Bound);
        await using var host = ScriptedHost.Start(new HostScript { Rcpt = Rcpt }.Without("DSN"), "127.0.0.10");
        await using var other = ScriptedHost.Start(new HostScript(), "127.0.0.20");
        var routes = $"example.com {host.EndPoint}\nlate.example {host.EndPoint}\nsrc.example {host.EndPoint}\n"
            + "old.example /dev/null\ndown.example 127.0.0.30:1\n";
        await using var gateway = await GatewayProcess.StartAsync(routes, Settings);
        var random = new Random(seed);

        var load = new Load(gateway);
        await OperateAsync(gateway, host, other, random);
        var taken = await load.EndAsync();
        var books = await QuietAsync(gateway, before: 0, bound.Token);
        Assert.Equal(To.Length * (long)taken, books.Accepted);
        long[] parts = [books.Generated, books.Delivered, books.Bounced, books.Expired, books.Discarded];
        Assert.DoesNotContain(0, parts);
        Assert.All(Reports, kind => Assert.Contains(
            gateway.Log.Events, line => line.Contains($" was generated for {kind} of MID ", StringComparison.Ordinal)));
        Assert.Equal(0, await gateway.TerminateAsync());
        Assert.Equal(books, Accounting.OfLog(gateway.Log.Events));
        var stored = await Accounting.InStoreAsync(gateway);
        Assert.Equal((books.Queued(0), true), (stored, stored > 0));

        // Killed while commands are under way; what such a command has changed is all there or not at all.
        await gateway.StartAgainAsync();
        load = new Load(gateway);
        var middle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var operating = OperateAsync(gateway, host, other, random, middle);
        await middle.Task.WaitAsync(bound.Token);
        await gateway.KillAsync();
        await load.EndAsync();
        await Assert.ThrowsAsync<TestTools.RunException>(() => operating);
        var before = await Accounting.InStoreAsync(gateway);

        await File.WriteAllTextAsync(gateway.RoutesFile, routes, bound.Token);
        await gateway.StartAgainAsync();
        await gateway.RunAsync("resumedel");
        await gateway.RunAsync("resumelistener");
        await gateway.RunAsync("drain", $"{host.EndPoint}");
        await gateway.RunAsync("undrain", $"{host.EndPoint}");
        load = new Load(gateway);
        await OperateAsync(gateway, host, other, random);
        taken = await load.EndAsync();
        books = await QuietAsync(gateway, before, bound.Token);
        Assert.Equal(To.Length * (long)taken, books.Accepted);
        Assert.Equal(0, await gateway.TerminateAsync());
        Assert.Equal(books, Accounting.OfLog(gateway.Log.Events));
        Assert.Equal(books.Queued(before), await Accounting.InStoreAsync(gateway));
    }

    // Every command that changes what becomes of mail, in an order by chance; what is suspended is resumed.
    private static async Task OperateAsync(
        GatewayProcess gateway, ScriptedHost host, ScriptedHost other, Random random,
        TaskCompletionSource? middle = null)
    {
        string[][][] commands =
        [
            [["deleterecipients", "--recipient", "one@down", "--yes"]],
            [["bouncerecipients", "--recipient", "deferred@example", "--yes"]],
            [["redirectrecipients", $"{other.EndPoint}", "--recipient", "two@down", "--yes"]],
            [["delivernow", "--all"]],
            [["suspenddel"], ["deleterecipients", "--host", "example.com", "--yes"], ["resumedel"]],
            [["suspenddel", "--host", "src.example"], ["bouncerecipients", "--sender", "<>", "--yes"], ["resumedel"]],
            [["suspendlistener"], ["resumelistener"]],
            [["drain", $"{host.EndPoint}"], ["delivernow", "--all"], ["undrain", $"{host.EndPoint}"]],
            [["smtproutes", "edit", "example.com", "/dev/null"], ["delivernow", "--host", "example.com"],
                ["smtproutes", "edit", "example.com", $"{host.EndPoint}"]],
            [["smtproutes", "edit", "down.example", "/dev/null"],
                ["deleterecipients", "--host", "down.example", "--yes"],
                ["smtproutes", "edit", "down.example", "127.0.0.30:1"]],
            [["dnsflush"]],
        ];
        random.Shuffle(commands);
        foreach (var (index, several) in commands.Index())
        {
            if (index == commands.Length / 2) middle?.SetResult();
            foreach (var command in several) AssertMeant(command, await gateway.RunAsync(command));
        }
    }

    // Each message has one recipient of each address: whoever stands beside it in the message, as two@down does beside
    // one@down, stays.
    private static void AssertMeant(string[] command, string said)
    {
        if (!command.Contains("--recipient")) return;
        var counts = Regex.Match(said, "([0-9]+) recipients? in ([0-9]+) messages?: ");
        Assert.True(counts.Success, said);
        Assert.Equal(counts.Groups[2].Value, counts.Groups[1].Value);
    }

    private static HostAnswer Rcpt(HostTransaction message, string path) =>
        path.StartsWith("refused", StringComparison.Ordinal) ? "550 5.1.1 no such user"
        : path.StartsWith("deferred", StringComparison.Ordinal) ? "450 4.2.1 not now" : "250 2.1.5 ok";

    // Quiet is when nothing moves: what waits has an hour, or a host that is not there.
    private static async Task<Accounting> QuietAsync(GatewayProcess gateway, long before, CancellationToken bound)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(bound);
        patience.CancelAfter(Patience);
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        var last = default(Accounting);
        for (var same = 0; ;)
        {
            var (books, queued, _) = await Accounting.OfCountersAsync(gateway);
            same = books == last && books.Queued(before) == queued ? same + 1 : 0;
            if (same == 3) return books;
            Assert.False(patience.IsCancellationRequested,
                $"not quiet: {books}, {queued} queued of {books.Queued(before)}");
            last = books;
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>Clients that hand in mail until they are told to end, or the gateway is killed.</summary>
    private sealed class Load
    {
        private readonly Task<int>[] clients;
        private volatile bool enough;

        public Load(GatewayProcess gateway) => clients =
            [.. Enumerable.Range(0, Clients).Select(client => Task.Run(() => RunAsync(gateway, client)))];

        /// <summary>Messages that were answered 250.</summary>
        public async Task<int> EndAsync()
        {
            enough = true;
            return (await Task.WhenAll(clients)).Sum();
        }

        private async Task<int> RunAsync(GatewayProcess gateway, int client)
        {
            var taken = 0;
            try
            {
                await using var probe = await SmtpProbe.GreetAsync(gateway.Smtp);
                // So much that there is always something under way, and not so much that the queue is all there is.
                using var pace = new PeriodicTimer(Pace, TimeProvider.System);
                while (!enough && await pace.WaitForNextTickAsync(CancellationToken.None))
                {
                    foreach (var path in To.Select(path => $"RCPT TO:{path}").Prepend("MAIL FROM:<alice@src.example>"))
                        Assert.StartsWith("250 ", await probe.SayAsync(path), StringComparison.Ordinal);
                    Assert.StartsWith("354 ", await probe.SayAsync("DATA"), StringComparison.Ordinal);
                    var reply = await probe.SayAsync($"Subject: {client}-{taken}\r\n\r\nx\r\n.");
                    Assert.StartsWith("250 ", reply, StringComparison.Ordinal);
                    taken++;
                }
            }
            catch (Exception cut) when (cut is SocketException or XunitException)
            {
                // Killed; a run without a kill misses what it was answered, and says so.
            }

            return taken;
        }
    }
}
