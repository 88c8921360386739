using System.Net;
using System.Net.Sockets;

namespace Postern.Routing;

/// <summary>
/// The name of a client: that of the hosts file, else PTR, confirmed by the addresses of that name. May be used by
/// several threads.
/// </summary>
public sealed class ReverseName(IDnsSource dns, TimeProvider time, HostsFile hosts)
{
    /// <summary>The longest a lookup takes; after that the name is unknown.</summary>
    public static readonly TimeSpan LongestTime = TimeSpan.FromSeconds(5);

    /// <summary>PTR records that are checked.</summary>
    public const int MaxNames = 5;

    /// <summary>Finds the name. Fails in no way: what cannot be found out is unknown.</summary>
    /// <returns>The first name that leads back to the address, verified; else the first name; else null.</returns>
    public async Task<(string? Name, bool Verified)> FindAsync(IPAddress address, CancellationToken cancellationToken)
    {
        if (hosts.NameOf(address) is { } known) return (known, true);
        var client = AddressText.Normal(address);
        using var bound = new CancellationTokenSource(LongestTime, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        string? first = null;
        try
        {
            var answer = await dns.LookupPointerAsync(client, both.Token).ConfigureAwait(false);
            foreach (var name in answer.Records.Take(MaxNames))
            {
                first ??= name.Name;
                var v6 = client.AddressFamily == AddressFamily.InterNetworkV6;
                var forward = await dns.LookupAddressesAsync(name, v6, both.Token).ConfigureAwait(false);
                if (forward.Records.Contains(client)) return (name.Name, true);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (first, false);
        }
        return (first, false);
    }
}
