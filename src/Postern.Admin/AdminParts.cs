using Postern.Delivery;
using Postern.Routing;

namespace Postern.Admin;

/// <summary>What the admin web host talks to. Members are called by several threads and must not block.</summary>
public sealed record AdminParts
{
    /// <summary>Asked at each <c>/health/ready</c>.</summary>
    public required Func<Readiness> Readiness { get; init; }
    /// <summary>Delivery.</summary>
    public required DeliveryEngine Delivery { get; init; }
    /// <summary>The routes in force.</summary>
    public required Func<SmtpRouteTable> Routes { get; init; }
    /// <summary>The profiles that a route may name.</summary>
    public required Func<IReadOnlySet<string>> Profiles { get; init; }
    /// <summary>Takes up the routes file, which was replaced whole; returns when it was read.</summary>
    public required Func<CancellationToken, Task> TakeRoutes { get; init; }
    /// <summary>Forgets the answers of DNS.</summary>
    public required Action FlushDns { get; init; }
    /// <summary>The token that opens the API.</summary>
    public required string Token { get; init; }
}
