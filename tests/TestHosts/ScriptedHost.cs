using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Postern.TestHosts;

/// <summary>
/// A destination host for tests: a real SMTP listener on loopback that does what its <see cref="Script"/> says, and
/// keeps what it was told. Safe for several threads.
/// </summary>
public sealed class ScriptedHost : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<(int Connection, string Line)> _commands = [];
    private readonly List<HostTransaction> _transactions = [];
    private readonly Dictionary<int, HostSession> _open = [];
    private readonly List<string> _names = [];
    private readonly List<Task> _running = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Socket? _listener;
    private int _connections;
    private int _mostOpen;
    private int _socketBuffer;
    private volatile HostScript _script;

    private ScriptedHost(HostScript script, IPEndPoint endPoint) => (_script, EndPoint) = (script, endPoint);

    /// <summary>Where it listens, or listened.</summary>
    public IPEndPoint EndPoint { get; private set; }

    /// <summary>Its behaviour from the next command on.</summary>
    public HostScript Script
    {
        get => _script;
        set => _script = value;
    }

    /// <summary>Connections so far.</summary>
    public int Connections => Locked(() => _connections);

    /// <summary>Connections that are open now.</summary>
    public int OpenConnections => Locked(() => _open.Count);

    /// <summary>The most that were open at a time.</summary>
    public int MostOpenConnections => Locked(() => _mostOpen);

    /// <summary>Every command, without CRLF and without content, with the number of its connection.</summary>
    public IReadOnlyList<(int Connection, string Line)> Commands => Locked(() => _commands.ToArray());

    /// <summary>The names that clients gave in TLS (RFC 6066 §3), one for each handshake; empty: none.</summary>
    public IReadOnlyList<string> Names => Locked(() => _names.ToArray());

    /// <summary>Every transaction that was begun.</summary>
    public IReadOnlyList<HostTransaction> Transactions => Locked(() => _transactions.ToArray());

    /// <summary>The messages it took.</summary>
    public IReadOnlyList<HostTransaction> Taken =>
        Locked(() => _transactions.Where(transaction => transaction.IsTaken).ToArray());

    /// <summary>
    /// Starts a host on a loopback address, on a port that the system chooses unless one is given.
    /// <paramref name="socketBuffer"/> octets, 0 for the system's choice, are what the kernel holds for it each way.
    /// </summary>
    public static ScriptedHost Start(
        HostScript? script = null, string address = "127.0.0.1", int port = 0, int socketBuffer = 0)
    {
        var host = new ScriptedHost(script ?? new HostScript(), new IPEndPoint(IPAddress.Parse(address), port))
        {
            _socketBuffer = socketBuffer,
        };
        host.Listen();
        return host;
    }

    /// <summary>Listens again, on the same port.</summary>
    public void Listen()
    {
        var listener = new Socket(EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        if (_socketBuffer > 0) (listener.ReceiveBufferSize, listener.SendBufferSize) = (_socketBuffer, _socketBuffer);
        listener.Bind(EndPoint);
        listener.Listen(512);
        EndPoint = (IPEndPoint)listener.LocalEndPoint!;
        Locked(() =>
        {
            _listener = listener;
            _running.Add(Task.Run(() => AcceptAsync(listener)));
        });
    }

    /// <summary>Refuses connections from now on; those that are open stay.</summary>
    public void StopListening()
    {
        Socket? listener = null;
        Locked(() => (listener, _listener) = (_listener, null));
        listener?.Dispose();
    }

    /// <summary>Resets every open connection.</summary>
    public void ResetConnections()
    {
        foreach (var session in Locked(() => _open.Values.ToArray())) session.Reset();
    }

    /// <summary>Says a line on every open connection, which nobody asked for, and closes it.</summary>
    public void CloseConnections(string line)
    {
        foreach (var session in Locked(() => _open.Values.ToArray())) session.Leave(line);
    }

    /// <summary>Closes every open connection.</summary>
    public void CloseConnections()
    {
        foreach (var session in Locked(() => _open.Values.ToArray())) session.Dispose();
    }

    /// <summary>Waits until <paramref name="condition"/> is true of this host.</summary>
    public async Task WaitForAsync(Func<ScriptedHost, bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed = Locked(() => _changed.Task);
            if (condition(this)) return;
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        StopListening();
        CloseConnections();
        await Task.WhenAll(Locked(() => _running.ToArray())).ConfigureAwait(false);
        _stopping.Dispose();
    }

    internal void Note(int connection, string line) => Locked(() =>
    {
        _commands.Add((connection, line));
        Pulse();
    });

    internal void NoteName(string name) => Locked(() => _names.Add(name));

    internal void Began(HostTransaction transaction) => Locked(() =>
    {
        _transactions.Add(transaction);
        Pulse();
    });

    internal void Changed() => Locked(Pulse);

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stopping.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync(_stopping.Token).ConfigureAwait(false);
            }
            catch (Exception error) when (
                error is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                return; // The listener was stopped.
            }

            socket.NoDelay = true;
            Locked(() => _running.Add(Task.Run(() => ServeAsync(socket))));
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        HostSession session = null!;
        var number = 0;
        Locked(() =>
        {
            number = ++_connections;
            session = new HostSession(this, socket, number, _stopping.Token);
            _open.Add(number, session);
            _mostOpen = Math.Max(_mostOpen, _open.Count);
            Pulse();
        });
        try
        {
            await session.RunAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException
            or OperationCanceledException or AuthenticationException)
        {
            // The client or the test ended the connection.
        }
        finally
        {
            session.Dispose();
            Locked(() =>
            {
                _open.Remove(number);
                Pulse();
            });
        }
    }

    private void Pulse()
    {
        _changed.TrySetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private void Locked(Action action)
    {
        lock (_lock) action();
    }

    private T Locked<T>(Func<T> read)
    {
        lock (_lock) return read();
    }
}
