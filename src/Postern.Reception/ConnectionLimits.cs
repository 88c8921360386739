using System.Buffers.Binary;
using System.Net;
using Postern.Smtp.Server;

namespace Postern.Reception;

/// <summary>
/// Counts connections, in all and by client (D7). Its memory is bounded by the connections there are. Thread-safe.
/// </summary>
internal sealed class ConnectionLimits
{
    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, int> _byClient = [];
    private int _total;

    /// <summary>Connections now.</summary>
    public int Total => Volatile.Read(ref _total);

    /// <summary>Counts a connection in, or says with which reply it is refused.</summary>
    /// <param name="client">Its address.</param>
    /// <param name="trusted">A client of <c>relay_from</c>, which has no limit of its own.</param>
    /// <param name="options">The limits.</param>
    public ServerReply? Enter(IPAddress client, bool trusted, ReceptionOptions options)
    {
        lock (_lock)
        {
            if (_total >= options.MaxConnections) return Replies.TooManyConnections;
            var key = KeyOf(client);
            var count = _byClient.GetValueOrDefault(key);
            if (!trusted && count >= options.MaxConnectionsPerClient) return Replies.TooManyFromClient;
            _byClient[key] = count + 1;
            _total++;
            return null;
        }
    }

    /// <summary>Counts out what <see cref="Enter"/> let in.</summary>
    public void Leave(IPAddress client)
    {
        lock (_lock)
        {
            var key = KeyOf(client);
            if (_byClient[key] == 1) _byClient.Remove(key);
            else _byClient[key]--;
            _total--;
        }
    }

    // A customer has a whole IPv6 /64 (RFC 6177 §2); IPv4 addresses count one by one.
    private static UInt128 KeyOf(IPAddress client)
    {
        Span<byte> octets = stackalloc byte[16];
        client.MapToIPv6().TryWriteBytes(octets, out _);
        if (!client.MapToIPv6().IsIPv4MappedToIPv6) octets[8..].Clear();
        return BinaryPrimitives.ReadUInt128BigEndian(octets);
    }
}
