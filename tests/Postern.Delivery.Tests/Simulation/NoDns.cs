using System.Net;
using Postern.Mail;
using Postern.Routing;

namespace Postern.Delivery.Tests.Simulation;

/// <summary>No name can be looked up.</summary>
/// <param name="again">How long that holds.</param>
internal sealed class NoDns(TimeSpan again = default) : INextHopResolver
{
    private readonly Task<NextHops> _none =
        Task.FromResult(new NextHops([], NextHopFailure.Temporary, "no DNS", again));

    public Task<NextHops> ResolveMxAsync(
        Domain name, bool fromRoute, IpPreference preference, CancellationToken cancellationToken) => _none;

    public Task<NextHops> ResolveAddressesAsync(
        Domain name, bool fromRoute, IpPreference preference, CancellationToken cancellationToken) => _none;

    public bool MayDeliverTo(IPAddress address) => true;
}
