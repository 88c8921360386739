using System.Net;
using System.Net.Sockets;

namespace Postern.Mail;

/// <summary>An address where a domain could stand (RFC 5321 §4.1.3).</summary>
public static class AddressLiteral
{
    /// <summary><c>[10.0.0.1]</c> or <c>[IPv6:2001:db8::1]</c>.</summary>
    public static string Of(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[IPv6:{address}]" : $"[{address}]";
}
