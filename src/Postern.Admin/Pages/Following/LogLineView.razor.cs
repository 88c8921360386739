using System.Text;
using Microsoft.AspNetCore.Components;
using Postern.Admin.Pages.Parts;
using Postern.Reporting;

namespace Postern.Admin.Pages.Following;

/// <summary>Shows a line of the mail log, in which text from peers is escaped already.</summary>
public partial class LogLineView
{
    /// <summary>Characters of the time.</summary>
    private const int StampLength = 24;

    private readonly List<(string Text, string? Address)> _pieces = [];
    private string? _utc;

    /// <summary>As it stands in the file.</summary>
    [Parameter, EditorRequired] public string Line { get; set; } = "";

    [Inject] private AdminParts Parts { get; set; } = null!;

    private bool IsWarning =>
        Line.AsSpan(Math.Min(Line.Length, StampLength + 1)).StartsWith("Warning:", StringComparison.Ordinal);

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        _pieces.Clear();
        _utc = null;
        if (!LogLine.TryParse(Encoding.UTF8.GetBytes(Line), out var parsed))
        {
            _pieces.Add((Line, null));
            return;
        }
        var done = 0;
        if (parsed.TryReadTime(out var local))
        {
            _utc = When.Utc(local - Parts.Time.LocalTimeZone.GetUtcOffset(local));
            done = StampLength;
        }
        // Only ids that the form of the line has become links: a subject that looks like an id is none.
        void Link(string word, long id, string address)
        {
            var text = $"{word} {id}";
            var at = id == 0 ? -1 : Line.IndexOf(text, done, StringComparison.Ordinal);
            if (at < 0) return;
            _pieces.Add((Line[done..at], null));
            _pieces.Add((text, address));
            done = at + text.Length;
        }
        Link("DCID", parsed.Dcid, StoryPage.OfOutgoing(parsed.Dcid));
        Link("MID", parsed.Mid, StoryPage.OfMessage(parsed.Mid));
        Link("ICID", parsed.Icid, StoryPage.OfIncoming(parsed.Icid));
        Link("MID", parsed.OriginalMid, StoryPage.OfMessage(parsed.OriginalMid));
        _pieces.Add((Line[done..], null));
    }
}
