using System.Net;
using Postern.Configuration;
using Postern.Mail;
using Postern.Routing;

namespace Postern.Running;

/// <summary>
/// DNS as the configuration wants it now. Delivery and Reception keep this one object; a reload replaces what is
/// behind it, cache included. May be used by several threads.
/// </summary>
internal sealed class GatewayDns(TimeProvider time, Random random) : INextHopResolver
{
    private readonly HostsFile hosts = new();
    private volatile Parts? parts;
    private (string HostName, DnsSettings Settings)? used;

    /// <summary>Takes up new settings; questions on their way go on with the old servers. For one thread.</summary>
    public void Use(string hostName, DnsSettings settings)
    {
        if (used is { } before && before.HostName == hostName && Same(before.Settings, settings)) return;
        var dns = new CachingDnsSource(new DnsClientSource(settings.Servers), time);
        var own = Domain.TryParse(hostName, out var name) ? new[] { name } : [];
        var options = new NextHopOptions { OwnNames = own, RefuseNetworks = settings.RefuseNetworks };
        parts = new Parts(new NextHopResolver(dns, options, random), new ReverseName(dns, time, hosts), dns);
        used = (hostName, settings);
    }

    /// <summary>Forgets all answers.</summary>
    public void Flush() => parts!.Cache.Flush();

    /// <inheritdoc/>
    public Task<NextHops> ResolveMxAsync(
        Domain name, bool fromRoute, IpPreference preference, CancellationToken cancellationToken) =>
        parts!.Resolver.ResolveMxAsync(name, fromRoute, preference, cancellationToken);

    /// <inheritdoc/>
    public Task<NextHops> ResolveAddressesAsync(
        Domain name, bool fromRoute, IpPreference preference, CancellationToken cancellationToken) =>
        parts!.Resolver.ResolveAddressesAsync(name, fromRoute, preference, cancellationToken);

    /// <inheritdoc/>
    public bool MayDeliverTo(IPAddress address) => parts!.Resolver.MayDeliverTo(address);

    /// <summary>The name of a client, for Reception.</summary>
    public async ValueTask<(string? Name, bool Verified)> FindClientAsync(
        IPAddress client, CancellationToken cancellationToken) =>
        await parts!.Reverse.FindAsync(client, cancellationToken);

    private static bool Same(DnsSettings one, DnsSettings other) =>
        one.Servers.SequenceEqual(other.Servers) && one.RefuseNetworks.SequenceEqual(other.RefuseNetworks);

    private sealed record Parts(NextHopResolver Resolver, ReverseName Reverse, CachingDnsSource Cache);
}
