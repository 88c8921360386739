using System.Net.Sockets;
using Postern.TestHosts;
using Xunit.Sdk;

namespace Crash;

/// <summary>
/// By recipient, accepted + generated = delivered + bounced + discarded + queued, from the counters, from the mail log,
/// and from the store: under load, and in the run behind a kill (O7).
/// </summary>
public sealed class AccountingTests
{
    private const int Clients = 4;
    private const int Messages = 15;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    // Of each message one recipient is taken, one refused for good, one deferred, and one is discarded by its route.
    private static readonly string[] To =
        ["taken@example.com", "refused@example.com", "deferred@example.com", "gone@old.example"];

    [Fact]
    public async Task The_books_balance_under_load_and_behind_a_kill_from_counters_log_and_store()
    {
        using var bound = new CancellationTokenSource(Bound);
        await using var host = ScriptedHost.Start(new HostScript { Rcpt = Rcpt });
        await using var gateway = await GatewayProcess.StartAsync(
            $"example.com {host.EndPoint}\nold.example /dev/null\nsrc.example {host.EndPoint}\n");
        await LoadAsync(gateway);
        var sent = (long)Clients * Messages;
        var books = new Accounting(4 * sent, sent, 2 * sent, sent, 0, sent);
        Assert.Equal(books, await QuietAsync(gateway, before: 0, bound.Token));
        Assert.Equal(0, await gateway.TerminateAsync());
        Assert.Equal(books, Accounting.OfLog(gateway.Log.Events));
        Assert.Equal(sent, await Accounting.InStoreAsync(gateway));

        // Killed in the middle of the same again; the log of that run lacks its last lines, and the store nothing.
        await gateway.StartAgainAsync();
        var load = LoadAsync(gateway);
        await host.WaitForAsync(all => all.Taken.Count > 2 * sent + Messages, bound.Token);
        await gateway.KillAsync();
        await CutOffAsync(load);
        var before = await Accounting.InStoreAsync(gateway);
        Assert.True(before >= sent);

        await gateway.StartAgainAsync();
        await LoadAsync(gateway);
        // What was accepted for /dev/null and not yet discarded at the kill cannot be told from mail that waited before
        // its route was /dev/null, and is held: the operator decides.
        await gateway.RunAsync("deleterecipients", "--host", "old.example", "--yes");
        var after = await QuietAsync(gateway, before, bound.Token);
        Assert.Equal(0, await gateway.TerminateAsync());
        Assert.Equal(after, Accounting.OfLog(gateway.Log.Events));
        Assert.Equal(after.Queued(before), await Accounting.InStoreAsync(gateway));
        Assert.Equal((4 * sent, true), (after.Accepted, after.Discarded >= sent));
    }

    private static HostAnswer Rcpt(HostTransaction message, string path) =>
        path.StartsWith("refused", StringComparison.Ordinal) ? "550 5.1.1 no such user"
        : path.StartsWith("deferred", StringComparison.Ordinal) ? "450 4.2.1 not now" : "250 2.1.5 ok";

    private static Task LoadAsync(GatewayProcess gateway) => Task.WhenAll(Enumerable.Range(0, Clients).Select(
        async client =>
        {
            await using var probe = await SmtpProbe.GreetAsync(gateway.Smtp);
            for (var i = 0; i < Messages; i++)
            {
                var reply = await probe.MessageAsync("alice@src.example", To, $"Subject: {client}-{i}\r\n\r\nx\r\n");
                Assert.StartsWith("250 ", reply, StringComparison.Ordinal);
            }
        }));

    private static async Task CutOffAsync(Task load)
    {
        try
        {
            await load;
        }
        catch (Exception cut) when (cut is SocketException or XunitException)
        {
            // The kill came in the middle, as it was meant to.
        }
    }

    // Quiet is when nothing but what was deferred waits, which it does for a minute.
    private static async Task<Accounting> QuietAsync(GatewayProcess gateway, long before, CancellationToken bound)
    {
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        var last = default(Accounting);
        while (true)
        {
            var (books, queued, untried) = await Accounting.OfCountersAsync(gateway);
            if (books == last && untried == 0 && books.Queued(before) == queued) return books;
            Assert.False(bound.IsCancellationRequested,
                $"not quiet: {books}, {queued} queued of {books.Queued(before)}, {untried} never tried");
            last = books;
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
