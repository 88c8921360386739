using Microsoft.AspNetCore.Components;
using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Delivery.Acting;
using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;

namespace Postern.Admin.Pages.Destinations;

/// <summary>What becomes of mail, by receiving domain.</summary>
public partial class DeliveryPage
{
    /// <summary>Rows of a page; no more are asked for.</summary>
    private const int Rows = 25;

    private DestinationsFound _found = new([], 0);
    private SuspensionReport _suspended = new(false, [], []);
    private (DestinationOrder Order, bool IsDescending) _sort = (DestinationOrder.Active, true);
    private string _part = "";
    private int _skip;

    [Inject] private AdminParts Parts { get; set; } = null!;

    [Inject] private MailActions Actions { get; set; } = null!;

    [Inject] private Viewer Viewer { get; set; } = null!;

    private bool MayAct => Viewer.May(AccountRole.Operator);

    /// <inheritdoc/>
    protected override Task OnInitializedAsync() => LookAsync();

    private async Task LookAsync()
    {
        _suspended = Parts.Suspensions.Report;
        var query = new DestinationQuery
        {
            Part = _part,
            Order = _sort.Order,
            IsDescending = _sort.IsDescending,
            Skip = _skip,
            Take = Rows,
        };
        _found = await new DestinationAccess(Parts.Delivery).ListAsync(query);
    }

    private Task SearchAsync(string text)
    {
        (_part, _skip) = (text?.Trim() ?? "", 0);
        return LookAsync();
    }

    private Task SortAsync(DestinationOrder order)
    {
        // Names begin with A, and figures with what is most.
        var isDescending = _sort.Order == order ? !_sort.IsDescending : order != DestinationOrder.Domain;
        (_sort, _skip) = ((order, isDescending), 0);
        return LookAsync();
    }

    private Task GoAsync(int skip)
    {
        _skip = skip;
        return LookAsync();
    }

    private async Task RetryAllAsync()
    {
        await Actions.ChangeQueueAsync(QueueChange.Deliver, new QueueSelection(), MailActions.Saying("all", "true"));
        await LookAsync();
    }

    private async Task SuspendAsync()
    {
        await Actions.SuspendAsync(null, !_suspended.AllDelivery);
        await LookAsync();
    }
}
