using System.Globalization;
using Microsoft.AspNetCore.Components;
using Postern.Admin.Access;

namespace Postern.Admin.Pages.Parts;

/// <summary>Shows a moment in the viewer's zone, and in UTC on hover.</summary>
public partial class When
{
    /// <summary>The moment; null: nothing is shown.</summary>
    [Parameter] public DateTimeOffset? At { get; set; }

    [Inject] private Viewer Viewer { get; set; } = null!;

    /// <summary>A moment in UTC as it stands on hover.</summary>
    public static string Utc(DateTime utc) =>
        utc.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private string Local(DateTimeOffset at) =>
        TimeZoneInfo.ConvertTime(at, Viewer.Zone).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
