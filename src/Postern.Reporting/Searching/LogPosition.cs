using System.Globalization;

namespace Postern.Reporting.Searching;

/// <summary>
/// A place in the mail log that stays the same when files are rotated: a file by the time and a digest of its first
/// line, and an offset in it. The default is the beginning. Immutable.
/// </summary>
/// <param name="File"><c>20140702091507x89abcdef</c>; null: the oldest file there is.</param>
/// <param name="Offset">Octets from the beginning of the file.</param>
internal readonly record struct LogPosition(string? File, long Offset)
{
    private const int FileLength = 14 + 1 + 16;

    /// <inheritdoc/>
    public override string ToString() =>
        File is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{File}-{Offset}");

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string text, out LogPosition position)
    {
        position = default;
        if (text.Length == 0) return true;
        if (text.Length <= FileLength || text[FileLength] != '-' || text[14] != 'x'
            || !long.TryParse(text.AsSpan(FileLength + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var at))
            return false;
        position = new LogPosition(text[..FileLength], at);
        return true;
    }
}

/// <summary>A place in the files that a search has open. Immutable.</summary>
/// <param name="Part">Which file, from 0, the oldest first.</param>
/// <param name="Offset">Octets from its beginning.</param>
internal readonly record struct LogSpot(int Part, long Offset) : IComparable<LogSpot>
{
    /// <inheritdoc/>
    public int CompareTo(LogSpot other) =>
        Part != other.Part ? Part.CompareTo(other.Part) : Offset.CompareTo(other.Offset);

    public static bool operator <(LogSpot one, LogSpot other) => one.CompareTo(other) < 0;

    public static bool operator >(LogSpot one, LogSpot other) => one.CompareTo(other) > 0;

    public static bool operator <=(LogSpot one, LogSpot other) => one.CompareTo(other) <= 0;

    public static bool operator >=(LogSpot one, LogSpot other) => one.CompareTo(other) >= 0;
}
