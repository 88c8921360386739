using System.Net;
using System.Net.Sockets;
using System.Text;

namespace TestGateway;

/// <summary>
/// A client that says what a test tells it to, octet by octet, and hands back whole replies, their lines joined by a
/// line feed. Every wait is bounded.
/// </summary>
internal sealed class SmtpProbe : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly byte[] _buffer = new byte[16 * 1024];
    private string _pending = "";

    private SmtpProbe() => _socket.NoDelay = true;

    /// <summary>Connects; the banner is the first reply.</summary>
    public static async Task<SmtpProbe> ConnectAsync(IPEndPoint gateway)
    {
        var probe = new SmtpProbe();
        await probe._socket.ConnectAsync(gateway);
        return probe;
    }

    /// <summary>Connects, reads the banner and says EHLO.</summary>
    public static async Task<SmtpProbe> GreetAsync(IPEndPoint gateway)
    {
        var probe = await ConnectAsync(gateway);
        Assert.StartsWith("220 ", await probe.ReplyAsync(), StringComparison.Ordinal);
        Assert.StartsWith("250", await probe.SayAsync("EHLO client.example"), StringComparison.Ordinal);
        return probe;
    }

    /// <summary>Sends octets as they are, given as Latin-1.</summary>
    public Task SendAsync(string octets) => SendAsync(Encoding.Latin1.GetBytes(octets));

    /// <summary>Sends octets as they are.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> octets)
    {
        using var bound = new CancellationTokenSource(Bound);
        while (octets.Length > 0)
        {
            octets = octets[await _socket.SendAsync(octets, bound.Token)..];
        }
    }

    /// <summary>Sends a command with its line end and reads the reply.</summary>
    public async Task<string> SayAsync(string command)
    {
        await SendAsync(command + "\r\n");
        return await ReplyAsync();
    }

    /// <summary>The next reply; "" when the connection is closed instead.</summary>
    public async Task<string> ReplyAsync()
    {
        var lines = new List<string>();
        while (await LineAsync() is { } line)
        {
            lines.Add(line);
            if (line.Length < 4 || line[3] != '-')
            {
                break;
            }
        }

        return string.Join('\n', lines);
    }

    /// <summary>
    /// One transaction: MAIL, RCPT for each recipient, DATA and the content, whose lines end in CRLF. Returns the reply
    /// to the final dot, or the first reply that was not the one to go on with.
    /// </summary>
    public async Task<string> MessageAsync(string from, IEnumerable<string> to, string content)
    {
        foreach (var command in to.Select(recipient => $"RCPT TO:<{recipient}>").Prepend($"MAIL FROM:<{from}>"))
        {
            var reply = await SayAsync(command);
            if (!reply.StartsWith("250", StringComparison.Ordinal))
            {
                return reply;
            }
        }

        var go = await SayAsync("DATA");
        return go.StartsWith("354", StringComparison.Ordinal) ? await SayAsync(Stuffed(content) + ".") : go;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string Stuffed(string content)
    {
        var stuffed = content.Replace("\r\n.", "\r\n..", StringComparison.Ordinal);
        return stuffed.StartsWith('.') ? "." + stuffed : stuffed;
    }

    private async Task<string?> LineAsync()
    {
        using var bound = new CancellationTokenSource(Bound);
        int end;
        while ((end = _pending.IndexOf("\r\n", StringComparison.Ordinal)) < 0)
        {
            var read = await ReadAsync(bound.Token);
            if (read == 0)
            {
                return null;
            }

            _pending += Encoding.Latin1.GetString(_buffer, 0, read);
        }

        var line = _pending[..end];
        _pending = _pending[(end + 2)..];
        return line;
    }

    private async Task<int> ReadAsync(CancellationToken bound)
    {
        try
        {
            return await _socket.ReceiveAsync(_buffer, bound);
        }
        catch (SocketException)
        {
            // A reset is an end of the connection as well.
            return 0;
        }
    }
}
