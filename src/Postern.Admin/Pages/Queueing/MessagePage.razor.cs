using Microsoft.AspNetCore.Components;
using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Admin.Pages.Parts;
using Postern.Delivery.Acting;
using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Admin.Pages.Queueing;

/// <summary>A message in the queue: its envelope, what was tried, and what happens next.</summary>
public partial class MessagePage
{
    /// <summary>Groups of recipients that are shown at a time.</summary>
    private const int Rows = 25;

    private MessageReport? _report;
    private MessageHeaders? _headers;
    private string? _unread;
    private bool _isRedirecting;
    private int _skip;

    /// <summary>The message, as the address of the page has it.</summary>
    [SupplyParameterFromQuery] public string? Mid { get; set; }

    [Inject] private AdminParts Parts { get; set; } = null!;

    [Inject] private MailActions Actions { get; set; } = null!;

    [Inject] private Viewer Viewer { get; set; } = null!;

    private Mid? Message => QueueRequest.MidOf(Mid ?? "");

    private bool MayAct => Viewer.May(AccountRole.Operator);

    /// <summary>The address of the page of a message.</summary>
    public static string AddressOf(long mid) => $"/queue/message?mid={mid}";

    /// <inheritdoc/>
    protected override Task OnParametersSetAsync() => LookAsync();

    private async Task LookAsync()
    {
        try
        {
            _report = Message is { } mid
                ? await new QueueAccess(Parts.Delivery).ShowAsync(mid, CancellationToken.None) : null;
            _unread = null;
        }
        catch (SpoolException e)
        {
            (_report, _unread) = (null, T.SpoolTrouble(Parts, e));
        }
        _skip = Pager.Within(_skip, Rows, _report?.Recipients.Count ?? 0);
    }

    private async Task ChangeAsync(QueueChange change)
    {
        if (_report is not { Mid: var mid }) return;
        var meant = new QueueSelection { Mid = new Mid(mid) };
        if (!await Actions.ChangeQueueAsync(change, meant, MailActions.Saying("mid", $"{mid}"))) return;
        _isRedirecting = false;
        await LookAsync();
    }

    private async Task ShowHeadersAsync() =>
        _headers = Message is { } mid ? await Actions.ReadHeadersAsync(mid) : null;
}
