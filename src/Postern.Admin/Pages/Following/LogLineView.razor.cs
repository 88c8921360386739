using System.Text;
using Microsoft.AspNetCore.Components;
using Postern.Admin.Pages.Parts;
using Postern.Reporting;

namespace Postern.Admin.Pages.Following;

/// <summary>
/// Shows a line of the mail log, in which text from peers is escaped already, with its time in the viewer's zone.
/// </summary>
public partial class LogLineView
{
    private readonly List<(string Text, string? Address, DateTime? Till)> _pieces = [];
    private bool _isFailure;

    /// <summary>As it stands in the file.</summary>
    [Parameter, EditorRequired] public string Line { get; set; } = "";

    /// <summary>When it was written, in UTC; null: it has no time.</summary>
    [Parameter] public DateTime? At { get; set; }

    /// <summary>When it can also have been written.</summary>
    [Parameter] public DateTime? OrAt { get; set; }

    [Inject] private SeenTimes Times { get; set; } = null!;

    // What an operator looks for: what is above the level of a notice, and what tells of a failure.
    private string Urgency => HasLevel("Critical:") ? "critical" : HasLevel("Warning:") || _isFailure ? "warning" : "";

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        _pieces.Clear();
        var done = At is null ? 0 : LogStamp.Length;
        // Takes what stands before a place as text, and the place as what it is.
        void Take(int at, int length, string? address, DateTime? till)
        {
            _pieces.Add((Line[done..at], null, null));
            _pieces.Add((Line.Substring(at, length), address, till));
            done = at + length;
        }
        // Only ids that the form of the line has become links: a subject that looks like an id is none.
        void Link(string word, long id, string address)
        {
            var text = $"{word} {id}";
            var at = id == 0 ? -1 : Line.IndexOf(text, done, StringComparison.Ordinal);
            if (at >= 0) Take(at, text.Length, address, null);
        }
        if (At is { } written && LogLine.TryParse(Encoding.UTF8.GetBytes(Line), out var parsed))
        {
            _isFailure = parsed.Kind is LogLineKind.ConnectionError or LogLineKind.Failed or LogLineKind.HostLeftOut;
            Link("DCID", parsed.Dcid, StoryPage.OfOutgoing(parsed.Dcid));
            Link("MID", parsed.Mid, StoryPage.OfMessage(parsed.Mid));
            Link("ICID", parsed.Icid, StoryPage.OfIncoming(parsed.Icid));
            Link("MID", parsed.OriginalMid, StoryPage.OfMessage(parsed.OriginalMid));
            if (parsed.TryReadTill(out var at, out var till))
                Take(at, LogStamp.Length, null, Times.TillOf(till, written));
        }
        _pieces.Add((Line[done..], null, null));
    }

    private bool HasLevel(string level) =>
        Line.AsSpan(Math.Min(Line.Length, LogStamp.Length + 1)).StartsWith(level, StringComparison.Ordinal);

    private string Utc(DateTime at) => OrAt is { } other
        ? T["{0} or {1}: the clock of the gateway showed this hour twice", When.Utc(other), When.Utc(at)]
        : When.Utc(at);

    // Said behind a time that the line itself has, by the style alone, so that its text stays that of the file.
    private string? SeenIn(string text, DateTime at) =>
        Times.StampOf(at) is var seen && seen != text ? T["{0} in your zone", seen].Value : null;
}
