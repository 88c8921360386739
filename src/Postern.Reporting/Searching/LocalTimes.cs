namespace Postern.Reporting.Searching;

/// <summary>
/// Times of lines, which are local and have no offset, beside real ones. In the hour that a clock shows twice a line
/// is within a span when either of its times is. Immutable.
/// </summary>
internal sealed class LocalTimes(TimeZoneInfo zone)
{
    /// <summary>After a line that much behind the end of a span there is nothing of it, whatever clocks did.</summary>
    private static readonly TimeSpan slack = TimeSpan.FromHours(3);

    /// <summary>The time of a line; null: it has none.</summary>
    public DateTimeOffset? Of(DateTime local) =>
        local == default ? null : new DateTimeOffset(local, zone.GetUtcOffset(local));

    /// <summary>The line is in the span.</summary>
    public bool IsWithin(DateTime local, DateTimeOffset? since, DateTimeOffset? until)
    {
        if (since is null && until is null) return true;
        if (local == default) return false;
        // Lines have whole seconds.
        return MomentsOf(local).Any(at => (since is null || at.AddSeconds(1) > since) && (until is null || at < until));
    }

    /// <summary>What the time of a line can mean, the earlier first: one moment, or two in that hour.</summary>
    public IReadOnlyList<DateTimeOffset> MomentsOf(DateTime local) => zone.IsAmbiguousTime(local)
        ? [.. zone.GetAmbiguousTimeOffsets(local).OrderDescending().Select(offset => new DateTimeOffset(local, offset))]
        : [new DateTimeOffset(local, zone.GetUtcOffset(local))];

    /// <summary>No line behind this one is before the end of the span.</summary>
    public bool IsPast(DateTime local, DateTimeOffset? until) =>
        until is { } end && Of(local) is { } at && at > end + slack;
}
