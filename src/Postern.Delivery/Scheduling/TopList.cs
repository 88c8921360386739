namespace Postern.Delivery.Scheduling;

/// <summary>The best of many that are offered one by one. Not thread-safe.</summary>
/// <param name="most">How many are kept.</param>
internal sealed class TopList<T>(int most)
{
    private readonly PriorityQueue<T, double> _kept = new(most);

    /// <summary>Offers one.</summary>
    public void Offer(T one, double weight)
    {
        if (_kept.Count < most) _kept.Enqueue(one, weight);
        else if (_kept.TryPeek(out _, out var least) && weight > least) _kept.EnqueueDequeue(one, weight);
    }

    /// <summary>Those that were kept, the best first.</summary>
    public IEnumerable<T> Best =>
        _kept.UnorderedItems.OrderByDescending(item => item.Priority).Select(item => item.Element);
}
