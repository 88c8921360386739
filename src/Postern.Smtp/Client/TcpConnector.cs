using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Postern.Smtp.Client;

/// <summary>Makes the TCP connection of a session.</summary>
internal static class TcpConnector
{
    // ip(7): the port is chosen at connect, when the destination is known, so that a bound source address does not
    // limit all destinations together to one range of ports.
    private const int IpBindAddressNoPort = 24;

    /// <summary>
    /// Connects within the time-out of <paramref name="options"/> and hands the socket over. A source address is for
    /// destinations of its family; for others the system chooses.
    /// </summary>
    /// <returns>What <paramref name="begin"/> made of the socket, or the fault in its place.</returns>
    public static async ValueTask<(SmtpClientSession? Session, SmtpFault? Fault)> ConnectAsync(
        IPEndPoint destination, IPAddress? source, SmtpClientOptions options, TimeProvider time,
        Func<Socket, SmtpClientSession> begin, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        Socket? socket = null;
        try
        {
            socket = new Socket(destination.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            if (source?.AddressFamily == destination.AddressFamily) Bind(socket, source);
            await socket.ConnectAsync(destination, either.Token).ConfigureAwait(false);
            var session = begin(socket);
            socket = null;
            return (session, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, new SmtpFault(SmtpStage.Connect, SmtpFaultKind.TimedOut, NetworkErrors.ConnectTimedOut));
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            return (null, new SmtpFault(SmtpStage.Connect, SmtpFaultKind.Lost, NetworkErrors.Describe(error)));
        }
        finally
        {
            socket?.Dispose();
        }
    }

    /// <summary>The source address that a connection to <paramref name="destination"/> has.</summary>
    /// <returns>Null when the system has no way there.</returns>
    public static IPAddress? SourceTowards(IPEndPoint destination, IPAddress? source)
    {
        if (source?.AddressFamily == destination.AddressFamily) return source;
        try
        {
            // connect(2) on a datagram socket sends nothing: the system only chooses the way.
            using var probe = new Socket(destination.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            probe.Connect(destination);
            return ((IPEndPoint)probe.LocalEndPoint!).Address;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static void Bind(Socket socket, IPAddress source)
    {
        if (OperatingSystem.IsLinux())
        {
            socket.SetRawSocketOption(0, IpBindAddressNoPort, MemoryMarshal.AsBytes<int>([1]));
        }

        socket.Bind(new IPEndPoint(source, 0));
    }
}
