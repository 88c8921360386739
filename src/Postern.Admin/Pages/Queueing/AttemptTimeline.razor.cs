using System.Globalization;
using Microsoft.AspNetCore.Components;
using Postern.Delivery.Reports;

namespace Postern.Admin.Pages.Queueing;

/// <summary>Shows when which host was tried, and what came of it.</summary>
public partial class AttemptTimeline
{
    /// <summary>The attempts, the oldest first.</summary>
    [Parameter, EditorRequired] public IReadOnlyList<AttemptReport> Attempts { get; set; } = [];

    /// <summary>When the message was accepted: where the line begins.</summary>
    [Parameter, EditorRequired] public DateTimeOffset Accepted { get; set; }

    /// <summary>Where it ends.</summary>
    [Parameter, EditorRequired] public DateTimeOffset Now { get; set; }

    private static string HostOf(AttemptReport attempt) => attempt.Address.Length > 0 ? attempt.Address : attempt.Host;

    private static string ClassOf(AttemptReport attempt) => attempt.Code is >= 400 and < 500 ? "fair" : "bad";

    private string PlaceOf(AttemptReport attempt)
    {
        var whole = Math.Max(1, (Now - Accepted).TotalSeconds);
        var percent = Math.Clamp(100 * (attempt.At - Accepted).TotalSeconds / whole, 0, 100);
        return string.Create(CultureInfo.InvariantCulture, $"{percent:F1}%");
    }
}
