using System.Net;
using Postern.Mail;

namespace Postern.Routing;

/// <summary>What <see cref="NextHopResolver"/> is told by configuration. Immutable.</summary>
public sealed record NextHopOptions
{
    /// <summary>Our own names: an MX list is cut where one of them stands (RFC 5321 §5.1).</summary>
    public IReadOnlyCollection<Domain> OwnNames { get; init; } = [];

    /// <summary><c>refuse_networks</c>: addresses that DNS may not lead mail to (N1).</summary>
    public IReadOnlyList<IPNetwork> RefuseNetworks { get; init; } = DefaultRefuseNetworks;

    /// <summary>The default of <c>refuse_networks</c>.</summary>
    public static IReadOnlyList<IPNetwork> DefaultRefuseNetworks { get; } =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128"),
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("224.0.0.0/4"),
    ];
}
