using System.Net;
using Postern.Mail;

namespace Postern.Routing;

/// <summary>The order of address families (<c>ip_preference</c>).</summary>
public enum IpPreference
{
    /// <summary>AAAA first, then A.</summary>
    PreferV6,
    /// <summary>A first, then AAAA.</summary>
    PreferV4,
    /// <summary>AAAA only.</summary>
    RequireV6,
    /// <summary>A only.</summary>
    RequireV4,
}

/// <summary>Why a name or domain leads nowhere.</summary>
public enum NextHopFailure
{
    /// <summary>It leads somewhere.</summary>
    None,
    /// <summary>The domain does not exist: 5.1.2 for mail by DNS.</summary>
    NxDomain,
    /// <summary>No MX and no address at all, or MX hosts without any address: 5.1.2 for mail by DNS.</summary>
    NoAddress,
    /// <summary>Null MX: 5.1.10 for mail by DNS (RFC 7505 §4.1).</summary>
    NullMx,
    /// <summary>Only addresses in <c>refuse_networks</c>, or only ourselves: 5.4.6 for mail by DNS.</summary>
    Refused,
    /// <summary>SERVFAIL or time-out: later.</summary>
    Temporary,
}

/// <summary>
/// A host found by DNS with its addresses in the order to try them; <see cref="Preference"/> lowest first.
/// </summary>
public sealed record ResolvedHost(string Name, int Preference, IReadOnlyList<IPAddress> Addresses);

/// <summary>
/// What DNS said of a name. For a domain by MX: its hosts. For <c>[name]</c>: one host. Empty hosts: see
/// <see cref="Failure"/> and <see cref="Error"/>, e.g. <c>DNS Hard Error looking up nowhere.example (MX):
/// NXDomain</c>.
/// </summary>
public sealed record NextHops(
    IReadOnlyList<ResolvedHost> Hosts, NextHopFailure Failure, string? Error, TimeSpan TimeToLive);

/// <summary>Turns names into next hops, by the rules of RFC 5321 §5.1. May be used by several threads.</summary>
public interface INextHopResolver
{
    /// <summary>
    /// MX, then A and AAAA where there is no MX. <paramref name="fromRoute"/>: refuse_networks does not apply (written
    /// in a route).
    /// </summary>
    Task<NextHops> ResolveMxAsync(
        Domain name, bool fromRoute, IpPreference preference, CancellationToken cancellationToken);
    /// <summary>The addresses of the name only.</summary>
    Task<NextHops> ResolveAddressesAsync(
        Domain name, bool fromRoute, IpPreference preference, CancellationToken cancellationToken);
    /// <summary>An address literal may be delivered to: it is not in <c>refuse_networks</c>.</summary>
    bool MayDeliverTo(IPAddress address);
}
