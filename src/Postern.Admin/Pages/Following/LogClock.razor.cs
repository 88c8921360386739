using System.Globalization;
using Microsoft.AspNetCore.Components;

namespace Postern.Admin.Pages.Following;

/// <summary>Says whose clock the lines of the mail log show, which stand as they are in the file.</summary>
public partial class LogClock
{
    [Inject] private AdminParts Parts { get; set; } = null!;

    private string Zone
    {
        get
        {
            var zone = Parts.Time.LocalTimeZone;
            var offset = zone.GetUtcOffset(Parts.Time.GetUtcNow());
            var sign = offset < TimeSpan.Zero ? '-' : '+';
            return string.Create(CultureInfo.InvariantCulture, $@"{zone.Id}, UTC{sign}{offset:hh\:mm}");
        }
    }
}
