using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Postern.TestHosts;

namespace Failover;

/// <summary>
/// One connection at a destination host. A message's number is the local part of its recipient.
/// </summary>
internal sealed class HostConnection : IDisposable
{
    private static readonly byte[] Extensions = Encoding.ASCII.GetBytes(
        "250-host.example\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n");

    private readonly Lock _lock = new();
    private readonly DestinationHost _host;
    private readonly NetworkStream _stream;
    private readonly HostReader _reader;
    private readonly CancellationToken _stopping;
    private readonly List<int> _messages = [];
    private bool _inTransaction;
    private bool _isLeaving;

    public HostConnection(DestinationHost host, Socket socket, bool cameAfterTrouble, CancellationToken stopping)
    {
        socket.NoDelay = true;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = new HostReader(_stream);
        (_host, _stopping, CameAfterTrouble) = (host, stopping, cameAfterTrouble);
    }

    public bool CameAfterTrouble { get; }

    public bool HasAcceptedRecipient { get; private set; }

    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Starts it; <paramref name="closed"/> is called at its end.</summary>
    public void Begin(Action<HostConnection> closed) => Ended = RunAsync(closed);

    /// <summary>Ends it, behind the transaction that is under way.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _isLeaving = true;
            if (!_inTransaction)
            {
                Dispose();
            }
        }
    }

    public void Dispose() => _stream.Dispose();

    private async Task RunAsync(Action<HostConnection> closed)
    {
        await Task.Yield();
        try
        {
            await TalkAsync();
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The gateway has left, or this host does.
        }
        finally
        {
            Dispose();
            closed(this);
        }
    }

    private async Task TalkAsync()
    {
        if (_host.Trouble == Trouble.Silent)
        {
            await _host.Recovered.WaitAsync(_stopping);
        }

        if (_host.Trouble == Trouble.Banner421)
        {
            await SayAsync("421 4.3.2 host.example is closed");
            return;
        }

        await SayAsync("220 host.example ESMTP");
        while (await _reader.ReadLineAsync(_stopping) is { } line)
        {
            if (!await ObeyAsync(line))
            {
                return;
            }
        }
    }

    private async Task<bool> ObeyAsync(string line)
    {
        switch (line.Length < 4 ? line : line[..4].ToUpperInvariant())
        {
            case "EHLO":
                await _stream.WriteAsync(Extensions, _stopping);
                return true;
            case "HELO":
                return await SayAsync("250 host.example");
            case "MAIL":
                return await MailAsync();
            case "RCPT":
                return await RcptAsync(line);
            case "DATA":
                return await DataAsync();
            case "RSET":
                return End() && await SayAsync("250 2.0.0 reset");
            case "QUIT":
                await SayAsync("221 2.0.0 bye");
                return false;
            default:
                return await SayAsync("502 5.5.1 unknown");
        }
    }

    private async Task<bool> MailAsync()
    {
        lock (_lock)
        {
            if (_isLeaving)
            {
                return false;
            }

            _inTransaction = _host.Trouble != Trouble.Mail452;
        }

        _messages.Clear();
        return await SayAsync(_inTransaction ? "250 2.1.0 ok" : "452 4.3.1 Insufficient system storage");
    }

    private async Task<bool> RcptAsync(string line)
    {
        if (!_inTransaction)
        {
            return await SayAsync("503 5.5.1 MAIL first");
        }

        if (_host.Trouble == Trouble.Rcpt451)
        {
            return await SayAsync("451 4.3.0 Temporary lookup failure");
        }

        var begin = line.IndexOf('<', StringComparison.Ordinal) + 1;
        var number = line.AsSpan(begin, line.IndexOf('@', StringComparison.Ordinal) - begin);
        _messages.Add(int.Parse(number, CultureInfo.InvariantCulture));
        HasAcceptedRecipient = true;
        return await SayAsync("250 2.1.5 ok");
    }

    private async Task<bool> DataAsync()
    {
        if (_messages.Count == 0)
        {
            return await SayAsync("503 5.5.1 no valid recipients");
        }

        await SayAsync("354 go on");
        var (_, dot) = await _reader.ReadContentAsync(null, _stopping);
        if (!dot)
        {
            return false;
        }

        _messages.ForEach(_host.Take);
        _messages.Clear();
        await SayAsync("250 2.0.0 accepted");
        return End();
    }

    // False: the host is to be left now.
    private bool End()
    {
        _messages.Clear();
        lock (_lock)
        {
            _inTransaction = false;
            return !_isLeaving;
        }
    }

    private async Task<bool> SayAsync(string reply)
    {
        await _stream.WriteAsync(Encoding.ASCII.GetBytes(reply + "\r\n"), _stopping);
        return true;
    }
}
