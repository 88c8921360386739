namespace Relay.Watching;

/// <summary>Ratios of measurements that were made one beside the other, and what they say together.</summary>
internal sealed class PairedRatios
{
    /// <summary>How often the interval may miss the true median, on each side.</summary>
    private const double Tail = 0.025;

    private readonly List<double> _ratios = [];

    public int Count => _ratios.Count;

    public double Lowest => _ratios.Min();

    public double Highest => _ratios.Max();

    public double Median => (Sorted()[(Count - 1) / 2] + Sorted()[Count / 2]) / 2;

    public void Add(double alone, double watched) => _ratios.Add(watched / alone);

    /// <summary>
    /// Between which ratios the true median lies, with 95 % certainty and whatever the ratios' distribution: a further
    /// ratio is above it as often as below. Null: too few for that, less than six.
    /// </summary>
    public (double From, double To)? Interval()
    {
        // The most ratios that can be left off at each end: P(fewer than so many of Count are below) stays in the tail.
        var (off, below, probability) = (0, 0.0, Math.Pow(0.5, Count));
        while (below + probability <= Tail)
        {
            below += probability;
            off++;
            probability *= (double)(Count - off + 1) / off;
        }

        return off == 0 ? null : (Sorted()[off - 1], Sorted()[^off]);
    }

    private List<double> Sorted() => [.. _ratios.Order()];
}
