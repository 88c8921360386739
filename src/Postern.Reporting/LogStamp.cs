using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Postern.Reporting;

/// <summary>
/// A time as lines of the mail log have it, <c>Wed Jul  2 09:15:07 2014</c>: to the second, and without the offset of
/// the clock that shows it.
/// </summary>
public static class LogStamp
{
    /// <summary>Its octets, which are as many characters.</summary>
    public const int Length = 24;

    /// <summary>Writes the time that a clock shows, whatever its offset.</summary>
    // The invariant culture's "d" does not pad and "dd" pads with a zero; an ESA pads with a space, as C's asctime.
    public static void Write(Span<byte> target, DateTimeOffset shown)
    {
        _ = shown.TryFormat(target, out _, "ddd MMM dd HH:mm:ss yyyy", CultureInfo.InvariantCulture);
        if (target[8] == (byte)'0') target[8] = (byte)' ';
    }

    /// <summary>The same as text.</summary>
    public static string Of(DateTimeOffset shown)
    {
        Span<byte> stamp = stackalloc byte[Length];
        Write(stamp, shown);
        return Encoding.ASCII.GetString(stamp);
    }

    /// <summary>Reads the time that a text begins with.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out DateTime shown)
    {
        shown = default;
        if (text.Length < Length) return false;
        var month = "JanFebMarAprMayJunJulAugSepOctNovDec"u8.IndexOf(text[4..7]);
        if (month < 0 || month % 3 != 0) return false;
        if (!Number(text[8..10], out var day) || !Number(text[11..13], out var hour)
            || !Number(text[14..16], out var minute) || !Number(text[17..19], out var second)
            || !Number(text[20..24], out var year)) return false;
        month = month / 3 + 1;
        // No offset leads out of the years that there are.
        if (year is < 2 or > 9998 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 59) return false;
        shown = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Unspecified);
        return true;
    }

    private static bool Number(ReadOnlySpan<byte> digits, out int number) =>
        Utf8Parser.TryParse(digits[0] == ' ' ? digits[1..] : digits, out number, out var read) && number >= 0
            && read == digits.Length - (digits[0] == ' ' ? 1 : 0);
}
