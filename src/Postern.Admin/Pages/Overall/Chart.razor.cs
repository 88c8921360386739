using Microsoft.AspNetCore.Components;
using Postern.Admin.Monitoring;

namespace Postern.Admin.Pages.Overall;

/// <summary>Draws figures over time.</summary>
public partial class Chart
{
    private const int Width = 600, Height = 120;

    /// <summary>What is drawn.</summary>
    [Parameter, EditorRequired] public string Title { get; set; } = "";

    /// <summary>The points, the oldest first.</summary>
    [Parameter, EditorRequired] public IReadOnlyList<FigurePoint> Points { get; set; } = [];

    /// <summary>The points stand for a quarter of an hour each; false: for a minute.</summary>
    [Parameter] public bool IsDay { get; set; }

    /// <summary>One or two lines.</summary>
    [Parameter, EditorRequired] public IReadOnlyList<ChartLine> Lines { get; set; } = [];

    private double Top => Math.Max(1, Lines.SelectMany(Values).Max() ?? 1);

    private List<double?> Values(ChartLine line) => [.. Points.Select(line.Value)];

    private static string Text(ChartLine line, double? value) => value is { } known ? line.Write(known) : "–";
}
