using Microsoft.AspNetCore.Components;
using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Admin.Pages.Parts;
using Postern.Delivery.Acting;
using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;
using Postern.Mail;

namespace Postern.Admin.Pages.Queueing;

/// <summary>A message in the queue: its envelope, what was tried, and what happens next.</summary>
public partial class MessagePage
{
    /// <summary>Groups of recipients that are shown at a time.</summary>
    private const int Rows = 25;

    private MessageReport? _report;
    private MessageHeaders? _headers;
    private bool _isRedirecting;
    private int _skip;

    /// <summary>The message.</summary>
    [SupplyParameterFromQuery] public long Mid { get; set; }

    [Inject] private AdminParts Parts { get; set; } = null!;

    [Inject] private MailActions Actions { get; set; } = null!;

    [Inject] private Viewer Viewer { get; set; } = null!;

    private bool MayAct => Viewer.May(AccountRole.Operator);

    /// <summary>The address of the page of a message.</summary>
    public static string AddressOf(long mid) => $"/queue/message?mid={mid}";

    /// <inheritdoc/>
    protected override Task OnParametersSetAsync() => LookAsync();

    private async Task LookAsync()
    {
        _report = await new QueueAccess(Parts.Delivery).ShowAsync(new Mid(Mid), CancellationToken.None);
        _skip = Pager.Within(_skip, Rows, _report?.Recipients.Count ?? 0);
    }

    private async Task ChangeAsync(QueueChange change)
    {
        var meant = new QueueSelection { Mid = new Mid(Mid) };
        if (!await Actions.ChangeQueueAsync(change, meant, MailActions.Saying("mid", $"{Mid}"))) return;
        _isRedirecting = false;
        await LookAsync();
    }

    private async Task ShowHeadersAsync() => _headers = await Actions.ReadHeadersAsync(new Mid(Mid));
}
