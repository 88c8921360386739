using System.Net;
using Postern.Mail;

namespace Postern.Routing;

/// <summary>
/// The rules of RFC 5321 §5.1 over a source of DNS answers. It keeps nothing; give it a <see cref="CachingDnsSource"/>.
/// May be used by several threads.
/// </summary>
public sealed class NextHopResolver(IDnsSource dns, NextHopOptions options, Random random) : INextHopResolver
{
    /// <summary>Hosts of an MX list that are looked up, the best first.</summary>
    public const int MaxHosts = 20;

    /// <summary>Addresses that are kept, over all hosts.</summary>
    public const int MaxAddresses = 100;

    /// <summary>Addresses of a host that are kept, of each family.</summary>
    public const int MaxAddressesPerFamily = 10;

    private readonly Lock _randomLock = new();

    /// <inheritdoc/>
    public async Task<NextHops> ResolveMxAsync(
        Domain name, bool fromRoute, IpPreference preference, CancellationToken cancellationToken)
    {
        var answer = await dns.LookupMxAsync(name, cancellationToken).ConfigureAwait(false);
        switch (answer.Status)
        {
            case DnsStatus.NxDomain:
                return Nowhere(NextHopFailure.NxDomain, Hard(name, "MX", "NXDomain"), answer.TimeToLive);
            case DnsStatus.TemporaryFailure:
                return Nowhere(NextHopFailure.Temporary, Soft(name, "MX", answer.Error), answer.TimeToLive);
            case DnsStatus.NoData when !fromRoute && options.OwnNames.Contains(name):
                return Nowhere(NextHopFailure.Refused, $"{name} is this gateway itself", answer.TimeToLive);
            case DnsStatus.NoData:
                // RFC 5321 §5.1: without MX records the name itself is the host, with preference 0.
                return await ResolveHostsAsync(
                    [new(0, name)], answer.TimeToLive, fromRoute, preference, cancellationToken).ConfigureAwait(false);
            default:
                return await ResolveListAsync(name, answer, fromRoute, preference, cancellationToken)
                    .ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public Task<NextHops> ResolveAddressesAsync(
        Domain name, bool fromRoute, IpPreference preference, CancellationToken cancellationToken) =>
        ResolveHostsAsync([new(0, name)], TimeSpan.MaxValue, fromRoute, preference, cancellationToken);

    // MX records are there: whatever comes of them, the addresses of the domain itself are never used (N5).
    private Task<NextHops> ResolveListAsync(
        Domain name, DnsAnswer<MxRecord> answer, bool fromRoute, IpPreference preference,
        CancellationToken cancellationToken)
    {
        var hosts = new List<MxHost>();
        foreach (var record in answer.Records)
        {
            if (record.Exchange is { } exchange) hosts.Add(new(record.Preference, exchange));
        }
        if (hosts.Count == 0)
        {
            return Task.FromResult(answer.Records.Count > 0
                ? Nowhere(NextHopFailure.NullMx, $"{name} accepts no mail (null MX)", answer.TimeToLive)
                : Nowhere(NextHopFailure.NoAddress, Hard(name, "MX", "no MX record names a host"), answer.TimeToLive));
        }
        // RFC 5321 §5.1: where our own name stands, that preference and all worse ones are taken out (N1, CL04).
        var own = hosts.Where(h => options.OwnNames.Contains(h.Name)).Select(h => (int?)h.Preference).Min();
        if (own is not null) hosts.RemoveAll(h => h.Preference >= own);
        if (hosts.Count == 0)
        {
            return Task.FromResult(Nowhere(NextHopFailure.Refused,
                $"the best MX of {name} is this gateway itself", answer.TimeToLive));
        }
        // RFC 5321 §5.1: equals in random order, to spread the load over them (CL01).
        var ordered = Shuffle([.. hosts.OrderBy(h => h.Preference).DistinctBy(h => h.Name)])
            .OrderBy(h => h.Preference).Take(MaxHosts).ToArray();
        return ResolveHostsAsync(ordered, answer.TimeToLive, fromRoute, preference, cancellationToken);
    }

    private async Task<NextHops> ResolveHostsAsync(
        MxHost[] hosts, TimeSpan timeToLive, bool fromRoute, IpPreference preference,
        CancellationToken cancellationToken)
    {
        var lookups = await Task.WhenAll(hosts.Select(
            host => LookupAddressesAsync(host.Name, preference, cancellationToken))).ConfigureAwait(false);
        var resolved = new List<ResolvedHost>();
        var room = MaxAddresses;
        string? soft = null, refused = null;
        for (var i = 0; i < hosts.Length; i++)
        {
            var lookup = lookups[i];
            timeToLive = timeToLive < lookup.TimeToLive ? timeToLive : lookup.TimeToLive;
            var usable = new List<IPAddress>();
            foreach (var address in lookup.Addresses)
            {
                if (!fromRoute && IsRefused(address))
                {
                    refused ??= $"{hosts[i].Name} leads to {address} (refuse_networks)";
                }
                else if (room > 0 && !usable.Contains(address))
                {
                    usable.Add(address);
                    room--;
                }
            }
            if (usable.Count > 0) resolved.Add(new ResolvedHost(hosts[i].Name.Name, hosts[i].Preference, usable));
            else soft ??= lookup.SoftError;
        }
        if (resolved.Count > 0) return new NextHops(resolved, NextHopFailure.None, null, timeToLive);
        // A host that could not be looked up may be a good one: doubt is temporary, never a bounce.
        if (soft is not null) return Nowhere(NextHopFailure.Temporary, soft, timeToLive);
        if (refused is not null) return Nowhere(NextHopFailure.Refused, refused, timeToLive);
        var noName = hosts.Length == 1 && lookups[0].NoSuchName;
        var type = preference == IpPreference.RequireV6 ? "AAAA" : "A";
        return Nowhere(noName ? NextHopFailure.NxDomain : NextHopFailure.NoAddress,
            Hard(hosts[0].Name, type, noName ? "NXDomain" : "no address"), timeToLive);
    }

    private async Task<HostAddresses> LookupAddressesAsync(
        Domain name, IpPreference preference, CancellationToken cancellationToken)
    {
        var v6First = preference is IpPreference.PreferV6 or IpPreference.RequireV6;
        var first = dns.LookupAddressesAsync(name, v6First, cancellationToken);
        if (preference is IpPreference.RequireV6 or IpPreference.RequireV4)
        {
            var only = await first.ConfigureAwait(false);
            return new(
                [.. only.Records.Take(MaxAddressesPerFamily)], only.TimeToLive, SoftOf(name, v6First, only),
                only.Status == DnsStatus.NxDomain);
        }
        var second = dns.LookupAddressesAsync(name, !v6First, cancellationToken);
        await Task.WhenAll(first, second).ConfigureAwait(false);
        var one = await first.ConfigureAwait(false);
        var other = await second.ConfigureAwait(false);
        return new(
            [.. one.Records.Take(MaxAddressesPerFamily), .. other.Records.Take(MaxAddressesPerFamily)],
            one.TimeToLive < other.TimeToLive ? one.TimeToLive : other.TimeToLive,
            SoftOf(name, v6First, one) ?? SoftOf(name, !v6First, other),
            one.Status == DnsStatus.NxDomain && other.Status == DnsStatus.NxDomain);
    }

    /// <inheritdoc/>
    public bool MayDeliverTo(IPAddress address) => !IsRefused(address);

    private bool IsRefused(IPAddress address)
    {
        var normal = AddressText.Normal(address);
        return options.RefuseNetworks.Any(network => network.Contains(normal));
    }

    private MxHost[] Shuffle(MxHost[] hosts)
    {
        lock (_randomLock) random.Shuffle(hosts);
        return hosts;
    }

    private static string? SoftOf(Domain name, bool v6, DnsAnswer<IPAddress> answer) =>
        answer.Status == DnsStatus.TemporaryFailure ? Soft(name, v6 ? "AAAA" : "A", answer.Error) : null;

    // Two spaces before the reason, as in the mail log of an ESA.
    private static string Hard(Domain name, string type, string reason) =>
        $"DNS Hard Error looking up {name} ({type}):  {reason}";

    private static string Soft(Domain name, string type, string? reason) =>
        $"DNS Soft Error looking up {name} ({type}):  {reason ?? "SERVFAIL"}";

    private static NextHops Nowhere(NextHopFailure failure, string error, TimeSpan timeToLive) =>
        new([], failure, error, timeToLive);

    private readonly record struct MxHost(int Preference, Domain Name);

    private readonly record struct HostAddresses(
        IReadOnlyList<IPAddress> Addresses, TimeSpan TimeToLive, string? SoftError, bool NoSuchName);
}
