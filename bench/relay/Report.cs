using System.Globalization;

namespace Relay;

/// <summary>Collects the runs and prints medians side by side.</summary>
internal sealed class Report
{
    private readonly List<(string Gateway, bool Kept, Figures Figures)> _runs = [];
    private readonly Dictionary<(string Gateway, bool Kept), double> _syncs = [];

    public void Add(string gateway, bool kept, Figures figures)
    {
        _runs.Add((gateway, kept, figures));
        Console.WriteLine($"  {gateway}  {Show(figures.Relayed, 0),6} relayed/s"
            + $"  {Show(figures.Accepted, 0),6} accepted/s"
            + $"  {Show(figures.CpuMilliseconds, 3),6} ms CPU a message  {Show(figures.PeakMegabytes, 0),4} MB");
    }

    public void AddSyncs(string gateway, bool kept, double syncs)
    {
        _syncs[(gateway, kept)] = syncs;
        Console.WriteLine($"  {gateway}  {Show(syncs, 2)} syncs a message under strace");
    }

    public void Print(bool kept)
    {
        Console.WriteLine();
        Console.WriteLine($"{Mode(kept),-34}{"postern",10}{"postfix",10}{"ratio",8}");
        Row("messages/s relayed", kept, figures => figures.Relayed, 0);
        Row("messages/s accepted", kept, figures => figures.Accepted, 0);
        Row("CPU ms a message", kept, figures => figures.CpuMilliseconds, 3);
        Row("peak memory MB", kept, figures => figures.PeakMegabytes, 0);
        Row("syncs a message", Syncs("postern", kept), Syncs("postfix", kept), 2);
    }

    public static string Mode(bool kept) => kept ? "kept connections" : "a connection a message";

    private double? Syncs(string gateway, bool kept) =>
        _syncs.TryGetValue((gateway, kept), out var syncs) ? syncs : null;

    private void Row(string name, bool kept, Func<Figures, double> figure, int digits) =>
        Row(name, Median("postern", kept, figure), Median("postfix", kept, figure), digits);

    private static void Row(string name, double? postern, double? beside, int digits)
    {
        var ratio = postern / beside;
        Console.WriteLine($"{name,-34}{Show(postern, digits),10}{Show(beside, digits),10}{Show(ratio, 2),8}");
    }

    private double? Median(string gateway, bool kept, Func<Figures, double> figure)
    {
        var sorted = _runs.Where(run => run.Gateway == gateway && run.Kept == kept)
            .Select(run => figure(run.Figures)).Order().ToList();
        return sorted.Count == 0 ? null : (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private static string Show(double? figure, int digits) =>
        figure?.ToString($"F{digits}", CultureInfo.InvariantCulture) ?? "-";
}
