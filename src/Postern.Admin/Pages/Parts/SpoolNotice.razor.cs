using Microsoft.AspNetCore.Components;
using Postern.Admin.Alerts;

namespace Postern.Admin.Pages.Parts;

/// <summary>Says on every page that the spool is closed after a failed sync, for as long as it is.</summary>
public partial class SpoolNotice
{
    private bool _isClosed, _isNews;
    private DateTimeOffset? _since;

    [Inject] private AdminParts Parts { get; set; } = null!;

    /// <inheritdoc/>
    protected override Task OnInitializedAsync() => LookAsync();

    // While nothing has changed no page that is open costs a thing.
    /// <inheritdoc/>
    protected override bool ShouldRender() => _isNews;

    private Task LookAsync()
    {
        var isClosed = !Parts.Readiness().SpoolOpen;
        // Known from the next look of the alerts on.
        var since = isClosed
            ? Parts.Alerts().Active.FirstOrDefault(alert => alert.Kind == AlertKind.SpoolClosed)?.Since : null;
        _isNews = (isClosed, since) != (_isClosed, _since);
        (_isClosed, _since) = (isClosed, since);
        return Task.CompletedTask;
    }
}
