using System.Text;
using System.Text.Unicode;

namespace Postern.Routing;

/// <summary>
/// The routes file as text that is edited: comments, blank lines, order, formatting and line ends of all lines that
/// are not the edit's stay as they are. Nothing here touches the disk. For one thread.
/// </summary>
/// <remarks>
/// An edit checks what it adds; whether the file as a whole is right says <see cref="Check"/>. Lines are parts of the
/// octets that were read, and characters only while one is looked at, so that a million of them take little beside
/// those octets.
/// </remarks>
public sealed class RoutesDocument
{
    // Each with its own line end; the last one may have none.
    private List<ReadOnlyMemory<byte>> _lines;
    private bool _hasMark;
    private char[] _characters = new char[1024];

    private RoutesDocument(List<ReadOnlyMemory<byte>> lines, bool hasMark) => (_lines, _hasMark) = (lines, hasMark);

    /// <summary>Reads a file, whose octets must not change from then on.</summary>
    /// <returns>The document, or null and the error when the octets are not UTF-8 or too many lines.</returns>
    public static RoutesDocument? Read(ReadOnlyMemory<byte> file, out RouteError? error)
    {
        error = null;
        if (!Utf8.IsValid(file.Span))
        {
            var (line, column) = SmtpRoutesFile.FirstInvalid(file.Span);
            error = new(0, 0, $"line {line}, column {column} of the routes file is not UTF-8",
                $"save the file as UTF-8");
            return null;
        }
        if (file.Span.Count((byte)'\n') >= SmtpRoutesFile.MaxLines)
        {
            error = new(0, 0, $"the routes file has more than {SmtpRoutesFile.MaxLines} lines", $"split the table");
            return null;
        }
        var hasMark = file.Span.StartsWith(Encoding.UTF8.Preamble);
        if (hasMark) file = file[Encoding.UTF8.Preamble.Length..];
        var lines = new List<ReadOnlyMemory<byte>>(file.Span.Count((byte)'\n') + 1);
        while (!file.IsEmpty)
        {
            var end = file.Span.IndexOf((byte)'\n');
            var next = end < 0 ? file.Length : end + 1;
            lines.Add(file[..next]);
            file = file[next..];
        }
        return new RoutesDocument(lines, hasMark);
    }

    /// <summary>
    /// Profiles of outgoing SMTP authentication that a new route may name; null: all. Whoever names another one is told
    /// so without a line, since no file has that line.
    /// </summary>
    public IReadOnlySet<string>? Profiles { get; set; }

    /// <summary>
    /// All that is wrong in what the last edit was given, in the lines of the file whose routes were to be merged;
    /// empty: nothing is, or what it returned says it all.
    /// </summary>
    public IReadOnlyList<RouteError> Errors { get; private set; } = [];

    /// <summary>The routes of another file were merged, so that its lines are not those of this one.</summary>
    public bool IsMerged { get; private set; }

    /// <summary>The text of another file was taken in place of this one's.</summary>
    public bool IsReplaced { get; private set; }

    /// <summary>Reads text.</summary>
    public static RoutesDocument Read(string text) => Read(Encoding.UTF8.GetBytes(text), out _)!;

    /// <summary>The whole text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(ToBytes());

    /// <summary>The octets of the file.</summary>
    public byte[] ToBytes()
    {
        var mark = _hasMark ? Encoding.UTF8.Preamble : [];
        var file = new byte[mark.Length + _lines.Sum(line => line.Length)];
        mark.CopyTo(file);
        var at = mark.Length;
        foreach (var line in _lines)
        {
            line.CopyTo(file.AsMemory(at));
            at += line.Length;
        }
        return file;
    }

    /// <summary>Reads the document as a routes file.</summary>
    /// <param name="profiles">Profiles of outgoing SMTP authentication that exist; null: not checked.</param>
    public RoutesLoad Check(IReadOnlySet<string>? profiles = null) => SmtpRoutesFile.Parse(ToBytes(), profiles);

    /// <summary>Adds a route at the end.</summary>
    /// <param name="key">As in the file: <c>example.com</c>, <c>.example.com</c>, <c>ALL</c>,
    /// <c>[10.0.0.0/8]</c>.</param>
    /// <param name="hosts">As in the file, separated by commas.</param>
    /// <param name="options">As in the file, one each: <c>auth=office</c>.</param>
    /// <returns>Null when it is done, else why nothing was changed.</returns>
    public RouteError? New(string key, string hosts, params IReadOnlyList<string> options)
    {
        key = key.Trim();
        if (CheckParts(key, hosts, options, out var normal) is { } error) return error;
        if (LineOf(normal) is { } other)
        {
            return new(0, 0, $"there is a route for {normal} already, in line {other + 1}", $"edit it instead");
        }
        Append($"{key} {Target(hosts, options)}");
        return null;
    }

