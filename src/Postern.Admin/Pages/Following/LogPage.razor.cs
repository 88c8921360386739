using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using Postern.Reporting;

namespace Postern.Admin.Pages.Following;

/// <summary>The mail log as it is written.</summary>
public sealed partial class LogPage : IDisposable
{
    /// <summary>Lines that are shown at first: what a page may send before it is asked for anything.</summary>
    private const int FirstLines = 100;

    /// <summary>Lines that are shown, once so many have come.</summary>
    private const int MaxLines = 300;

    /// <summary>Seconds from pass to pass.</summary>
    private const double Pace = 1;

    /// <summary>
    /// Lines that are taken in a pass: fifty a second, more than anybody reads. Each is drawn and sent, and what a page
    /// costs that is open is bounded by them, not by how much mail there is.
    /// </summary>
    private const int LinesInPass = 50;

    /// <summary>
    /// Lines that are taken in a pass when more come than could ever be shown: the newest few, to see that mail goes.
    /// </summary>
    private const int LinesOfMany = 10;

    // The newest first: the list grows upward from its lower end, where the eye stays.
    private readonly LinkedList<(long Number, SeenLine Line)> _lines = new();
    private LogLineFilter _filter = new();
    private LogTap? _tap;
    private string _text = "";
    private long _lost, _tapLost, _number;
    private DateTimeOffset? _paused;

    /// <summary>What to look for at first.</summary>
    [SupplyParameterFromQuery] public string? Text { get; set; }

    [Inject] private AdminParts Parts { get; set; } = null!;

    [Inject] private SeenTimes Times { get; set; } = null!;

    /// <inheritdoc/>
    public void Dispose() => _tap?.Dispose();

    /// <inheritdoc/>
    protected override Task OnInitializedAsync() => FilterAsync(Text ?? "");

    private LogLineFilter FilterOf(string text)
    {
        if (text.Length == 0) return new LogLineFilter();
        if (Id().Match(text) is not { Success: true } named
            || !long.TryParse(named.Groups[2].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return new LogLineFilter { Text = new LogText(text), Times = Times };
        return named.Groups[1].Value.ToUpperInvariant() switch
        {
            "MID" => new LogLineFilter { Mid = id },
            "ICID" => new LogLineFilter { Icid = id },
            _ => new LogLineFilter { Dcid = id },
        };
    }

    [GeneratedRegex(@"^(MID|ICID|DCID)\s*(\d+)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Id();

    private async Task FilterAsync(string text)
    {
        _text = text?.Trim() ?? "";
        _filter = FilterOf(_text);
        await BeginAsync();
    }

    // What is in the file already, and from then on what is written. A page that is paused stays so.
    private async Task BeginAsync()
    {
        _tap?.Dispose();
        _tap = Parts.Watch(_filter);
        (_lost, _tapLost) = (0, 0);
        if (_paused is not null) _paused = Parts.Time.GetUtcNow();
        _lines.Clear();
        var (tap, filter) = (_tap, _filter);
        var written = await Parts.Log.LastAsync(filter, FirstLines, CancellationToken.None);
        if (tap != _tap) return;
        // Lines that came while the file was read are both in it and on the way.
        var coming = Taken(int.MaxValue);
        var both = Math.Min(coming.Count, written.Count);
        while (both > 0 && !written.TakeLast(both).Select(line => line.Line).SequenceEqual(coming.Take(both))) both--;
        Add([.. written.Select(line => line.Line), .. coming.Skip(both)]);
    }

    private Task TakeAsync()
    {
        if (_paused is not null || _tap is null) return Task.CompletedTask;
        if (_tap.Lost > _tapLost) _tap.KeepNewest(LinesOfMany);
        Add(Taken(LinesInPass));
        (_lost, _tapLost) = (_lost + _tap.Lost - _tapLost, _tap.Lost);
        return Task.CompletedTask;
    }

    private List<string> Taken(int most)
    {
        var taken = new List<string>();
        while (taken.Count < most && _tap?.Lines.TryRead(out var line) == true) taken.Add(line);
        return taken;
    }

    private void Add(List<string> lines)
    {
        foreach (var line in Times.Of(lines, Parts.Time.GetUtcNow())) _lines.AddFirst((_number++, line));
        while (_lines.Count > MaxLines) _lines.RemoveLast();
    }

    // Lines of the pause come from the file, so that none of the last ones is missing.
    private Task PauseAsync()
    {
        var isOver = _paused is not null;
        _paused = isOver ? null : Parts.Time.GetUtcNow();
        return isOver ? BeginAsync() : Task.CompletedTask;
    }
}
