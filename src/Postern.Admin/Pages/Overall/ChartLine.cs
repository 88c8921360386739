using System.Globalization;
using Postern.Admin.Monitoring;
using Postern.Admin.Pages.Parts;

namespace Postern.Admin.Pages.Overall;

/// <summary>A line of a chart. Immutable.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Value">Its value at a point; null: not known there.</param>
public sealed record ChartLine(string Name, Func<FigurePoint, double?> Value)
{
    /// <summary>How a value is written for people.</summary>
    public Func<double, string> Write { get; init; } = Numbers.Text;

    /// <summary>The points of an SVG polyline; where a value is not known the line goes straight on.</summary>
    /// <param name="values">The oldest first, spread evenly.</param>
    /// <param name="top">The value at the upper edge, above 0.</param>
    /// <param name="width">Of the drawing.</param>
    /// <param name="height">Of the drawing.</param>
    public static string Path(IReadOnlyList<double?> values, double top, double width, double height)
    {
        var step = values.Count > 1 ? width / (values.Count - 1) : 0;
        return string.Join(' ', values.Select((value, index) => (value, index)).Where(point => point.value is not null)
            .Select(point => string.Create(CultureInfo.InvariantCulture,
                $"{point.index * step:F1},{height - height * point.value!.Value / top:F1}")));
    }
}
