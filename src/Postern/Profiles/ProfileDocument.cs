using System.Globalization;
using System.Text;

namespace Postern.Profiles;

/// <summary>
/// The text of postern.toml with its <c>[auth_profile.NAME]</c> tables edited line by line: comments, order and
/// formatting of everything else stay. It does not understand all of TOML; who edits reads the outcome again before
/// writing it.
/// </summary>
internal sealed class ProfileDocument
{
    private readonly List<string> _lines;
    private readonly string _lineEnd;

    /// <summary>Reads the text.</summary>
    public ProfileDocument(string text)
    {
        _lineEnd = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        _lines = [.. text.Split('\n')];
    }

    /// <summary>Adds a table at the end.</summary>
    public void Add(string name, IEnumerable<(string Key, string Value)> values)
    {
        while (_lines.Count > 0 && string.IsNullOrWhiteSpace(_lines[^1])) _lines.RemoveAt(_lines.Count - 1);
        if (_lines.Count > 0)
        {
            _lines[^1] = _lines[^1].TrimEnd('\r') + Tail;
            _lines.Add(Tail);
        }

        _lines.Add($"[auth_profile.{KeyOf(name)}]{Tail}");
        foreach (var (key, value) in values) _lines.Add($"{key} = {value}{Tail}");
        _lines.Add("");
    }

    /// <summary>Gives a key of a table another value, or takes the key away with null.</summary>
    /// <returns>False: the table is not written as a table of its own.</returns>
    public bool Set(string name, string key, string? value)
    {
        var (first, end) = Find(name);
        if (first < 0) return false;
        for (var at = first + 1; at < end; at++)
        {
            if (!IsKey(_lines[at], key, out var valueAt)) continue;
            if (value is null) _lines.RemoveAt(at);
            else _lines[at] = _lines[at][..valueAt] + value + BehindValue(_lines[at], valueAt);
            return true;
        }

        if (value is not null) _lines.Insert(first + 1, $"{key} = {value}{Tail}");
        return true;
    }

    /// <summary>Deletes a table, and leaves the comments that stand above the next one.</summary>
    /// <returns>False: the table is not written as a table of its own.</returns>
    public bool Remove(string name)
    {
        var (first, end) = Find(name);
        if (first < 0) return false;
        while (end < _lines.Count && end > first + 1 && IsCommentOrBlank(_lines[end - 1])) end--;
        _lines.RemoveRange(first, end - first);
        // One blank line stays between what stood before and what stands behind.
        while (first > 0 && first < _lines.Count && IsBlank(_lines[first - 1]) && IsBlank(_lines[first])
            && first < _lines.Count - 1) _lines.RemoveAt(first);
        return true;
    }

    /// <summary>A text as a value of TOML (TOML 1.0, basic string).</summary>
    public static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            if (c is '"' or '\\') quoted.Append('\\').Append(c);
            else if (char.IsControl(c)) quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else quoted.Append(c);
        }

        return quoted.Append('"').ToString();
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join('\n', _lines);

    private string Tail => _lineEnd.Length == 2 ? "\r" : "";

    // A dot in a bare key would begin a table of its own.
    private static string KeyOf(string name) => name.Contains('.', StringComparison.Ordinal) ? Quoted(name) : name;

    private (int First, int End) Find(string name)
    {
        string[] headers = [$"[auth_profile.{name}]", $"[auth_profile.\"{name}\"]", $"[auth_profile.'{name}']"];
        // A bare name with a dot in it is a table within another, not this one.
        var known = headers[(name.Contains('.', StringComparison.Ordinal) ? 1 : 0)..];
        var first = _lines.FindIndex(line => known.Contains(HeaderOf(line), StringComparer.Ordinal));
        if (first < 0) return (-1, -1);
        var end = _lines.FindIndex(first + 1, line => HeaderOf(line).Length > 0);
        return (first, end < 0 ? _lines.Count : end);
    }

    private static string HeaderOf(string line)
    {
        var text = line.Trim();
        var close = text.LastIndexOf(']');
        if (!text.StartsWith('[') || close < 0) return "";
        var comment = text.IndexOf('#', StringComparison.Ordinal);
        if (comment > 0 && comment < close) close = text.LastIndexOf(']', comment);
        return close < 0 ? "" : text[..(close + 1)].Replace(" ", "", StringComparison.Ordinal);
    }

    private static bool IsKey(string line, string key, out int valueAt)
    {
        valueAt = line.IndexOf('=', StringComparison.Ordinal) + 1;
        if (valueAt == 0 || line[..(valueAt - 1)].Trim() != key) return false;
        while (valueAt < line.Length && line[valueAt] is ' ' or '\t') valueAt++;
        return true;
    }

    /// <summary>The comment behind a value, with the white space before it and the line end.</summary>
    private static string BehindValue(string line, int valueAt)
    {
        var at = valueAt;
        if (at < line.Length && line[at] is '"' or '\'')
        {
            var quote = line[at++];
            while (at < line.Length && line[at] != quote) at += line[at] == '\\' && quote == '"' ? 2 : 1;
            at = Math.Min(at + 1, line.Length);
        }
        else
        {
            while (at < line.Length && !char.IsWhiteSpace(line[at]) && line[at] != '#') at++;
        }

        return line[at..];
    }

    private static bool IsBlank(string line) => string.IsNullOrWhiteSpace(line);

    private static bool IsCommentOrBlank(string line) => IsBlank(line) || line.TrimStart().StartsWith('#');
}
