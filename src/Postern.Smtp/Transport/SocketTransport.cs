using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace Postern.Smtp.Transport;

/// <summary>
/// Makes Kestrel's socket connections of accepted sockets; one for all listeners, so that they share its queues and its
/// memory. Owned by whoever owns the listeners. May be used by several threads.
/// </summary>
public sealed class SocketTransport : IDisposable
{
    /// <summary>
    /// Octets read ahead of a session, and octets of replies that wait for a client: when they are reached, the socket
    /// is no longer read or the session waits (V4). A session costs a few buffers of memory whatever the client sends.
    /// </summary>
    public const int MaxBuffer = 65_536;

    private readonly SocketConnectionContextFactory _factory = new(
        new SocketConnectionFactoryOptions { MaxReadBufferSize = MaxBuffer, MaxWriteBufferSize = MaxBuffer },
        NullLogger.Instance);

    /// <summary>The connection of an accepted socket, which it owns from now on.</summary>
    public ConnectionContext Connect(Socket socket) => _factory.Create(socket);

    /// <inheritdoc/>
    public void Dispose() => _factory.Dispose();
}
