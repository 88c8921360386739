using System.Net;
using System.Text;
using Postern.Mail;

namespace Postern.Routing;

/// <summary>What a route does with mail.</summary>
public enum RouteKind
{
    /// <summary>To destination hosts.</summary>
    Hosts,
    /// <summary><c>USEDNS</c>: as if there were no route.</summary>
    UseDns,
    /// <summary><c>/dev/null</c>: discard.</summary>
    Discard,
}

/// <summary>One entry of a route, as written. Immutable.</summary>
public sealed record DestinationHost
{
    /// <summary>
    /// As written without options: <c>relay.example:587</c>, <c>[mail2.example]</c>, <c>127.0.0.10:2510</c>.
    /// </summary>
    public required string Text { get; init; }
    /// <summary>The name; null when it is an address.</summary>
    public Domain? Name { get; init; }
    /// <summary>The address; null when it is a name.</summary>
    public IPAddress? Address { get; init; }
    /// <summary>Brackets round a name: its addresses only, no MX.</summary>
    public bool AddressesOnly { get; init; }
    /// <summary>1 to 65535.</summary>
    public int Port { get; init; } = 25;
    /// <summary>0 to 65535, lowest first.</summary>
    public int Priority { get; init; }
    /// <summary>1 to 1000: the share among hosts of equal priority.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>With priority and weight where they are not the default: <c>relay.example:587/pri=10</c>.</summary>
    public string Written => Text
        + (Priority == 0 ? "" : $"/pri={Priority}") + (Weight == 1 ? "" : $"/weight={Weight}");
}

/// <summary>A route of the table. Immutable.</summary>
public sealed record SmtpRoute
{
    /// <summary>
    /// The key in its normal form: <c>example.com</c>, <c>.example.com</c>, <c>ALL</c>, <c>[2001:db8::/64]</c>.
    /// </summary>
    public required string Key { get; init; }
    /// <summary>What it does.</summary>
    public RouteKind Kind { get; init; }
    /// <summary>The hosts in the order of the file; empty unless <see cref="RouteKind.Hosts"/>.</summary>
    public IReadOnlyList<DestinationHost> Hosts { get; init; } = [];
    /// <summary>The profile of outgoing SMTP authentication; null: none.</summary>
    public string? AuthProfile { get; init; }
    /// <summary>What its other options say.</summary>
    public RoutePolicy Policy { get; init; } = RoutePolicy.Default;
    /// <summary>The line in the file, from 1. No part of equality: a route that only moved is the same route.</summary>
    public int Line { get; init; }

    /// <summary>What stands behind the key in the file, in its normal form.</summary>
    public string Target
    {
        get
        {
            var hosts = Kind switch
            {
                RouteKind.UseDns => "USEDNS",
                RouteKind.Discard => "/dev/null",
                _ => string.Join(", ", Hosts.Select(host => host.Written)),
            };
            if (AuthProfile is { } profile) hosts += $" auth={profile}";
            return Policy == RoutePolicy.Default ? hosts : $"{hosts} {Policy.Text}";
        }
    }

    /// <summary>
    /// What tells it from what it was before and will be after an edit; the line does not count. See
    /// <see cref="SmtpRoutesFile.VersionOf"/>.
    /// </summary>
    public string Version => SmtpRoutesFile.VersionOf(Encoding.UTF8.GetBytes($"{Key} {Target}"));

    /// <summary>Equal: the same key, and the same hosts in the same order, with the same options.</summary>
    public bool Equals(SmtpRoute? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Kind == other.Kind && Key == other.Key
            && AuthProfile == other.AuthProfile && Policy == other.Policy
            && (ReferenceEquals(Hosts, other.Hosts) || Hosts.SequenceEqual(other.Hosts)));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Key, Kind, Hosts.Count);
}
