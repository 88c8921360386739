using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Scenarios;

/// <summary>
/// A destination host that keeps of each message only its length and a digest, so that gigabytes pass through it. It
/// leaves out the Received field that the gateway puts in front. Takes every message; no PIPELINING.
/// </summary>
internal sealed class DigestHost : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _running = [];
    private readonly List<string> _digests = [];
    private readonly Lock _lock = new();

    /// <summary>Starts on a loopback address, on a port that the system chooses.</summary>
    public DigestHost(string address)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        _listener.Listen(512);
        EndPoint = (IPEndPoint)_listener.LocalEndPoint!;
        _running.Add(Task.Run(AcceptAsync));
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>The digests of the messages that were taken, in no order.</summary>
    public IReadOnlyList<string> Digests
    {
        get
        {
            lock (_lock) return [.. _digests];
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await Task.WhenAll(_running);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var sessions = new List<Task>();
        try
        {
            while (true)
            {
                sessions.Add(ServeAsync(await _listener.AcceptAsync(_stopping.Token)));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(sessions);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        var lines = new LineReader(stream);
        try
        {
            await SayAsync(stream, "220 host.example ESMTP");
            while (await lines.NextAsync(_stopping.Token))
            {
                var verb = Encoding.ASCII.GetString(lines.Line.Span[..Math.Min(4, lines.Line.Length)]);
                switch (verb)
                {
                    case "EHLO":
                        await SayAsync(stream, "250-host.example\r\n250 8BITMIME");
                        break;
                    case "DATA":
                        await SayAsync(stream, "354 go on");
                        await DigestAsync(lines);
                        await SayAsync(stream, "250 2.0.0 accepted");
                        break;
                    default:
                        await SayAsync(stream, "250 2.0.0 ok");
                        break;
                }
            }
        }
        catch (Exception end) when (end is IOException or OperationCanceledException)
        {
            // The gateway or the test ended the connection.
        }
    }

    private async Task DigestAsync(LineReader lines)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var inOurField = true;
        var isFirst = true;
        while (await lines.NextAsync(_stopping.Token))
        {
            var line = lines.Line.Span;
            if (line.SequenceEqual(".\r\n"u8)) break;
            inOurField = inOurField && (isFirst || line[0] is (byte)' ' or (byte)'\t');
            isFirst = false;
            if (!inOurField) digest.AppendData(line[0] == (byte)'.' ? line[1..] : line);
        }

        lock (_lock) _digests.Add(Convert.ToHexString(digest.GetHashAndReset()));
    }

    private async Task SayAsync(NetworkStream stream, string reply) =>
        await stream.WriteAsync(Encoding.ASCII.GetBytes(reply + "\r\n"), _stopping.Token);

    // Lines with their CRLF; the next one overwrites the present.
    private sealed class LineReader(Stream stream)
    {
        private readonly byte[] _buffer = new byte[256 * 1024];
        private int _start;
        private int _end;

        public ReadOnlyMemory<byte> Line { get; private set; }

        public async ValueTask<bool> NextAsync(CancellationToken cancellationToken)
        {
            while (true)
            {
                var length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8);
                if (length >= 0)
                {
                    Line = _buffer.AsMemory(_start, length + 2);
                    _start += length + 2;
                    return true;
                }

                Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
                (_start, _end) = (0, _end - _start);
                var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
                if (read == 0) return false;
                _end += read;
            }
        }
    }
}
