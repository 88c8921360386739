using Microsoft.AspNetCore.Components;
using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;
using Postern.Mail;

namespace Postern.Admin.Pages.Destinations;

/// <summary>A receiving domain: its hosts, what keeps its mail, and what happens next.</summary>
public partial class DomainPage
{
    private HostStatus? _status;
    private string? _refusal;

    /// <summary>The receiving domain.</summary>
    [SupplyParameterFromQuery] public string? Name { get; set; }

    [Inject] private AdminParts Parts { get; set; } = null!;

    [Inject] private MailActions Actions { get; set; } = null!;

    [Inject] private Viewer Viewer { get; set; } = null!;

    private bool MayAct => Viewer.May(AccountRole.Operator);

    private string Domain => _status!.Domain!.ReceivingDomain;

    private bool IsSuspendedAlone => Parts.Suspensions.Report.Domains.Contains(Domain);

    private bool IsSuspended => IsSuspendedAlone || Parts.Suspensions.Report.AllDelivery;

    private string QueueAddress => $"/queue?host={Uri.EscapeDataString(Domain)}";

    /// <summary>The address of the page of a receiving domain.</summary>
    public static string AddressOf(string domain) => $"/delivery/domain?name={Uri.EscapeDataString(domain)}";

    /// <inheritdoc/>
    protected override Task OnParametersSetAsync() => LookAsync();

    private async Task LookAsync()
    {
        (_refusal, var name) = (null, Name ?? "");
        if (ApiRequest.ReceivingDomainOf(name) is not { } domain || !HostSelector.TryParse(domain, out var selector)
            || ApiRequest.MailboxOf($"postmaster@{domain}") is not { } mailbox)
        {
            (_status, _refusal) = (null, T["'{0}' is no receiving domain.", PeerText.Escape(name)]);
            return;
        }
        var way = await Parts.Delivery.ExplainAsync(mailbox, CancellationToken.None);
        _status = await Parts.Delivery.AskAsync(scheduler => scheduler.Overview.Status(selector, way));
    }

    private Task RetryAsync() => ThenLookAsync(Actions.ChangeQueueAsync(
        QueueChange.Deliver, new QueueSelection { Host = Domain }, MailActions.Saying("host", Domain)));

    private Task SuspendAsync() => ThenLookAsync(Actions.SuspendAsync(Domain, !IsSuspendedAlone));

    private async Task ThenLookAsync(Task<bool> action)
    {
        if (await action) await LookAsync();
    }
}
