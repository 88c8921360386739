using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Postern.Reception.Tests;

/// <summary>A client that sends what it is told, octet for octet, and reads replies.</summary>
internal sealed class TestClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Socket _socket =
        new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly StringBuilder _read = new();

    public static async Task<TestClient> ConnectAsync(IPEndPoint address)
    {
        var client = new TestClient();
        await client._socket.ConnectAsync(address);
        return client;
    }

    public async Task SendAsync(string text) => await _socket.SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> octets) => await _socket.SendAsync(octets);

    /// <summary>The next whole reply, its lines joined by CRLF; "" when the server closed.</summary>
    public async Task<string> ReplyAsync()
    {
        var reply = "";
        while (true)
        {
            var line = await LineAsync();
            reply += reply.Length == 0 || line.Length == 0 ? line : "\r\n" + line;
            if (line.Length < 4 || line[3] != '-') return reply;
        }
    }

    /// <summary>Sends a command and reads its reply.</summary>
    public async Task<string> AskAsync(string command)
    {
        await SendAsync(command + "\r\n");
        return await ReplyAsync();
    }

    /// <summary>Reads the banner and greets.</summary>
    public async Task GreetAsync()
    {
        Assert.StartsWith("220 ", await ReplyAsync(), StringComparison.Ordinal);
        Assert.StartsWith("250-", await AskAsync("EHLO client.example"), StringComparison.Ordinal);
    }

    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    public void Dispose() => _socket.Dispose();

    private async Task<string> LineAsync()
    {
        var buffer = new byte[4096];
        while (true)
        {
            var text = _read.ToString();
            var end = text.IndexOf("\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                _read.Remove(0, end + 2);
                return text[..end];
            }

            using var patience = new CancellationTokenSource(Patience);
            var read = await _socket.ReceiveAsync(buffer, patience.Token);
            if (read == 0) return "";
            _read.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
    }
}
