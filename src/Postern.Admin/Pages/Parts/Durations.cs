namespace Postern.Admin.Pages.Parts;

/// <summary>Durations for people, in their largest two units.</summary>
internal static class Durations
{
    /// <summary>What is shorter than a minute has at most one decimal.</summary>
    public static string Text(TimeSpan span) =>
        span.TotalDays >= 1 ? $"{span.Days} d {span.Hours} h"
        : span.TotalHours >= 1 ? $"{span.Hours} h {span.Minutes} min"
        : span.TotalMinutes >= 1 ? $"{span.Minutes} min {span.Seconds} s"
        : span.TotalSeconds >= 1 ? $"{Numbers.Text(span.TotalSeconds)} s"
        : $"{Numbers.Text(span.TotalMilliseconds)} ms";
}
