using System.Net;
using Postern.Mail;

namespace Postern.Routing;

/// <summary>How a lookup ended.</summary>
public enum DnsStatus
{
    /// <summary>Records of the type asked for.</summary>
    Found,
    /// <summary>The name exists, but has no such record.</summary>
    NoData,
    /// <summary>NXDOMAIN.</summary>
    NxDomain,
    /// <summary>SERVFAIL, REFUSED, a time-out: may be different next time. <c>Error</c> says which.</summary>
    TemporaryFailure,
}

/// <summary>An answer: records, how long they hold, or why there are none.</summary>
public sealed record DnsAnswer<T>(
    DnsStatus Status, IReadOnlyList<T> Records, TimeSpan TimeToLive, string? Error = null);

/// <summary>An MX record; <see cref="Exchange"/> null: the null MX (RFC 7505 §3).</summary>
public sealed record MxRecord(int Preference, Domain? Exchange);

/// <summary>
/// The seam to DNS: raw questions, CNAMEs followed. The real one asks servers; the one of tests is a map of zones.
/// May be used by several threads; never throws but on cancel.
/// </summary>
public interface IDnsSource
{
    /// <summary>MX records.</summary>
    Task<DnsAnswer<MxRecord>> LookupMxAsync(Domain name, CancellationToken cancellationToken);
    /// <summary>A (<paramref name="v6"/> false) or AAAA records.</summary>
    Task<DnsAnswer<IPAddress>> LookupAddressesAsync(Domain name, bool v6, CancellationToken cancellationToken);
    /// <summary>PTR records.</summary>
    Task<DnsAnswer<Domain>> LookupPointerAsync(IPAddress address, CancellationToken cancellationToken);
}