    /// <summary>
    /// Replaces the hosts of a route; a comment behind it stays, and so does the writing of hosts that it has already
    /// (<c>/pri=0</c>, the spaces between all of them) where a form would only leave out what has its default value.
    /// </summary>
    /// <param name="key">The key, in any form that means it.</param>
    /// <param name="hosts">As in the file, separated by commas.</param>
    /// <param name="options">The options that change: <c>auth=office</c>; <c>auth=</c> takes it away. All others
    /// stay.</param>
    /// <returns>Null when it is done, else why nothing was changed.</returns>
    public RouteError? Edit(string key, string hosts, params IReadOnlyList<string> options)
    {
        key = key.Trim();
        if (CheckParts(key, hosts, options, out var normal) is { } error) return error;
        if (LineOf(normal) is not { } at) return NoRoute(normal);
        var kept = OptionsOf(Body(_lines[at])).Where(o => !options.Any(n => IsSameWord(n, o)));
        string[] all = [.. kept, .. options];
        if (CheckParts(key, hosts, all, out _) is { } conflict) return conflict;
        ReplaceTarget(at, Target(AsWritten(hosts, HostsOf(Body(_lines[at]))), all));
        return null;
    }

    /// <summary>Deletes routes with their lines, all of them or, when one is not there, none.</summary>
    /// <returns>Null when it is done, else why nothing was changed.</returns>
    public RouteError? Delete(IReadOnlyCollection<string> keys)
    {
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in keys)
        {
            if (RouteKey.Read(text.Trim(), out RouteError? error) is not { } key) return error;
            wanted.Add(key.Text);
        }
        var missing = new HashSet<string>(wanted, StringComparer.Ordinal);
        var kept = new List<ReadOnlyMemory<byte>>(_lines.Count);
        foreach (var line in _lines)
        {
            if (KeyOf(line) is { } key && wanted.Contains(key)) missing.Remove(key);
            else kept.Add(line);
        }
        if (missing.Count > 0) return NoRoute(missing.Order(StringComparer.Ordinal).First());
        _lines = kept;
        return null;
    }

    /// <summary>Deletes all routes; lines of comments and blank lines stay.</summary>
    public void Clear() => _lines.RemoveAll(line => RouteLine.Split(Body(line)).HasRoute);

    /// <summary>Takes the text of another file in place of this one's.</summary>
    public void Replace(RoutesDocument other) =>
        (_lines, _hasMark, IsReplaced) = ([.. other._lines], other._hasMark, true);

    /// <summary>Replaces or merges, as <c>import</c> says.</summary>
    /// <param name="other">The file that is imported.</param>
    /// <param name="isMerge">Its routes are merged; else its text takes the place of this one's.</param>
    /// <param name="mayEmpty">
    /// False: a file without a route does not take the place of one with routes: it is a wrong file more often than
    /// the wish to delete all.
    /// </param>
    /// <returns>
    /// Null when it is done, else why nothing was changed: the first of <see cref="Errors"/> where the other file has
    /// some and its routes are merged.
    /// </returns>
    public RouteError? Import(RoutesDocument other, bool isMerge, bool mayEmpty = false)
    {
        if (!isMerge && !mayEmpty && HasRoutes && !other.HasRoutes)
        {
            return new(0, 0, $"the file has no route, and would delete all routes", $"to delete all say so: "
                + $"Clear All Routes, 'postern smtproutes clear', or all=true");
        }
        if (!isMerge)
        {
            Replace(other);
            return null;
        }
        // Before the merge: behind it a line stands elsewhere than in the file that somebody has in hand.
        Errors = other.Check(Profiles).Errors;
        if (Errors is [var first, ..]) return first;
        IsMerged = true;
        Merge(other);
        return null;
    }

    private bool HasRoutes => _lines.Exists(line => RouteLine.Split(Body(line)).HasRoute);

    /// <summary>
    /// Takes the routes of another file (<c>import --merge</c>): a key that is here keeps its place and comment and
    /// gets the other's hosts and options; others are added at the end with their comments.
    /// </summary>
    public void Merge(RoutesDocument other)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < _lines.Count; i++)
        {
            if (KeyOf(_lines[i]) is { } key) places.TryAdd(key, i);
        }
        foreach (var line in other._lines)
        {
            var body = Body(line);
            var parts = RouteLine.Split(body);
            if (!parts.HasRoute) continue;
            var target = body[parts.TargetAt..parts.TargetEnd].ToString();
            var whole = body.ToString();
            if (KeyOf(line) is { } key && places.TryGetValue(key, out var at)) ReplaceTarget(at, target);
            else Append(whole);
        }
    }

    private static RouteError NoRoute(string key) =>
        new(0, 0, $"there is no route for {key}", $"'postern smtproutes print' shows all");

    private static string Target(string hosts, IReadOnlyList<string> options) =>
        string.Join(' ', options.Where(o => !o.EndsWith('=')).Prepend(hosts.Trim()));

    private static bool IsSameWord(string option, string other) =>
        WordOf(option).Equals(WordOf(other), StringComparison.OrdinalIgnoreCase);

    private static ReadOnlySpan<char> WordOf(string option) => option.AsSpan(0, Math.Max(0, option.IndexOf('=')));

    // What comes from a command or a page must stay the one line it is meant to be (I2).
    private RouteError? CheckParts(string key, string hosts, IReadOnlyList<string> options, out string normal)
    {
        var problems = new List<RouteProblem>();
        var read = RouteKey.Read(key, out RouteProblem wrong);
        normal = read?.Text ?? "";
        if (read is null) problems.Add(wrong);
        var words = options.ToLookup(option => option.IndexOf('=') >= 1 && !option.Any(char.IsWhiteSpace));
        foreach (var option in words[false])
            problems.Add(new(0, $"'{option}' is no option", $"write word=value, without white space"));
        var target = Target(hosts, [.. words[true]]);
        if (target.Any(char.IsControl))
            problems.Add(new(0, $"there is a control character in the hosts or options", $"take it out"));
        else
            SmtpRoutesFile.ReadTarget(read, target, 0, target.Length, Profiles, problems);
        Errors = [.. problems.Select(problem => new RouteError(0, 0, problem.Message, problem.Remedy))];
        return Errors is [var first, ..] ? first : null;
    }

    // The line without its line end, until the next call.
    private ReadOnlySpan<char> Body(ReadOnlyMemory<byte> line)
    {
        var octets = line.Span[..(line.Length - LineEnd(line.Span).Length)];
        if (_characters.Length < octets.Length) _characters = new char[octets.Length * 2];
        return _characters.AsSpan(0, Encoding.UTF8.GetChars(octets, _characters));
    }

    private static ReadOnlySpan<byte> LineEnd(ReadOnlySpan<byte> line) => line switch
    {
        [.., (byte)'\r', (byte)'\n'] => "\r\n"u8,
        [.., (byte)'\n'] => "\n"u8,
        [.., (byte)'\r'] => "\r"u8,
        _ => [],
    };

    private string? KeyOf(ReadOnlyMemory<byte> line)
    {
        var body = Body(line);
        var parts = RouteLine.Split(body);
        return parts.HasRoute
            ? RouteKey.Read(body[parts.KeyAt..parts.KeyEnd], out RouteProblem _)?.Text : null;
    }

    private int? LineOf(string key)
    {
        var at = _lines.FindIndex(line => KeyOf(line) == key);
        return at < 0 ? null : at;
    }

    private static string AsWritten(string hosts, string before)
    {
        var old = before.Split(',', StringSplitOptions.TrimEntries);
        var forms = old.Select(text => text.Length > 0 && DestinationHostText.Read(text, 0, []) is { } host
            ? RouteDraft.TextOf(host) : text).ToList();
        string As(string part) =>
            part.Trim() is var host && forms.IndexOf(host) is >= 0 and var at ? part.Replace(host, old[at]) : part;
        string[] parts = hosts.Split(',');
        return parts.Select(part => part.Trim()).SequenceEqual(forms) ? before : string.Join(',', parts.Select(As));
    }

    private static string HostsOf(ReadOnlySpan<char> body)
    {
        var parts = RouteLine.Split(body);
        return body[parts.TargetAt..RouteTarget.EndOfHosts(body, parts.TargetAt, parts.TargetEnd)].TrimEnd().ToString();
    }

    private static string[] OptionsOf(ReadOnlySpan<char> body)
    {
        var parts = RouteLine.Split(body);
        var at = RouteTarget.EndOfHosts(body, parts.TargetAt, parts.TargetEnd);
        return body[at..parts.TargetEnd].ToString().Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
    }

    private void ReplaceTarget(int at, string target)
    {
        var body = Body(_lines[at]);
        var parts = RouteLine.Split(body);
        // A key without hosts, which is an error in the file, has no white space behind it either.
        var space = parts.TargetAt == parts.KeyEnd ? " " : "";
        var text = string.Concat(string.Concat(body[..parts.TargetAt], space, target), body[parts.TargetEnd..]);
        _lines[at] = Line(text, LineEnd(_lines[at].Span));
    }

    private void Append(string body)
    {
        var lineEnd = _lines.Count > 0 && LineEnd(_lines[0].Span).Length == 2 ? "\r\n"u8 : "\n"u8;
        if (_lines.Count > 0 && _lines[^1].Span[^1] != '\n') _lines[^1] = (byte[])[.. _lines[^1].Span, .. lineEnd];
        _lines.Add(Line(body, lineEnd));
    }

    private static byte[] Line(string body, ReadOnlySpan<byte> lineEnd) =>
        [.. Encoding.UTF8.GetBytes(body), .. lineEnd];
}
