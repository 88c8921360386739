using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Postern.TestHosts;

namespace Scenarios;

/// <summary>
/// The promise of contract §4 under <c>kill -9</c>: what was answered 250 arrives, and a crash doubles at most the one
/// message on each open connection between the host's 250 and our commit (hardening P1, §1.4, O1 to O5).
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class CrashTests
{
    private const int Kills = 20;
    private const int Clients = 8;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(4);
    private readonly MailOracle _oracle = new();
    private readonly ConcurrentDictionary<string, bool> _deferred = new(StringComparer.Ordinal);
    private readonly Random _random = new(20);
    private TaskCompletionSource _restarted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _enough;
    private int _recipients;

    [Fact]
    public async Task Twenty_kills_under_load_lose_nothing_and_double_no_more_than_was_on_the_wire()
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(Bound);
        await using var host = ScriptedHost.Start(new HostScript { Rcpt = Rcpt, Dot = Take }, "127.0.0.10");
        await using var gateway = await GatewayProcess.StartAsync($"example.com {host.EndPoint}\n", Scene.Brisk);
        var clients = Enumerable.Range(0, Clients).Select(number => LoadAsync(gateway, number, bound.Token)).ToArray();

        var onTheWire = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            await _oracle.AckedAsync(_oracle.Acked + _random.Next(20, 150), bound.Token);
            // A connection that is made while the process dies counts as well.
            var (open, before) = (host.OpenConnections, host.Connections);
            await gateway.KillAsync();
            onTheWire += open + host.Connections - before;
            await gateway.StartAgainAsync();
            Interlocked.Exchange(ref _restarted, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }

        _enough = true;
        await Task.WhenAll(clients);
        await _oracle.DrainAsync(bound.Token);
        // Idle connections are closed after five seconds, and what is held comes again after one: then all is drained.
        await host.WaitForAsync(all => all.OpenConnections == 0, bound.Token);

        TestContext.Current.SendDiagnosticMessage(
            $"{_oracle.Acked} acked, {_oracle.Unknown} unknown, "
            + $"{_oracle.Duplicates} doubled of {onTheWire} on the wire");
        Assert.Empty(_oracle.Verdict(onTheWire));
        Assert.Equal(0, await gateway.TerminateAsync());
    }

    [Fact]
    public async Task Without_a_kill_nothing_is_doubled()
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(Bound);
        await using var host = ScriptedHost.Start(new HostScript { Rcpt = Rcpt, Dot = Take }, "127.0.0.10");
        await using var gateway = await GatewayProcess.StartAsync($"example.com {host.EndPoint}\n", Scene.Brisk);
        var clients = Enumerable.Range(0, Clients).Select(number => LoadAsync(gateway, number, bound.Token)).ToArray();

        await _oracle.AckedAsync(500, bound.Token);
        _enough = true;
        await Task.WhenAll(clients);
        await _oracle.DrainAsync(bound.Token);
        await host.WaitForAsync(all => all.OpenConnections == 0, bound.Token);

        Assert.Empty(_oracle.Verdict(0));
        Assert.Equal(0, _oracle.Unknown);
    }

    [Fact]
    public void The_oracle_finds_what_it_is_there_to_find()
    {
        _oracle.Injecting("lost", "Subject: lost\r\n\r\n", ["bob@example.com"]);
        _oracle.Answered("lost", "250 2.0.0 queued");

        Assert.Equal("O1: lost was answered 250 and did not reach bob@example.com", Assert.Single(_oracle.Verdict(0)));
    }

    // Every fifth recipient is deferred when it is offered for the first time. 4.2.1 is about a mailbox: no strike.
    private HostAnswer Rcpt(HostTransaction message, string path) =>
        path.EndsWith("0@example.com", StringComparison.Ordinal) && _deferred.TryAdd(path, true)
            ? "450 4.2.1 not now" : "250 2.1.5 ok";

    private HostAnswer Take(HostTransaction message)
    {
        _oracle.Taken(message);
        return "250 2.0.0 accepted";
    }

    private async Task LoadAsync(GatewayProcess gateway, int client, CancellationToken bound)
    {
        for (var serial = 0; !_enough;)
        {
            var restarted = Volatile.Read(ref _restarted).Task;
            try
            {
                var greeting = SmtpProbe.GreetAsync(gateway.Smtp);
                // A connection made in the moment of the kill may be known to the client alone: no reset comes, and a
                // client that waits for a banner sends nothing that would bring one. No process outlives its kill.
                if (await Task.WhenAny(greeting, restarted) != greeting)
                {
                    _ = AbandonAsync(greeting);
                    continue;
                }

                await using var probe = await greeting;
                while (!_enough && await SendAsync(probe, $"c{client}-{serial++}"))
                {
                    bound.ThrowIfCancellationRequested();
                }
            }
            catch (Exception end) when (end is SocketException or Xunit.Sdk.XunitException)
            {
                // The gateway is down, or went down while it was greeted.
                await restarted.WaitAsync(bound);
            }
        }
    }

    private static async Task AbandonAsync(Task<SmtpProbe> greeting)
    {
        try
        {
            await (await greeting).DisposeAsync();
        }
        catch (Exception end) when (end is SocketException or OperationCanceledException or Xunit.Sdk.XunitException)
        {
            // It came to nothing, as was to be expected.
        }
    }

    private async Task<bool> SendAsync(SmtpProbe probe, string name)
    {
        // Addresses end in 0 to 4, each as often as the others, so that a fifth of them is deferred.
        string[] to = [.. Enumerable.Range(0, 3).Select(_ => Interlocked.Increment(ref _recipients))
            .Select(number => $"r{number}-{number % 5}@example.com")];
        var content = new StringBuilder($"Subject: {name}\r\n\r\n")
            .Insert(name.Length + 13, $"{name} line of a message that is to arrive as it is\r\n", 40).ToString();
        _oracle.Injecting(name, content, to);
        var reply = "";
        try
        {
            reply = await probe.MessageAsync("alice@src.example", to, content);
        }
        catch (SocketException)
        {
            // The end of the connection while something was sent: unknown, as is a reply that does not come.
        }

        _oracle.Answered(name, reply);
        return reply.StartsWith("250", StringComparison.Ordinal);
    }
}
