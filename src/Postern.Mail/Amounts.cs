using System.Globalization;

namespace Postern.Mail;

/// <summary>Durations and sizes as they are written in <c>postern.toml</c> and in the routes file.</summary>
public static class Amounts
{
    private static readonly (string Unit, long Milliseconds)[] durations =
        [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

    // 1 MB is 1,000,000 octets, as disks and mail limits are sold; never 1,048,576.
    private static readonly (string Unit, long Octets)[] sizes =
        [("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("B", 1)];

    /// <summary>duration = 1*DIGIT ( "ms" / "s" / "m" / "h" / "d" ), at most ten digits.</summary>
    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        var ok = TryParse(text, durations, out var milliseconds) && milliseconds <= TimeSpan.MaxValue.Ticks / 10_000;
        duration = ok ? TimeSpan.FromMilliseconds(milliseconds) : TimeSpan.Zero;
        return ok;
    }

    /// <summary>size = 1*DIGIT ( "B" / "KB" / "MB" / "GB" ), at most ten digits.</summary>
    public static bool TryParseSize(string text, out long octets) => TryParse(text, sizes, out octets);

    /// <summary>The shortest way to write a duration.</summary>
    public static string Duration(TimeSpan value)
    {
        var milliseconds = (long)value.TotalMilliseconds;
        if (milliseconds == 0) return "0s";
        var (unit, factor) = durations.Last(u => milliseconds % u.Milliseconds == 0 || u.Milliseconds == 1);
        return string.Create(CultureInfo.InvariantCulture, $"{milliseconds / factor}{unit}");
    }

    /// <summary>The shortest way to write a size.</summary>
    public static string Size(long octets)
    {
        var (unit, factor) = sizes.OrderByDescending(u => u.Octets).First(u => octets % u.Octets == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{octets / factor}{unit}");
    }

    private static bool TryParse(string text, (string Unit, long Factor)[] units, out long value)
    {
        value = 0;
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits is < 1 or > 10) return false;
        foreach (var (unit, factor) in units)
        {
            if (!text.AsSpan(digits).Equals(unit, StringComparison.Ordinal)) continue;
            var number = long.Parse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture);
            value = number * factor;
            return true;
        }
        return false;
    }
}
