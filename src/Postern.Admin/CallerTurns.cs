namespace Postern.Admin;

/// <summary>Lets each caller have so many of something at a time. Any thread may call it.</summary>
/// <param name="most">How many.</param>
internal sealed class CallerTurns(int most)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> taken = new(StringComparer.Ordinal);

    /// <summary>A turn, to be given back when it is over; null: the caller has as many already.</summary>
    public IDisposable? TryTake(string caller)
    {
        lock (gate)
        {
            var count = taken.GetValueOrDefault(caller);
            if (count >= most) return null;
            taken[caller] = count + 1;
        }
        return new Turn(this, caller);
    }

    private void GiveBack(string caller)
    {
        lock (gate)
        {
            if (--taken[caller] == 0) taken.Remove(caller);
        }
    }

    private sealed class Turn(CallerTurns turns, string caller) : IDisposable
    {
        private int isOver;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isOver, 1) == 0) turns.GiveBack(caller);
        }
    }
}
