using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.WebUtilities;
using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Admin.Pages.Parts;
using Postern.Delivery.Acting;
using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Admin.Pages.Queueing;

/// <summary>Mail that waits: found, looked at, and changed.</summary>
public partial class QueuePage
{
    /// <summary>Rows of a page, which ends with a whole message unless that has too many.</summary>
    private const int Rows = 25;

    /// <summary>Rows that are shown at a time, however many domains a message goes to.</summary>
    private const int MostRows = 2 * Rows;

    /// <summary>Rows that can be chosen one by one.</summary>
    private const int MostChosen = 1000;

    private static readonly IReadOnlyList<(string Name, string Example)> fields =
    [
        ("host", "example.com"), ("sender", "alice@src.example"), ("recipient", "bob@"), ("mid", "6"),
        ("older", "4h"), ("larger", "1MB"), ("attempts", "3"),
    ];

    private readonly Dictionary<string, string> _given = new(StringComparer.Ordinal);
    private readonly HashSet<(Mid Mid, string Domain)> _chosen = [];
    private readonly Stack<(long After, int Skip)> _before = new();
    private QueueListing _listing = new([], null);
    private DeliveryGauges _gauges = new();
    private QueueSelection _fit = new();
    private string? _refusal, _unread;
    private long _after;
    private int _skip;
    private bool _isAll, _isRedirecting, _hasNext;

    [Inject] private AdminParts Parts { get; set; } = null!;

    [Inject] private MailActions Actions { get; set; } = null!;

    [Inject] private Viewer Viewer { get; set; } = null!;

    [Inject] private NavigationManager Address { get; set; } = null!;

    private bool MayAct => Viewer.May(AccountRole.Operator);

    private IEnumerable<QueuedRecipients> Shown => _listing.Recipients.Skip(_skip).Take(MostRows);

    private bool HasMore => _skip + MostRows < _listing.Recipients.Count;

    private bool IsNothing => !_isAll && _chosen.Count == 0;

    /// <inheritdoc/>
    protected override Task OnInitializedAsync()
    {
        foreach (var (name, values) in QueryHelpers.ParseQuery(new Uri(Address.Uri).Query))
            if (values is [{ Length: > 0 } value, ..]) _given[name] = value;
        return ListAsync();
    }

    private static (Mid Mid, string Domain) KeyOf(QueuedRecipients row) => (new Mid(row.Mid), row.ReceivingDomain);

    private string TitleOf(string field) => field switch
    {
        "host" => T["Receiving Domain"],
        "sender" => T["Sender"],
        "recipient" => T["Part of a recipient"],
        "older" => T["Older than"],
        "larger" => T["At least so large"],
        "attempts" => T["Rounds, at least"],
        _ => "MID",
    };

    private string ReasonText(string reason) => reason switch
    {
        "mail" => T["a host answered 4xx to it"],
        "host" => T["for want of a host"],
        "pace" => T["a report to a domain that has had its share of them for now"],
        "content" => T["its content cannot be read from the spool"],
        _ => T["uncertain: a host may have it already"],
    };

    private void Give(string name, ChangeEventArgs change)
    {
        if (change.Value?.ToString()?.Trim() is { Length: > 0 } value) _given[name] = value;
        else _given.Remove(name);
    }

    private void Choose(QueuedRecipients row, ChangeEventArgs change)
    {
        if (change.Value is not true) _chosen.Remove(KeyOf(row));
        else if (_chosen.Count < MostChosen) _chosen.Add(KeyOf(row));
    }

    private Task FindAsync()
    {
        // The address leads to what is shown, for those who keep or send it.
        var query = _given.OrderBy(given => given.Key, StringComparer.Ordinal)
            .Select(given => KeyValuePair.Create(given.Key, (string?)given.Value));
        Address.NavigateTo(QueryHelpers.AddQueryString("/queue", query), replace: true);
        _chosen.Clear();
        _before.Clear();
        (_after, _skip, _isAll, _isRedirecting) = (0, 0, false, false);
        return ListAsync();
    }

    private Task ShowAllAsync()
    {
        _given.Clear();
        return FindAsync();
    }

    private async Task ListAsync()
    {
        _gauges = await Parts.Delivery.AskAsync(scheduler => scheduler.Overview.Gauges());
        var now = Parts.Time.GetUtcNow();
        var isRead = QueueRequest.TryRead(
            name => _given.GetValueOrDefault(name), now, out var fit, out var refusal);
        _refusal = T.Say(refusal);
        if (!isRead)
        {
            // Nothing may be done to what nobody sees.
            (_listing, _hasNext, _isAll) = (new([], null), false, false);
            _chosen.Clear();
            _unread = null;
            return;
        }
        _fit = fit;
        try
        {
            await ReadAsync(fit);
            _unread = null;
        }
        catch (SpoolException e)
        {
            // What was chosen is chosen still when it is seen again.
            (_listing, _hasNext, _unread) = (new([], null), false, T.SpoolTrouble(Parts, e));
        }
    }

    private async Task ReadAsync(QueueSelection fit)
    {
        var queue = new QueueAccess(Parts.Delivery);
        _listing = await queue.ListAsync(fit, new Mid(_after), Rows, CancellationToken.None);
        // What was shown has gone, as mail does.
        if (_listing.Recipients.Count == 0 && _before.Count > 0)
        {
            (_after, _skip) = _before.Pop();
            await ReadAsync(fit);
            return;
        }
        // A page that is full does not know whether anything stands behind it.
        _hasNext = _listing.Next is { } next
            && (await queue.ListAsync(fit, new Mid(next), 1, CancellationToken.None)).Recipients.Count > 0;
        _skip = Pager.Within(_skip, MostRows, _listing.Recipients.Count);
    }

    private Task OnAsync()
    {
        if (!HasMore && !_hasNext) return Task.CompletedTask;
        _before.Push((_after, _skip));
        (_after, _skip) = HasMore ? (_after, _skip + MostRows) : (_listing.Next ?? _after, 0);
        return ListAsync();
    }

    private Task BackAsync()
    {
        if (_before.TryPop(out var before)) (_after, _skip) = before;
        return ListAsync();
    }

    private async Task ChangeAsync(QueueChange change)
    {
        if (IsNothing) return;
        // Of what was chosen, what is seen: a row may be a part of what a message has in a domain.
        var meant = _isAll ? _fit : _fit with { Chosen = _chosen.ToHashSet() };
        if (!await Actions.ChangeQueueAsync(change, meant, Said())) return;
        _chosen.Clear();
        (_isAll, _isRedirecting) = (false, false);
        await ListAsync();
    }

    // As the parameters of the API would say it.
    private Dictionary<string, string> Said() => _isAll
        ? _given.Count > 0 ? new(_given) : new() { ["all"] = "true" }
        : new(_given)
        {
            ["mid"] = string.Join(", ", _chosen.Select(c => c.Mid.Value).Distinct().Order()),
            ["host"] = string.Join(", ", _chosen.Select(c => c.Domain).Distinct().Order(StringComparer.Ordinal)),
        };
}
