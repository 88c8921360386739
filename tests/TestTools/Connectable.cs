using System.Net;
using System.Net.Sockets;

namespace TestTools;

/// <summary>Waits for a program that says nothing when it listens.</summary>
internal static class Connectable
{
    private const int Attempts = 1000;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Tries until a connection to a port of loopback is taken.</summary>
    public static async Task WaitAsync(int port, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancel);
                return;
            }
            catch (SocketException)
            {
                await timer.WaitForNextTickAsync(cancel);
            }
        }

        throw new RunException($"nobody listens on port {port}");
    }
}
