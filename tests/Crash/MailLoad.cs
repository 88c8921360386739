using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Postern.TestHosts;

namespace Crash;

/// <summary>
/// Clients that hand in mail for as long as they are let, over every crash of the gateway, and the destination host
/// that takes it. Both tell the oracle. A fifth of the recipients is deferred once, so that mail always waits; one in
/// forty does not exist, so that its sender is to be told; every tenth message has more pieces than one commit takes.
/// </summary>
internal sealed class MailLoad : IAsyncDisposable
{
    private const string Sender = "alice@src.example";
    private const int LongLines = 4000;
    private const int RecipientsAnUnknown = 40;
    private readonly MailOracle _oracle;
    private readonly ConcurrentDictionary<string, long> _deferred = new(StringComparer.Ordinal);
    private readonly List<Task> _clients = [];
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _taking = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationToken _bound;
    private volatile IPEndPoint? _gateway;
    private volatile bool _enough;
    private volatile bool _hostIsFull;
    private int _recipients;

    /// <summary>Starts the host, and no client yet.</summary>
    public MailLoad(MailOracle oracle)
    {
        _oracle = oracle;
        Host = ScriptedHost.Start(new HostScript { Rcpt = Rcpt, Dot = Take }, "127.0.0.10");
    }

    /// <summary>The host.</summary>
    public ScriptedHost Host { get; }

    /// <summary>The routes that lead to it.</summary>
    public string Routes => $"example.com {Host.EndPoint}\nsrc.example {Host.EndPoint}\n";

    /// <summary>The host answers 452 to every dot, so that all mail waits.</summary>
    public bool HostIsFull
    {
        get => _hostIsFull;
        set => _hostIsFull = value;
    }

    /// <summary>Ends when the host is about to answer the next dot with 250.</summary>
    public Task TakingAsync(CancellationToken bound)
    {
        var next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _taking, next);
        return next.Task.WaitAsync(bound);
    }

    /// <summary>Clients begin; they wait for a gateway.</summary>
    public void Begin(int clients, CancellationToken bound)
    {
        _bound = bound;
        for (var client = 0; client < clients; client++)
        {
            var number = client;
            _clients.Add(Task.Run(() => RunAsync(number), bound));
        }
    }

    /// <summary>The gateway listens here from now on.</summary>
    public void Use(IPEndPoint gateway)
    {
        _gateway = gateway;
        Interlocked.Exchange(ref _moved, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    /// <summary>Clients end once the message that each has begun is answered.</summary>
    public async Task EndAsync()
    {
        _enough = true;
        await Task.WhenAll(_clients);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Host.DisposeAsync();

    // Every fifth recipient is deferred when it is offered for the first time. 4.2.1 is about a mailbox: no strike.
    private HostAnswer Rcpt(HostTransaction message, string path)
    {
        // A full host has no time to look: what waits for it is to wait.
        if (MailOracle.IsUnknown(path)) return HostIsFull ? "250 2.1.5 ok" : "550 5.1.1 no such user";
        if (!path.EndsWith("0@example.com", StringComparison.Ordinal)) return "250 2.1.5 ok";
        if (_deferred.TryAdd(path, Stopwatch.GetTimestamp())) return "450 4.2.1 not now";
        _oracle.OfferedAgain(path, deferred: _deferred[path]);
        return "250 2.1.5 ok";
    }

    private HostAnswer Take(HostTransaction message)
    {
        if (HostIsFull) return "452 4.2.2 full";
        _oracle.Taken(message);
        Volatile.Read(ref _taking).TrySetResult();
        return "250 2.0.0 accepted";
    }

    private async Task RunAsync(int client)
    {
        for (var serial = 0; !_enough;)
        {
            var restarted = Volatile.Read(ref _moved).Task;
            if (_gateway is not { } gateway)
            {
                await restarted.WaitAsync(_bound);
                continue;
            }

            try
            {
                var greeting = SmtpProbe.GreetAsync(gateway);
                // A connection made in the moment of the kill may be known to the client alone: no reset comes, and a
                // client that waits for a banner sends nothing that would bring one. No process outlives its kill.
                if (await Task.WhenAny(greeting, restarted) != greeting)
                {
                    _ = AbandonAsync(greeting);
                    continue;
                }

                await using var probe = await greeting;
                while (!_enough && await SendAsync(probe, $"c{client}-{serial++}", serial % 10 == 0))
                {
                    _bound.ThrowIfCancellationRequested();
                }
            }
            catch (Exception end) when (end is SocketException or Xunit.Sdk.XunitException)
            {
                // The gateway is down, or went down while it was greeted.
                await restarted.WaitAsync(_bound);
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

    private async Task<bool> SendAsync(SmtpProbe probe, string name, bool isLong)
    {
        // Addresses end in 0 to 4, each as often as the others, so that a fifth of them is deferred.
        string[] to = [.. Enumerable.Range(0, 3).Select(_ => Interlocked.Increment(ref _recipients))
            .Select(number => (number % RecipientsAnUnknown == 0 ? MailOracle.UnknownMark : "r")
                + $"{number}-{number % 5}@example.com")];
        var content = new StringBuilder($"Subject: {name}\r\n\r\n")
            .Insert(name.Length + 13, $"{name} line of a message that is to arrive as it is\r\n",
                isLong ? LongLines : 40).ToString();
        var injected = _oracle.Injecting(name, content, to);
        var reply = "";
        try
        {
            reply = await probe.MessageAsync(Sender, to, content);
        }
        catch (SocketException)
        {
            // The end of the connection while something was sent: unknown, as is a reply that does not come.
        }

        _oracle.Answered(injected, reply);
        return reply.StartsWith("250", StringComparison.Ordinal);
    }
}
