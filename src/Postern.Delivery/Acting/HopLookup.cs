using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Delivery.Scheduling;
using Postern.Mail;
using Postern.Routing;

namespace Postern.Delivery.Acting;

/// <summary>
/// Asks the resolver beside the loop and tells the scheduler what was found; a lookup that breaks is a temporary
/// failure, so that mail waits. For several threads at once.
/// </summary>
/// <param name="resolver">Finds addresses.</param>
/// <param name="post">Hands to the loop.</param>
/// <param name="stopped">No answer is waited for any more.</param>
internal sealed class HopLookup(
    INextHopResolver resolver, Action<Action<DeliveryScheduler>> post, CancellationToken stopped)
{
    /// <summary>For a host of a route.</summary>
    public void Begin(PlanEntry entry, IpPreference preference) => _ = RunAsync(
        () => entry.AddressesOnly
            ? resolver.ResolveAddressesAsync(entry.Name!, fromRoute: true, preference, stopped)
            : resolver.ResolveMxAsync(entry.Name!, fromRoute: true, preference, stopped),
        (s, found) => s.EntryResolved(entry, found));

    /// <summary>For a receiving domain whose route is DNS.</summary>
    public void Begin(DomainQueue queue, RoutePlan plan, IpPreference preference) => _ = RunAsync(
        () => FindAsync(queue.Domain, queue.Name, preference, stopped),
        (s, found) => s.DomainResolved(queue, plan, found));

    /// <summary>The next hops of a receiving domain whose route is DNS.</summary>
    /// <param name="domain">What DNS is asked for; null: an address in brackets that mail may not be led to, since any
    /// other one has a way without DNS.</param>
    /// <param name="name">The receiving domain as queues are named.</param>
    /// <param name="preference">Which addresses come first.</param>
    /// <param name="cancellationToken">The answer is not waited for any more.</param>
    public Task<NextHops> FindAsync(
        Domain? domain, string name, IpPreference preference, CancellationToken cancellationToken) => domain is null
        ? Task.FromResult(new NextHops([], NextHopFailure.Refused, $"{name} is in a refused network", TimeSpan.Zero))
        : resolver.ResolveMxAsync(domain, fromRoute: false, preference, cancellationToken);

    private async Task RunAsync(Func<Task<NextHops>> lookup, Action<DeliveryScheduler, NextHops> take)
    {
        NextHops found;
        try
        {
            found = await lookup().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            found = new NextHops([], NextHopFailure.Temporary, "the gateway stops", TimeSpan.Zero);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            found = new NextHops([], NextHopFailure.Temporary, $"internal error: {e.Message}", TimeSpan.Zero);
        }
        post(s => take(s, found));
    }
}
