using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// A look at all receiving domains that hold mail, or did since the start, a part at a time, so that mail has its turn
/// in between. What it tells is therefore of the time from its begin to its end. For the scheduler's thread only.
/// </summary>
public sealed class DestinationSurvey
{
    /// <summary>Queues, or domains that are counted, of a part.</summary>
    public const int AtOnce = 1000;

    // Those at the begin: what comes and goes meanwhile changes no place.
    private readonly DomainQueue[] _queues;
    private readonly DestinationTallies _tallies;
    private int _queue;
    private int _tally;

    internal DestinationSurvey(QueueBook queues, DestinationTallies tallies) =>
        (_queues, _tallies) = ([.. queues.Queues], tallies);

    /// <summary>
    /// Looks at the next part. A domain may have a row for what it holds, further ones for its mail that was
    /// redirected, and one for what became of its mail: <see cref="DestinationStanding.SumOf"/> puts them together.
    /// </summary>
    /// <returns>Rows, in no order; empty: there is no more.</returns>
    public IReadOnlyList<DestinationStanding> Go()
    {
        var rows = new List<DestinationStanding>(AtOnce);
        for (; rows.Count < AtOnce && _queue < _queues.Length; _queue++)
            if (_queues[_queue] is var queue) rows.Add(new(queue.Name, queue.Recipients, queue.Active, 0, 0, 0));
        for (; rows.Count < AtOnce && _tally < _tallies.Domains; _tally++) rows.Add(_tallies.At(_tally));
        return rows;
    }
}
