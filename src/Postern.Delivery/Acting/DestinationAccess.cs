using Postern.Delivery.Reports;

namespace Postern.Delivery.Acting;

/// <summary>Lists receiving domains, in any number. Thread-safe.</summary>
/// <param name="engine">Whose.</param>
public sealed class DestinationAccess(DeliveryEngine engine)
{
    /// <summary>
    /// Receiving domains that hold mail, or did since the start. Mail has its turn again and again while they are
    /// looked at, and goes on while they are put in order.
    /// </summary>
    public async Task<DestinationsFound> ListAsync(DestinationQuery query)
    {
        var survey = await engine.AskAsync(s => s.Overview.Survey()).ConfigureAwait(false);
        var rows = new List<DestinationStanding>();
        while (await engine.AskAsync(_ => survey.Go()).ConfigureAwait(false) is { Count: > 0 } part)
            rows.AddRange(part);
        var (wanted, count) = query.Choose(DestinationStanding.SumOf(rows));
        return new(await engine.AskAsync(s => s.Overview.Destinations(wanted)).ConfigureAwait(false), count);
    }
}
