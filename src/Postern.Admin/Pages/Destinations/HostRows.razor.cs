using Microsoft.AspNetCore.Components;
using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Delivery.Reports;

namespace Postern.Admin.Pages.Destinations;

/// <summary>Shows hosts one below the other; an operator retries and drains them, and puts them back.</summary>
public partial class HostRows
{
    /// <summary>The hosts.</summary>
    [Parameter, EditorRequired] public IReadOnlyList<HostReport> Hosts { get; set; } = [];

    /// <summary>Something was done about a host.</summary>
    [Parameter] public EventCallback Changed { get; set; }

    [Inject] private AdminParts Parts { get; set; } = null!;

    [Inject] private MailActions Actions { get; set; } = null!;

    [Inject] private Viewer Viewer { get; set; } = null!;

    private bool MayAct => Viewer.May(AccountRole.Operator);

    // What is so now counts as well, between two looks.
    private IReadOnlyList<HostState> HourOf(HostReport host)
    {
        var hour = Parts.Health.LastHour(host.Host);
        return hour.Count == 0 ? [host.State]
            : [.. hour.SkipLast(1), HostStates.Worse(hour[^1], host.State)];
    }

    // Left out for all mail, or for that of a TLS policy or profile.
    private static bool IsRetryable(HostReport host) =>
        host.State == HostState.LeftOut || (host.Scopes.Count > 0 && host.State != HostState.Drained);

    private async Task RetryAsync(HostReport host)
    {
        if (await Actions.RetryAsync(host)) await Changed.InvokeAsync();
    }

    private async Task DrainAsync(HostReport host)
    {
        if (await (host.State == HostState.Drained ? Actions.UndrainAsync(host.Host) : Actions.DrainAsync(host.Host)))
            await Changed.InvokeAsync();
    }
}
