using System.Globalization;
using Microsoft.AspNetCore.Components;
using Postern.Admin.Access;

namespace Postern.Admin.Pages.Following;

/// <summary>Says whose clock the lines of the mail log show, and whose those of the file.</summary>
public partial class LogClock
{
    [Inject] private AdminParts Parts { get; set; } = null!;

    [Inject] private Viewer Viewer { get; set; } = null!;

    private string ZoneText(TimeZoneInfo zone)
    {
        var offset = zone.GetUtcOffset(Parts.Time.GetUtcNow());
        var sign = offset < TimeSpan.Zero ? '-' : '+';
        return string.Create(CultureInfo.InvariantCulture, $@"{zone.Id}, UTC{sign}{offset:hh\:mm}");
    }
}
