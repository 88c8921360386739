namespace Postern.Mail.Dsn;

/// <summary>
/// Reads the text of a template: sections <c>[failed]</c>, <c>[delayed]</c> and <c>[relayed]</c>, each with a line
/// <c>Subject: …</c> and the text behind it. <c>{name}</c> is a placeholder, <c>{{</c> and <c>}}</c> are braces; lines
/// before the first section are comments when they begin with <c>#</c>. Pure.
/// </summary>
public sealed class ReportTemplateParser
{
    /// <summary>Characters of a line and of a subject.</summary>
    public const int MaxLine = 200;

    private const string SubjectName = "Subject:";
    private const string Names = "{recipients}, {hostname}, {sender}, {arrived} or {until}";

    private static readonly Dictionary<string, DsnAction> Headers = new(StringComparer.Ordinal)
    {
        ["[failed]"] = DsnAction.Failed,
        ["[delayed]"] = DsnAction.Delayed,
        ["[relayed]"] = DsnAction.Relayed,
    };

    private static readonly Dictionary<string, ReportPlaceholder> Placeholders = new(StringComparer.Ordinal)
    {
        ["recipients"] = ReportPlaceholder.Recipients,
        ["hostname"] = ReportPlaceholder.Hostname,
        ["sender"] = ReportPlaceholder.Sender,
        ["arrived"] = ReportPlaceholder.Arrived,
        ["until"] = ReportPlaceholder.Until,
    };

    private readonly List<TemplateError> _errors = [];
    private readonly Dictionary<DsnAction, ReportSection> _sections = [];
    private readonly List<IReadOnlyList<ReportPiece>> _lines = [];
    private (DsnAction Action, int Line)? _current;
    private string? _subject;
    private bool _hasRecipients;

    private ReportTemplateParser()
    {
    }

    /// <summary>Reads a template; null when it has errors, all of which are told.</summary>
    public static ReportTemplate? Parse(string text, out IReadOnlyList<TemplateError> errors)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parser = new ReportTemplateParser();
        parser.Read(text);
        errors = parser._errors;
        return errors.Count == 0 ? new ReportTemplate(parser._sections) : null;
    }

    private void Read(string text)
    {
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            ReadLine(raw.TrimEnd('\r', ' ', '\t'), number);
        }
        EndSection();
        if (_sections.Count == 0 && _errors.Count == 0)
            Wrong(1, 1, "the template has no section", "Write [failed], [delayed] or [relayed] above the text for it");
    }

    private void ReadLine(string line, int number)
    {
        if (line.Length > MaxLine)
        {
            Wrong(number, MaxLine + 1, $"the line has {line.Length} characters",
                $"Break it after at most {MaxLine} characters; long lines are folded in the report anyway");
            return;
        }
        if (line.AsSpan().IndexOfAnyInRange('\0', '\u001f') is >= 0 and var control)
        {
            Wrong(number, control + 1, "a control character", "Remove it; spaces indent a line");
            return;
        }
        if (line.StartsWith('[') && line.EndsWith(']')) BeginSection(line, number);
        else if (_current is null) ReadBeforeSections(line, number);
        else if (_subject is null) ReadSubject(line, number);
        else _lines.Add(Pieces(line, number));
    }

    private void ReadBeforeSections(string line, int number)
    {
        if (line.Length == 0 || line[0] == '#' || _errors.Count > 0) return;
        Wrong(number, 1, "text before the first section",
            "Write [failed], [delayed] or [relayed] above it, or begin the line with #");
    }

    private void BeginSection(string header, int number)
    {
        EndSection();
        if (!Headers.TryGetValue(header, out var action))
            Wrong(number, 1, $"there is no section {header}", "Write [failed], [delayed] or [relayed]");
        else if (_sections.ContainsKey(action))
            Wrong(number, 1, $"there is a section {header} already", "Remove one of the two");
        _current = (action, number);
    }

    private void ReadSubject(string line, int number)
    {
        if (line.Length == 0) return;
        _subject = line.StartsWith(SubjectName, StringComparison.Ordinal) ? line[SubjectName.Length..].Trim() : "";
        if (_subject.Length == 0)
        {
            Wrong(number, 1, "the section has no subject", "Write a line Subject: … directly below its header");
            return;
        }

        // What a sender or a recipient is called has no business in a header of ours.
        var before = _errors.Count;
        if (Pieces(line, number) is [{ Literal: { } text }])
            _subject = text[SubjectName.Length..].Trim();
        else if (_errors.Count == before)
            Wrong(number, 1, "there is a placeholder in the subject", "Write the subject without one");
    }

    private void EndSection()
    {
        if (_current is not { } section) return;
        if (_subject is null)
            Wrong(section.Line, 1, "the section has no text", "Write a line Subject: … below it, and text below that");
        else if (!_hasRecipients && _errors.All(e => e.Line <= section.Line))
            Wrong(section.Line, 1, "the section does not name the recipients",
                "Write {recipients} on a line of its own");
        while (_lines.Count > 0 && _lines[0].Count == 0) _lines.RemoveAt(0);
        while (_lines.Count > 0 && _lines[^1].Count == 0) _lines.RemoveAt(_lines.Count - 1);
        _sections[section.Action] = new ReportSection(_subject ?? "", [.. _lines]);
        _lines.Clear();
        (_current, _subject, _hasRecipients) = (null, null, false);
    }

    private List<ReportPiece> Pieces(string line, int number)
    {
        var pieces = new List<ReportPiece>();
        var literal = new System.Text.StringBuilder();
        for (var at = 0; at < line.Length; at++)
        {
            var character = line[at];
            if (character is not ('{' or '}'))
            {
                literal.Append(character);
            }
            else if (at + 1 < line.Length && line[at + 1] == character)
            {
                literal.Append(character);
                at++;
            }
            else if (Placeholder(line, number, at) is { } placeholder)
            {
                if (literal.Length > 0) pieces.Add(new(literal.ToString(), default));
                literal.Clear();
                pieces.Add(new(null, placeholder));
                at = line.IndexOf('}', at);
            }
            else
            {
                return [];
            }
        }
        if (literal.Length > 0) pieces.Add(new(literal.ToString(), default));
        return pieces;
    }

    private ReportPlaceholder? Placeholder(string line, int number, int at)
    {
        var end = line.IndexOf('}', at);
        if (line[at] == '}' || end < 0)
        {
            Wrong(number, at + 1, $"a '{line[at]}' by itself",
                $"Write {{{{ or }}}} for a brace, or a placeholder: {Names}");
            return null;
        }
        var name = line[(at + 1)..end];
        if (!Placeholders.TryGetValue(name, out var placeholder))
        {
            Wrong(number, at + 1, $"there is no placeholder {{{name}}}", $"Write {Names}");
            return null;
        }
        if (placeholder == ReportPlaceholder.Until && _current!.Value.Action != DsnAction.Delayed)
            Wrong(number, at + 1, "{until} stands outside of [delayed]", "Remove it; only delayed mail is tried again");
        if (placeholder != ReportPlaceholder.Recipients) return placeholder;
        if (line != "{recipients}" || _hasRecipients)
            Wrong(number, at + 1, "{recipients} is a block of lines",
                "Write it once, on a line of its own and from its first column");
        _hasRecipients = true;
        return placeholder;
    }

    private void Wrong(int line, int column, string text, string remedy) =>
        _errors.Add(new TemplateError(line, column, text, remedy + "."));
}
