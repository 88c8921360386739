using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HeldQueue;

/// <summary>A destination host that takes everything and notes when the recipient of each message came.</summary>
internal sealed class LiveHost : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;

    public LiveHost()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>When the message to a local part was taken.</summary>
    public ConcurrentDictionary<string, DateTimeOffset> Taken { get; } = new(StringComparer.Ordinal);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException)
        {
            return;
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        try
        {
            var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1);
            await using var writer = new StreamWriter(stream, Encoding.Latin1) { NewLine = "\r\n", AutoFlush = true };
            await writer.WriteLineAsync("220 live.example ESMTP");
            var name = "";
            while (await reader.ReadLineAsync(_stopping.Token) is { } line)
            {
                var reply = "250 2.0.0 ok";
                if (line.StartsWith("RCPT", StringComparison.Ordinal))
                {
                    name = line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('@')];
                }
                else if (line == "DATA")
                {
                    await writer.WriteLineAsync("354 go on");
                    while (await reader.ReadLineAsync(_stopping.Token) is { } text && text != ".")
                    {
                    }

                    Taken[name] = TimeProvider.System.GetUtcNow();
                }
                else if (line == "QUIT")
                {
                    reply = "221 2.0.0 bye";
                }

                await writer.WriteLineAsync(reply);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or IOException)
        {
            return;
        }
    }
}
