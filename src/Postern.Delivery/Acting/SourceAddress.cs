using System.Net;
using System.Net.Sockets;

namespace Postern.Delivery.Acting;

/// <summary>The source address of a connection that never came to be, for its line in the mail log.</summary>
internal static class SourceAddress
{
    /// <summary>
    /// The address the system would have connected from; null where it has none for this destination.
    /// </summary>
    public static IPAddress? Toward(IPEndPoint destination)
    {
        try
        {
            // Connecting a datagram socket asks the routing table and sends nothing.
            using var socket = new Socket(destination.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(destination);
            return ((IPEndPoint)socket.LocalEndPoint!).Address;
        }
        catch (SocketException)
        {
            // No way there: the log shows the address as unknown, and what failed stands beside it.
            return null;
        }
    }
}
