using Postern.Delivery;
using Postern.Routing;

namespace Postern.Admin;

/// <summary>What another table would do to mail that waits.</summary>
internal static class RoutesPreview
{
    private const int QueuesAtOnce = 500;

    /// <summary>
    /// Queued recipients that would go to other hosts. Asks in pages, so that mail goes on between them.
    /// </summary>
    public static async Task<int> CountElsewhereAsync(DeliveryEngine delivery, SmtpRouteTable table)
    {
        var count = 0;
        await delivery.Recovered.ConfigureAwait(false);
        var names = await delivery.AskAsync(s => s.Explainer.QueueNames()).ConfigureAwait(false);
        foreach (var page in names.Chunk(QueuesAtOnce))
        {
            count += await delivery.AskAsync(s => s.Explainer.CountElsewhere(page, table)).ConfigureAwait(false);
        }
        return count;
    }
}
