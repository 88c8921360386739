using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Postern.Mail;

namespace Postern.Delivery.Deciding;

/// <summary>
/// Hosts as an operator names them: an address, a name, or an entry as a route has it. Without a port all ports are
/// meant. A name means the entry, whatever its addresses. Immutable.
/// </summary>
/// <param name="Host">An address in its shortest form, or a name in A-labels.</param>
/// <param name="Port">1 to 65535; null: all.</param>
public sealed record HostSelector(string Host, int? Port)
{
    /// <summary>Reads <c>10.0.0.1:25</c>, <c>[2001:db8::1]:25</c>, <c>relay.example</c>, <c>[relay.example]:587</c>.
    /// </summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out HostSelector? selector)
    {
        selector = null;
        var (host, port) = Split(text);
        if (host is null) return false;
        int? number = null;
        if (port is not null)
        {
            if (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed)
                || parsed is < 1 or > 65535) return false;
            number = parsed;
        }
        if (IPAddress.TryParse(host, out var address))
        {
            // 10.1 is an address to .NET; to an operator it is a slip.
            if (address.AddressFamily == AddressFamily.InterNetwork && address.ToString() != host) return false;
            // The hosts of routes are known by their shortest form (RFC 4291 §2.5.5.2).
            if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
            selector = new(address.ToString(), number);
        }
        else if (Domain.TryParse(host, out var domain))
        {
            selector = new(domain.Name, number);
        }
        return selector is not null;
    }

    /// <summary>The host is one of those that are meant.</summary>
    public bool Matches(HostKey key) => key.Host == Host && (Port is null || Port == key.Port);

    /// <summary>All hosts that the other one means are meant.</summary>
    public bool Covers(HostSelector other) => other.Host == Host && (Port is null || Port == other.Port);

    /// <inheritdoc/>
    public override string ToString() => Port is { } port ? new HostKey(Host, port).ToString() : Host;

    private static (string? Host, string? Port) Split(string text)
    {
        if (text.StartsWith('['))
        {
            var end = text.IndexOf(']', StringComparison.Ordinal);
            if (end < 0) return (null, null);
            var rest = text[(end + 1)..];
            return rest.Length == 0 ? (text[1..end], null) : rest[0] == ':' ? (text[1..end], rest[1..]) : (null, null);
        }
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        // Two colons without brackets: an IPv6 address, which takes no port.
        if (colon < 0 || text.IndexOf(':', colon + 1) >= 0) return (text, null);
        return (text[..colon], text[(colon + 1)..]);
    }
}
