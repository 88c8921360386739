using System.Net;
using System.Net.Sockets;

namespace Postern.Demo;

/// <summary>
/// A destination host of the demo: a real SMTP receiver on a port of its own, as small as one can be. Owned by
/// the run of the demo; its counts may be read by other threads.
/// </summary>
internal sealed class DemoHost : IAsyncDisposable
{
    private readonly TcpListener listener;
    private readonly CancellationTokenSource stopping = new();
    private readonly TaskCompletionSource firstMessage = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Task> sessions = [];
    private readonly string name;
    private readonly bool full;
    private readonly Task accepting;
    private int connections;
    private int refused;
    private int messages;

    private DemoHost(TcpListener listener, string name, bool full)
    {
        (this.listener, this.name, this.full) = (listener, name, full);
        accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address => (IPEndPoint)listener.LocalEndpoint;

    /// <summary>Connections taken.</summary>
    public int Connections => Volatile.Read(ref connections);

    /// <summary>Connections answered 431.</summary>
    public int Refused => Volatile.Read(ref refused);

    /// <summary>Messages taken.</summary>
    public int Messages => Volatile.Read(ref messages);

    /// <summary>Ends with the first message taken.</summary>
    public Task FirstMessage => firstMessage.Task;

    /// <summary>Starts a host. <paramref name="full"/>: it greets everybody with 431.</summary>
    /// <exception cref="SocketException">This system has no such address.</exception>
    public static DemoHost Start(IPAddress address, string name, bool full)
    {
        var listener = new TcpListener(address, 0);
        listener.Start();
        return new DemoHost(listener, name, full);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Stop();
        await accepting;
        await Task.WhenAll(sessions);
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(stopping.Token);
                Interlocked.Increment(ref connections);
                sessions.Add(ServeAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The demo is over.
            return;
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        client.NoDelay = true;
        try
        {
            var lines = new SmtpLines(client.GetStream());
            if (full)
            {
                Interlocked.Increment(ref refused);
                await lines.WriteAsync(stopping.Token, "431-?example.com ESMTP", "431 Mail system full");
                return;
            }
            await TalkAsync(lines);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // A client that went away is no concern of the demo.
            return;
        }
    }

    private async Task TalkAsync(SmtpLines lines)
    {
        await lines.WriteAsync(stopping.Token, $"220 {name} ESMTP");
        while (await lines.ReadAsync(stopping.Token) is { } command)
        {
            switch (command.Split(' ', 2)[0].ToUpperInvariant())
            {
                case "EHLO":
                    await lines.WriteAsync(stopping.Token, $"250-{name}", "250-PIPELINING", "250 ENHANCEDSTATUSCODES");
                    break;
                case "HELO" or "MAIL" or "RCPT" or "RSET" or "NOOP":
                    await lines.WriteAsync(stopping.Token, "250 2.0.0 OK");
                    break;
                case "DATA":
                    await lines.WriteAsync(stopping.Token, "354 go on");
                    if (!await SkipContentAsync(lines)) return;
                    Interlocked.Increment(ref messages);
                    await lines.WriteAsync(stopping.Token, "250 2.0.0 accepted");
                    firstMessage.TrySetResult();
                    break;
                case "QUIT":
                    await lines.WriteAsync(stopping.Token, "221 2.0.0 bye");
                    return;
                default:
                    await lines.WriteAsync(stopping.Token, "502 5.5.1 not known here");
                    break;
            }
        }
    }

    private async Task<bool> SkipContentAsync(SmtpLines lines)
    {
        while (await lines.ReadAsync(stopping.Token) is { } line)
            if (line == ".") return true;
        return false;
    }
}
