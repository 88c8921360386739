using System.Net;
using System.Net.Sockets;

namespace Postern.Smtp.Transport;

/// <summary>
/// A bound address with an accept loop of its own, so that one listener can be closed and bound again while the
/// connections of all go on. Kestrel's <c>IConnectionListener</c> retries a failed accept at once and would spin when
/// descriptors run out (V8); this loop backs off. Owned by one caller; the handler is called on pool threads.
/// </summary>
public sealed class SocketListener : IAsyncDisposable
{
    /// <summary>Connections the kernel holds for us while we are busy or out of descriptors.</summary>
    private const int Backlog = 512;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly Socket _socket;
    private readonly Action<Socket> _accepted;
    private readonly Action<string> _failing;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _loop;

    private SocketListener(Socket socket, Action<Socket> accepted, Action<string> failing, TimeProvider time)
    {
        (_socket, _accepted, _failing, _time) = (socket, accepted, failing, time);
        EndPoint = (IPEndPoint)socket.LocalEndPoint!;
        _loop = Task.Run(AcceptAsync);
    }

    /// <summary>The address that is bound, with the port the system chose where 0 was asked for.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Binds and begins to accept.</summary>
    /// <param name="address">Port 0: the system chooses. <c>[::]</c> takes IPv4 as well.</param>
    /// <param name="accepted">Takes each socket and owns it; returns at once and does not throw.</param>
    /// <param name="failing">Told once when accepting begins to fail, with the reason.</param>
    /// <param name="time">For the pauses after failures.</param>
    /// <returns>The listener, or the reason in words why the address cannot be bound.</returns>
    public static (SocketListener? Listener, string? Error) Bind(
        IPEndPoint address, Action<Socket> accepted, Action<string> failing, TimeProvider time)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Address.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
            // Accepted sockets inherit it; replies are small and must not wait for each other.
            socket.NoDelay = true;
            socket.Bind(address);
            socket.Listen(Backlog);
            return (new SocketListener(socket, accepted, failing, time), null);
        }
        catch (SocketException refused)
        {
            socket.Dispose();
            return (null, $"{address} cannot be bound: {refused.Message}");
        }
    }

    /// <summary>Closes the address; connections that were accepted go on.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        _socket.Dispose();
        await _loop.ConfigureAwait(false);
        _closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        var pause = TimeSpan.Zero;
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                var socket = await _socket.AcceptAsync(_closing.Token).ConfigureAwait(false);
                pause = TimeSpan.Zero;
                _accepted(socket);
            }
            catch (Exception closed) when (closed is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException failed)
            {
                if (_closing.IsCancellationRequested || IsOfOneConnection(failed.SocketErrorCode)) continue;
                if (pause == TimeSpan.Zero) _failing($"{EndPoint} cannot accept connections: {failed.Message}");
                pause = pause == TimeSpan.Zero ? FirstPause : pause < LongestPause / 2 ? pause * 2 : LongestPause;
                await PauseAsync(pause).ConfigureAwait(false);
            }
        }
    }

    // The client left between the kernel's accept and ours; the next one is not concerned.
    private static bool IsOfOneConnection(SocketError error) =>
        error is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Interrupted;

    private async Task PauseAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, _time, _closing.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The listener closes; the loop's condition sees it.
            return;
        }
    }
}
