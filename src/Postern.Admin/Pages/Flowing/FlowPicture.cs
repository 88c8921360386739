using Postern.Delivery.Reports;

namespace Postern.Admin.Pages.Flowing;

/// <summary>
/// The flow of mail as a picture: routes at the left, hosts at the right, a stroke for each line between them. Places
/// are given in hundredths of the height. Immutable.
/// </summary>
/// <param name="Routes">At the left, from the top.</param>
/// <param name="Rest">Below them, as one; null: there are no others.</param>
/// <param name="Hosts">At the right, from the top.</param>
/// <param name="OtherHosts">Below them, as one: how many; null: there are none.</param>
/// <param name="Strokes">Between them.</param>
public sealed record FlowPicture(
    IReadOnlyList<FlowRoute> Routes, FlowRest? Rest, IReadOnlyList<FlowPicture.Host> Hosts, int? OtherHosts,
    IReadOnlyList<FlowPicture.Stroke> Strokes)
{
    /// <summary>Hosts that are shown one by one.</summary>
    public const int MaxHosts = 16;

    private const double Thinnest = 1.5, Widest = 16, WiderByTenfold = 3.3;

    /// <summary>The health of hosts together.</summary>
    /// <param name="State">The worst; null: not known.</param>
    /// <param name="IsUntried">They are up since nothing is known of any.</param>
    public readonly record struct Health(HostState? State, bool IsUntried)
    {
        /// <summary>That of some lines. What is known of one says more than that another is untried.</summary>
        public static Health Of(IEnumerable<FlowLine> lines)
        {
            var untried = lines.ToLookup(line => line.IsUntried);
            var known = untried[false].Select(line => line.State).OfType<HostState>().ToList();
            return known.Count > 0 ? new(known.Aggregate(HostStates.Worse), false)
                : untried[true].Any() ? new(HostState.Up, true) : default;
        }
    }

    /// <summary>A host. Immutable.</summary>
    /// <param name="Name">Name or address, and port.</param>
    /// <param name="PerMinute">Recipients that it takes a minute from all routes that are shown.</param>
    /// <param name="Health">Of the worst of its lines.</param>
    public sealed record Host(string Name, double PerMinute, Health Health);

    /// <summary>A line. Immutable.</summary>
    /// <param name="From">The route; null: the other ones.</param>
    /// <param name="To">The host; null: the other ones.</param>
    /// <param name="FromY">Where it begins, 0 to 100.</param>
    /// <param name="ToY">Where it ends, 0 to 100.</param>
    /// <param name="PerMinute">Recipients a minute.</param>
    /// <param name="Health">Its colour and pattern.</param>
    public sealed record Stroke(
        string? From, string? To, double FromY, double ToY, double PerMinute, Health Health)
    {
        /// <summary>In pixels, the same step wider for every ten times more.</summary>
        public double Width => Math.Min(Widest, Thinnest + WiderByTenfold * Math.Log10(1 + PerMinute));
    }

    /// <summary>Places in the taller column.</summary>
    public int Rows => Math.Max(Routes.Count + (Rest is null ? 0 : 1), Hosts.Count + (OtherHosts is null ? 0 : 1));

    /// <summary>Draws a flow.</summary>
    public static FlowPicture Of(FlowReport flow)
    {
        var lines = flow.Routes.SelectMany((route, row) => route.Lines.Select(line => (Row: row, Line: line)))
            .GroupBy(line => line.Line.Host, StringComparer.Ordinal).ToList();
        // Beside the routes that lead to them, so that few lines cross.
        var hosts = lines.OrderByDescending(group => group.Any(line => HostStates.TakesNoMail(line.Line.State)))
            .ThenByDescending(group => group.Sum(line => line.Line.PerMinute)).Take(MaxHosts)
            .OrderBy(group => group.Average(line => line.Row)).ThenBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new Host(
                group.Key, group.Sum(line => line.Line.PerMinute), Health.Of(group.Select(line => line.Line))))
            .ToList();
        var more = lines.Count - hosts.Count + flow.Routes.Sum(route => route.OtherHosts);
        var rest = flow.Rest.Routes > 0 ? flow.Rest : null;
        int? others = more > 0 || rest is not null ? more : null;
        return new FlowPicture(flow.Routes, rest, hosts, others, StrokesOf(flow, rest, hosts, others is not null));
    }

    private static List<Stroke> StrokesOf(FlowReport flow, FlowRest? rest, List<Host> hosts, bool hasOthers)
    {
        var (left, right) = (flow.Routes.Count + (rest is null ? 0 : 1), hosts.Count + (hasOthers ? 1 : 0));
        var rows = hosts.Select((host, row) => (host.Name, row))
            .ToDictionary(host => host.Name, host => host.row, StringComparer.Ordinal);
        var strokes = new List<Stroke>();
        foreach (var (route, row) in flow.Routes.Select((route, row) => (route, row)))
        {
            foreach (var line in route.Lines.Where(line => rows.ContainsKey(line.Host)))
                strokes.Add(new(route.Name, line.Host, Y(row, left), Y(rows[line.Host], right), line.PerMinute,
                    Health.Of([line])));
            var hidden = route.Lines.Where(line => !rows.ContainsKey(line.Host)).ToList();
            if (hidden.Count + route.OtherHosts > 0)
                strokes.Add(new(route.Name, null, Y(row, left), Y(right - 1, right), hidden.Sum(line => line.PerMinute),
                    Health.Of(hidden)));
        }
        if (rest is not null)
            strokes.Add(new(null, null, Y(left - 1, left), Y(right - 1, right), rest.PerMinute,
                new Health(rest.InTrouble > 0 ? HostState.LeftOut : null, false)));
        return strokes;
    }

    private static double Y(int row, int rows) => (row + 0.5) * 100 / rows;
}
