using System.Runtime.CompilerServices;

namespace Postern.Delivery.Tests.Simulation;

/// <summary>The text for a rule that is broken: composed only then, for rules are looked at all the time.</summary>
[InterpolatedStringHandler]
internal ref struct Complaint
{
    private DefaultInterpolatedStringHandler _text;

    public Complaint(int literalLength, int formattedCount, bool holds, out bool isNeeded)
    {
        isNeeded = !holds;
        _text = holds ? default : new(literalLength, formattedCount);
    }

    public void AppendLiteral(string value) => _text.AppendLiteral(value);

    public void AppendFormatted<T>(T value, string? format = null) => _text.AppendFormatted(value, format);

    public string ToText() => _text.ToStringAndClear();
}
