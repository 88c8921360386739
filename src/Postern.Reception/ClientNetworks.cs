using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Postern.Reception;

/// <summary>The networks of <c>relay_from</c>. Immutable; IPv4-mapped addresses match as IPv4 (N13).</summary>
public sealed class ClientNetworks
{
    /// <summary>No network.</summary>
    public static readonly ClientNetworks None = new([]);

    private readonly (IPNetwork Network, string Text)[] _networks;

    private ClientNetworks((IPNetwork, string)[] networks) => _networks = networks;

    /// <summary>Reads prefixes (<c>10.0.0.0/8</c>, <c>2001:db8::/32</c>) and single addresses.</summary>
    /// <param name="entries">In the order in which they are tried.</param>
    /// <param name="networks">All of them.</param>
    /// <param name="error">Names the entry that is none, and why.</param>
    public static bool TryParse(
        IEnumerable<string> entries, [NotNullWhen(true)] out ClientNetworks? networks,
        [NotNullWhen(false)] out string? error)
    {
        networks = null;
        var read = new List<(IPNetwork, string)>();
        foreach (var entry in entries)
        {
            if (!TryParseEntry(entry, out var network))
            {
                error = $"'{entry}' is no network: an address or a prefix such as 10.0.0.0/8 whose host bits are zero";
                return false;
            }

            read.Add((network, entry));
        }

        error = null;
        networks = new ClientNetworks([.. read]);
        return true;
    }

    /// <summary>The entry that has the address, as written; null: none.</summary>
    public string? Match(IPAddress client)
    {
        if (client.IsIPv4MappedToIPv6) client = client.MapToIPv4();
        foreach (var (network, text) in _networks)
        {
            if (network.Contains(client)) return text;
        }

        return null;
    }

    private static bool TryParseEntry(string entry, out IPNetwork network)
    {
        network = default;
        // The library would also take 10.1 or 0x7f.1 for an IPv4 address, and a scope id.
        var slash = entry.IndexOf('/', StringComparison.Ordinal);
        var address = slash < 0 ? entry : entry[..slash];
        if (!IPAddress.TryParse(address, out var parsed) || address.Contains('%', StringComparison.Ordinal))
            return false;
        if (!address.Contains(':', StringComparison.Ordinal) && parsed.ToString() != address) return false;
        // Host bits in a prefix are a slip that would open more than was meant.
        if (slash >= 0) return IPNetwork.TryParse(entry, out network) && network.BaseAddress.Equals(parsed);
        network = new IPNetwork(parsed, parsed.GetAddressBytes().Length * 8);
        return true;
    }
}
