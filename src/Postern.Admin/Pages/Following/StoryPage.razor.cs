using System.Globalization;
using Microsoft.AspNetCore.Components;
using Postern.Delivery.Acting;
using Postern.Mail;
using Postern.Reporting;
using Postern.Reporting.Searching;
using Postern.Spool;

namespace Postern.Admin.Pages.Following;

/// <summary>What the mail log tells of a message or a connection.</summary>
public partial class StoryPage
{
    private const int Lines = 500;

    private readonly List<LogStoryLine> _lines = [];
    private string? _next;
    private long _mid, _icid, _dcid;
    private bool _isTold, _isQueued, _isWhole = true;

    /// <summary>The message, as the address of the page has it; null: a connection is meant.</summary>
    [SupplyParameterFromQuery] public string? Mid { get; set; }

    /// <summary>The incoming connection, in the same way.</summary>
    [SupplyParameterFromQuery] public string? Icid { get; set; }

    /// <summary>The outgoing connection, in the same way.</summary>
    [SupplyParameterFromQuery] public string? Dcid { get; set; }

    [Inject] private AdminParts Parts { get; set; } = null!;

    [Inject] private SeenTimes Times { get; set; } = null!;

    private bool IsId => _mid + _icid + _dcid > 0;

    private string? Id => Mid ?? Icid ?? Dcid;

    private string Title => Mid is not null ? $"MID {Mid}" : Icid is not null ? $"ICID {Icid}"
        : Dcid is not null ? $"DCID {Dcid}" : T["a message or a connection"];

    /// <summary>The address of the story of a message.</summary>
    public static string OfMessage(long mid) => $"/log/story?mid={mid}";

    /// <summary>The address of the story of an incoming connection.</summary>
    public static string OfIncoming(long icid) => $"/log/story?icid={icid}";

    /// <summary>The address of the story of an outgoing connection.</summary>
    public static string OfOutgoing(long dcid) => $"/log/story?dcid={dcid}";

    /// <inheritdoc/>
    protected override Task OnParametersSetAsync()
    {
        (_mid, _icid, _dcid) = (IdOf(Mid), IdOf(Icid), IdOf(Dcid));
        return IsId ? TellAsync() : Task.CompletedTask;
    }

    private static long IdOf(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;

    private async Task TellAsync()
    {
        if (_mid > 0)
        {
            _lines.Clear();
            _next = "";
            await TellOnAsync();
            _isQueued = await IsQueuedAsync(new Mid(_mid));
        }
        else
        {
            var told = await Parts.Log.ConnectionAsync(
                new LogLineFilter { Icid = _icid, Dcid = _dcid }, Lines, CancellationToken.None);
            (_next, _isQueued, _isWhole) = (null, false, told.IsWhole);
            _lines.Clear();
            _lines.AddRange(told.Lines);
        }
        _isTold = true;
    }

    private async Task<bool> IsQueuedAsync(Mid mid)
    {
        try
        {
            return await new QueueAccess(Parts.Delivery).ShowAsync(mid, CancellationToken.None) is not null;
        }
        catch (SpoolException)
        {
            // Its page tells as soon as the spool can be read.
            return true;
        }
    }

    private async Task TellOnAsync()
    {
        if (_next is not { } after) return;
        var page = await Parts.Log.TellAsync(_mid, after, Lines, CancellationToken.None);
        _lines.AddRange(page?.Lines ?? []);
        (_next, _isWhole) = (page?.Next, true);
    }
}
