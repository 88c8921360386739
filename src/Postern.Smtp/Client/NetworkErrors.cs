using System.Globalization;
using System.Net.Sockets;

namespace Postern.Smtp.Client;

/// <summary>
/// Network errors in the words of the mail log: <c>[Errno 111] Connection refused</c>, numbers of Linux.
/// </summary>
internal static class NetworkErrors
{
    /// <summary>The host ended the connection in good order, where it owed something.</summary>
    public const string ClosedByHost = "connection closed by the host";

    /// <summary>The words for a connection attempt that took too long.</summary>
    public static string ConnectTimedOut => Describe(SocketError.TimedOut, 0, "");

    /// <summary>The words for what broke a connection.</summary>
    public static string Describe(Exception error)
    {
        var socketError = error as SocketException ?? error.InnerException as SocketException;
        return socketError is null
            ? error.Message
            : Describe(socketError.SocketErrorCode, socketError.NativeErrorCode, socketError.Message);
    }

    private static string Describe(SocketError error, int native, string message)
    {
        var (number, text) = error switch
        {
            SocketError.AccessDenied => (13, "Permission denied"),
            SocketError.TooManyOpenSockets => (24, "Too many open files"),
            SocketError.Shutdown => (32, "Broken pipe"),
            SocketError.AddressAlreadyInUse => (98, "Address already in use"),
            SocketError.AddressNotAvailable => (99, "Cannot assign requested address"),
            SocketError.AddressFamilyNotSupported => (97, "Address family not supported by protocol"),
            SocketError.NetworkDown => (100, "Network is down"),
            SocketError.NetworkUnreachable => (101, "Network is unreachable"),
            SocketError.NetworkReset => (102, "Network dropped connection on reset"),
            SocketError.ConnectionAborted => (103, "Software caused connection abort"),
            SocketError.ConnectionReset => (104, "Connection reset by peer"),
            SocketError.NoBufferSpaceAvailable => (105, "No buffer space available"),
            SocketError.TimedOut => (110, "Connection timed out"),
            SocketError.ConnectionRefused => (111, "Connection refused"),
            SocketError.HostDown => (112, "Host is down"),
            SocketError.HostUnreachable => (113, "No route to host"),
            _ => (native, message),
        };
        return string.Create(CultureInfo.InvariantCulture, $"[Errno {number}] {text}");
    }
}
