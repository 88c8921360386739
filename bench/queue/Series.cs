namespace HeldQueue;

/// <summary>Times of one thing that was done several times, in milliseconds.</summary>
internal sealed class Series
{
    private readonly List<double> _values = [];

    public int Count => _values.Count;

    public double Median => _values.Count == 0 ? double.NaN : _values.Order().ElementAt(_values.Count / 2);

    public double Max => _values.Count == 0 ? double.NaN : _values.Max();

    public void Add(TimeSpan time)
    {
        lock (_values)
        {
            _values.Add(time.TotalMilliseconds);
        }
    }

    public override string ToString() => $"median {Median:0.0} ms, longest {Max:0.0} ms";
}
