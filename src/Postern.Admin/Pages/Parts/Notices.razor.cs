using Microsoft.AspNetCore.Components;
using Postern.Admin.Alerts;

namespace Postern.Admin.Pages.Parts;

/// <summary>
/// Says on every page, for as long as it is so, that the spool is closed after a failed sync, and that a file of the
/// configuration is missing or wrong (contract §2).
/// </summary>
public partial class Notices
{
    private bool _isClosed, _isNews;
    private DateTimeOffset? _since;
    private IReadOnlyList<Alert> _refused = [];

    [Inject] private AdminParts Parts { get; set; } = null!;

    /// <inheritdoc/>
    protected override Task OnInitializedAsync() => LookAsync();

    // While nothing has changed no page that is open costs a thing.
    /// <inheritdoc/>
    protected override bool ShouldRender() => _isNews;

    private Task LookAsync()
    {
        var isClosed = !Parts.Readiness().SpoolOpen;
        var active = Parts.Alerts().Active;
        // Known from the next look of the alerts on.
        var since = isClosed ? active.FirstOrDefault(alert => alert.Kind == AlertKind.SpoolClosed)?.Since : null;
        List<Alert> refused = [.. active.Where(alert => alert.Kind == AlertKind.ConfigurationRefused)];
        _isNews = (isClosed, since) != (_isClosed, _since) || !refused.SequenceEqual(_refused);
        (_isClosed, _since, _refused) = (isClosed, since, refused);
        return Task.CompletedTask;
    }
}
