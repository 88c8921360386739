namespace Postern.Admin;

/// <summary>So much within any hour and no more: whoever is told must not be flooded. For one thread.</summary>
/// <param name="most">How often in an hour, from 1.</param>
internal sealed class HourlyBudget(int most)
{
    private readonly Queue<DateTimeOffset> taken = new();

    /// <summary>Takes one.</summary>
    /// <returns>False: there is none left for now.</returns>
    public bool TryTake(DateTimeOffset now)
    {
        while (taken.TryPeek(out var first) && first <= now - TimeSpan.FromHours(1)) taken.Dequeue();
        if (taken.Count >= most) return false;
        taken.Enqueue(now);
        return true;
    }
}
