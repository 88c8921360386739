using System.Net;
using System.Net.Sockets;
using System.Text;
using TestTools;

namespace HeldQueue;

/// <summary>An SMTP client that sends one message after the other on one connection.</summary>
internal sealed class Sender : IDisposable
{
    private readonly TcpClient _client;
    private readonly StreamReader _reader;
    private readonly StreamWriter _writer;

    private Sender(TcpClient client)
    {
        _client = client;
        _reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        _writer = new StreamWriter(client.GetStream(), Encoding.Latin1) { NewLine = "\r\n" };
    }

    /// <summary>Connects and greets; tries again every ten milliseconds while nobody listens.</summary>
    public static async Task<Sender> ConnectAsync(int port, CancellationToken cancel)
    {
        while (true)
        {
            var client = new TcpClient { NoDelay = true };
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port, cancel);
            }
            catch (SocketException)
            {
                client.Dispose();
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancel);
                continue;
            }

            var sender = new Sender(client);
            await sender.ExpectAsync('2');
            await sender.SayAsync("EHLO bench.example", '2');
            return sender;
        }
    }

    /// <summary>Sends a short message and returns once it was answered 250.</summary>
    public async Task SendAsync(params IReadOnlyList<string> recipients)
    {
        await _writer.WriteLineAsync("MAIL FROM:<bench@src.example>");
        foreach (var recipient in recipients) await _writer.WriteLineAsync($"RCPT TO:<{recipient}>");
        await _writer.WriteLineAsync("DATA");
        await _writer.FlushAsync();
        for (var i = 0; i <= recipients.Count; i++) await ExpectAsync('2');
        await ExpectAsync('3');
        await SayAsync("Subject: bench\r\n\r\nA short text.\r\n.", '2');
    }

    public void Dispose()
    {
        _writer.Dispose();
        _reader.Dispose();
        _client.Dispose();
    }

    private async Task SayAsync(string command, char expected)
    {
        await _writer.WriteLineAsync(command);
        await _writer.FlushAsync();
        await ExpectAsync(expected);
    }

    private async Task ExpectAsync(char expected)
    {
        while (await _reader.ReadLineAsync() is { } line)
        {
            if (line is [_, _, _, '-', ..])
            {
                continue;
            }

            if (line[0] != expected)
            {
                throw new RunException($"the gateway said: {line}");
            }

            return;
        }

        throw new RunException("the gateway closed the connection");
    }
}
