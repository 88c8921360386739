using System.Text;
using Microsoft.AspNetCore.Components;
using Postern.Reporting;

namespace Postern.Admin.Pages.Following;

/// <summary>Shows a line of the mail log, in which text from peers is escaped already.</summary>
public partial class LogLineView
{
    /// <summary>Characters of the time and the space behind it.</summary>
    private const int StampLength = 25;

    /// <summary>As it stands in the file.</summary>
    [Parameter, EditorRequired] public string Line { get; set; } = "";

    private bool IsWarning =>
        Line.AsSpan(Math.Min(Line.Length, StampLength)).StartsWith("Warning:", StringComparison.Ordinal);

    // Only ids that the form of the line has become links: a subject that looks like an id is none.
    private List<(string Text, string? Address)> Pieces()
    {
        if (!LogLine.TryParse(Encoding.UTF8.GetBytes(Line), out var parsed)) return [(Line, null)];
        var pieces = new List<(string, string?)>();
        var done = 0;
        void Link(string word, long id, string address)
        {
            var text = $"{word} {id}";
            var at = id == 0 ? -1 : Line.IndexOf(text, done, StringComparison.Ordinal);
            if (at < 0) return;
            pieces.Add((Line[done..at], null));
            pieces.Add((text, address));
            done = at + text.Length;
        }
        Link("DCID", parsed.Dcid, StoryPage.OfOutgoing(parsed.Dcid));
        Link("MID", parsed.Mid, StoryPage.OfMessage(parsed.Mid));
        Link("ICID", parsed.Icid, StoryPage.OfIncoming(parsed.Icid));
        Link("MID", parsed.OriginalMid, StoryPage.OfMessage(parsed.OriginalMid));
        pieces.Add((Line[done..], null));
        return pieces;
    }
}
