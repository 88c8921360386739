using System.Globalization;
using System.Text;
using Postern.Reporting;

namespace Postern.Admin.Monitoring;

/// <summary>Writes the text exposition format of Prometheus, version 0.0.4. For one thread.</summary>
internal sealed class PrometheusText
{
    /// <summary>The media type.</summary>
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();
    private string _family = "";

    /// <summary>Begins a counter; its name ends with <c>_total</c>.</summary>
    public PrometheusText Counter(string name, string help) => Begin(name, "counter", help);

    /// <summary>Begins a gauge.</summary>
    public PrometheusText Gauge(string name, string help) => Begin(name, "gauge", help);

    /// <summary>The value of what was begun.</summary>
    public PrometheusText Value(double value) => Sample(_family, "", value);

    /// <summary>A value of what was begun, for one value of a label.</summary>
    /// <param name="label">Its name.</param>
    /// <param name="of">Its value: a word of a fixed set, never one that a peer has chosen.</param>
    /// <param name="value">The value.</param>
    public PrometheusText Value(string label, string of, double value) =>
        Sample(_family, $"{{{label}=\"{Escaped(of)}\"}}", value);

    /// <summary>A histogram in seconds.</summary>
    public PrometheusText Histogram(string name, string help, DurationCounts counts)
    {
        Begin(name, "histogram", help);
        long below = 0;
        for (var i = 0; i < counts.Bounds.Count; i++)
        {
            below += counts.Counts[i];
            Sample($"{name}_bucket", $"{{le=\"{Text(counts.Bounds[i].TotalSeconds)}\"}}", below);
        }
        below += counts.Counts[^1];
        return Sample($"{name}_bucket", "{le=\"+Inf\"}", below)
            .Sample($"{name}_sum", "", counts.Sum.TotalSeconds)
            .Sample($"{name}_count", "", below);
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    private PrometheusText Begin(string name, string type, string help)
    {
        _family = name;
        _text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n')
            .Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        return this;
    }

    private PrometheusText Sample(string name, string labels, double value)
    {
        _text.Append(name).Append(labels).Append(' ').Append(Text(value)).Append('\n');
        return this;
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Escaped(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
