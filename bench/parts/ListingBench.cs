using BenchmarkDotNet.Attributes;
using Postern.Routing;

namespace Parts;

/// <summary>A page of 25 routes of a table, as the admin page asks for it.</summary>
[MemoryDiagnoser]
public class ListingBench
{
    private const int Rows = 25;

    private RouteListing _listing = new(SmtpRouteTable.Empty);

    [Params(40_000, 1_000_000)]
    public int Routes { get; set; }

    [GlobalSetup]
    public void Load()
    {
        var line = RoutesText.Shapes["domains, a target each"];
        var load = SmtpRoutesFile.Parse(RoutesText.Of(line, Routes));
        _listing = new RouteListing(load.Table ?? throw new InvalidOperationException(load.Errors[0].ToString()));
    }

    [Benchmark]
    public RoutesFound LastPage() => _listing.Find("", RouteOrder.File, isDescending: true, 0, Rows);

    [Benchmark]
    public RoutesFound SearchFewFound() => _listing.Find("customer3999", RouteOrder.File, isDescending: false, 0, Rows);

    [Benchmark]
    public RoutesFound SearchAllFound() => _listing.Find("EXAMPLE", RouteOrder.Key, isDescending: false, 0, Rows);

    /// <summary>Once for each table.</summary>
    [Benchmark]
    public RoutesFound FirstSort() =>
        new RouteListing(_listing.Table).Find("", RouteOrder.Target, isDescending: false, 0, Rows);
}
