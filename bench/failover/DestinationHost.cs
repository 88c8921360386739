using System.Net;
using System.Net.Sockets;

namespace Failover;

/// <summary>One of the two hosts: takes every message and forgets it, unless it is in trouble. Thread-safe.</summary>
internal sealed class DestinationHost : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<HostConnection> _open = [];
    private readonly List<Task> _accepting = [];
    private readonly Action<int> _delivered;
    private IPEndPoint _endPoint;
    private Socket? _listener;
    private readonly TaskCompletionSource _recovered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<TimeSpan> _usedAgain =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Trouble _trouble;
    private long _recovery;
    private bool _hasFailed;
    private int _messages;
    private int _fruitless;

    /// <param name="address">Of loopback.</param>
    /// <param name="port">1 to 65535, or 0 for one that is free.</param>
    /// <param name="delivered">Told the number of each message that it takes, before its reply.</param>
    public DestinationHost(string address, int port, Action<int> delivered)
    {
        (_endPoint, _delivered) = (new IPEndPoint(IPAddress.Parse(address), port), delivered);
        Listen();
    }

    /// <summary>Where it listens, or listened.</summary>
    public int Port => _endPoint.Port;

    public Trouble Trouble => _trouble;

    /// <summary>Messages that it took.</summary>
    public int Messages => Volatile.Read(ref _messages);

    /// <summary>Connections that it took after its trouble began and that had no accepted recipient.</summary>
    public int Fruitless => Volatile.Read(ref _fruitless);

    /// <summary>How long it took from <see cref="Recover"/> until it took its first message.</summary>
    public Task<TimeSpan> UsedAgain => _usedAgain.Task;

    /// <summary>Done when it is well again.</summary>
    public Task Recovered => _recovered.Task;

    /// <summary>
    /// Begins the trouble. Where it is about new connections the open ones end in good order, behind the transaction
    /// that is under way, so that no outcome is uncertain.
    /// </summary>
    public void Fail(Trouble trouble)
    {
        HostConnection[] open;
        lock (_lock)
        {
            (_trouble, _hasFailed) = (trouble, true);
            open = trouble is Trouble.Mail452 or Trouble.Rcpt451 ? [] : [.. _open];
            if (trouble == Trouble.Refuses)
            {
                _listener!.Dispose();
            }
        }

        foreach (var connection in open)
        {
            connection.Leave();
        }
    }

    /// <summary>Ends the trouble, once; connections that got no banner get it now.</summary>
    public void Recover()
    {
        lock (_lock)
        {
            if (_trouble == Trouble.Refuses)
            {
                Listen();
            }

            _trouble = Trouble.None;
        }

        _recovery = TimeProvider.System.GetTimestamp();
        _recovered.SetResult();
    }

    public void Take(int message)
    {
        Interlocked.Increment(ref _messages);
        _delivered(message);
        if (_recovered.Task.IsCompleted)
        {
            _usedAgain.TrySetResult(TimeProvider.System.GetElapsedTime(_recovery));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        await _stopping.CancelAsync();
        _listener!.Dispose();
        await Task.WhenAll(_accepting);
        while (Open() is [var connection, ..])
        {
            connection.Dispose();
            await connection.Ended;
        }

        _stopping.Dispose();
    }

    private HostConnection[] Open()
    {
        lock (_lock)
        {
            return [.. _open];
        }
    }

    private void Listen()
    {
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Bind(_endPoint);
        _endPoint = (IPEndPoint)_listener.LocalEndPoint!;
        _listener.Listen(2000);
        _accepting.Add(AcceptAsync(_listener));
    }

    private async Task AcceptAsync(Socket listener)
    {
        await Task.Yield();
        while (true)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync(_stopping.Token);
            }
            catch (Exception end) when (end is OperationCanceledException or ObjectDisposedException
                or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return;
            }

            lock (_lock)
            {
                var connection = new HostConnection(this, socket, _hasFailed, _stopping.Token);
                _open.Add(connection);
                connection.Begin(Closed);
            }
        }
    }

    private void Closed(HostConnection connection)
    {
        lock (_lock)
        {
            _open.Remove(connection);
            if (connection is { CameAfterTrouble: true, HasAcceptedRecipient: false })
            {
                _fruitless++;
            }
        }
    }
}
