using System.Globalization;
using Postern.Mail;
using Postern.Routing;

namespace Postern.Configuration;

/// <summary>
/// Reads the keys of one table. A key that is missing, or wrong, gives its default; what is wrong is noted. Every key
/// asked for is known, so that <see cref="Done"/> can name the nearest one to an unknown. For one thread.
/// </summary>
internal sealed class Section(TomlTable table, string path, ConfigurationErrors errors)
{
    private readonly List<string> known = [];

    /// <summary>The header as it is written, without brackets; empty for the top of the file.</summary>
    public string Path { get; } = path;

    /// <summary>Where the errors of this file go.</summary>
    public ConfigurationErrors Errors { get; } = errors;

    /// <summary>Where the table begins.</summary>
    public (int Line, int Column) Place => (table.Line, table.Column);

    /// <summary>True when the key is written.</summary>
    public bool Has(string key) => table.Entries.ContainsKey(key);

    /// <summary>Where the value of a key stands; the table when it is not written.</summary>
    public (int Line, int Column) PlaceOf(string key) =>
        table.Entries.TryGetValue(key, out var entry) ? (entry.Value.Line, entry.Value.Column) : Place;

    /// <summary>Notes an error at the value of a key.</summary>
    public void Wrong(string key, string text, string remedy)
    {
        var (line, column) = PlaceOf(key);
        Errors.Add(line, column, text, remedy);
    }

    /// <summary>Any text.</summary>
    public string? Text(string key, string? fallback, string example)
    {
        if (Value(key) is not { } node) return fallback;
        if (node is TomlText text && text.Value.Length > 0 && !text.Value.Any(char.IsControl)) return text.Value;
        return Mistyped(key, node, "a text without control characters", Quoted(example), fallback);
    }

    /// <summary>A text that <paramref name="parse"/> understands.</summary>
    public T Parsed<T>(string key, T fallback, TryParse<T> parse, string what, string example)
    {
        if (Value(key) is not { } node) return fallback;
        if (node is TomlText text && parse(text.Value, out var value)) return value;
        return Mistyped(key, node, what, Quoted(example), fallback);
    }

    /// <summary>A whole number in a range.</summary>
    public int Integer(string key, int fallback, int min, int max)
    {
        if (Value(key) is not { } node) return fallback;
        if (node is not TomlInteger number)
            return Mistyped(key, node, "a whole number", fallback.ToString(CultureInfo.InvariantCulture), fallback);
        if (number.Value >= min && number.Value <= max) return (int)number.Value;
        Errors.Add(node.Line, node.Column, $"{key} is {number.Value}", $"Write a number from {min} to {max}.");
        return fallback;
    }

    /// <summary>true or false.</summary>
    public bool Flag(string key, bool fallback) => Value(key) switch
    {
        null => fallback,
        TomlFlag flag => flag.Value,
        var node => Mistyped(key, node, "true or false", fallback ? "true" : "false", fallback),
    };

    /// <summary>A duration in a range.</summary>
    public TimeSpan Duration(string key, TimeSpan fallback, TimeSpan min, TimeSpan max)
    {
        var value = Parsed(key, fallback, Amounts.TryParseDuration, "a duration", Amounts.Duration(fallback));
        if (value >= min && value <= max) return value;
        Wrong(key, $"{key} is {Amounts.Duration(value)}",
            $"Write a duration from \"{Amounts.Duration(min)}\" to \"{Amounts.Duration(max)}\".");
        return fallback;
    }

    /// <summary>Notes that the lower of two durations, both of which are written, is the longer one.</summary>
    public void Ordered(string lowKey, TimeSpan low, string highKey, TimeSpan high)
    {
        // One key alone is fine: the wait is then the lower of the two from the start.
        if (low <= high || !Has(lowKey) || !Has(highKey)) return;
        Wrong(lowKey, $"{lowKey} ({Amounts.Duration(low)}) is longer than {highKey} ({Amounts.Duration(high)})",
            $"Raise {highKey} or lower {lowKey}; the one grows up to the other.");
    }

    /// <summary>A size in a range, in octets.</summary>
    public long Size(string key, long fallback, long min, long max)
    {
        var value = Parsed(key, fallback, Amounts.TryParseSize, "a size", Amounts.Size(fallback));
        if (value >= min && value <= max) return value;
        Wrong(key, $"{key} is {Amounts.Size(value)}",
            $"Write a size from \"{Amounts.Size(min)}\" to \"{Amounts.Size(max)}\".");
        return fallback;
    }

    /// <summary>One word of a few.</summary>
    public T Word<T>(string key, T fallback, IReadOnlyList<(string Word, T Value)> words)
    {
        if (Value(key) is not { } node) return fallback;
        foreach (var (word, value) in words)
            if (node is TomlText text && string.Equals(text.Value, word, StringComparison.Ordinal)) return value;
        var given = node is TomlText wrong ? Shown(wrong.Value) : node.Kind;
        var nearest = node is TomlText near
            ? $"Did you mean \"{NearestWord.Of(near.Value, words.Select(w => w.Word))}\"? " : "";
        Errors.Add(node.Line, node.Column, $"{key} is {given}",
            $"{nearest}Write one of {string.Join(", ", words.Select(w => $"\"{w.Word}\""))}.");
        return fallback;
    }

    /// <summary>A list of texts that <paramref name="parse"/> understands.</summary>
    public IReadOnlyList<T> List<T>(
        string key, IReadOnlyList<T> fallback, TryParse<T> parse, string what, string example,
        Func<string, string?>? remedyFor = null)
    {
        if (Value(key) is not { } node) return fallback;
        if (node is not TomlList { OfTables: false } list)
            return Mistyped(key, node, "a list", $"[\"{example}\"]", fallback);
        List<T> values = [];
        foreach (var item in list.Items)
        {
            if (item is TomlText text && parse(text.Value, out var value)) values.Add(value);
            else
            {
                var remedy = item is TomlText wrong ? remedyFor?.Invoke(wrong.Value) : null;
                Errors.Add(item.Line, item.Column, $"{Given(item)} in {key} is not {what}",
                    remedy ?? $"Write for example \"{example}\".");
            }
        }
        return values;
    }

    /// <summary>A table below this one; an empty one when it is not written.</summary>
    public Section Table(string key)
    {
        var path = Path.Length == 0 ? key : $"{Path}.{key}";
        switch (Value(key))
        {
            case null:
                return new Section(new TomlTable(table.Line, table.Column), path, Errors);
            case TomlTable found:
                return new Section(found, path, Errors);
            case var node:
                var (line, column) = (table.Entries[key].Line, table.Entries[key].Column);
                Errors.Add(line, column, $"{key} is {node.Kind}, not a table", $"Write its keys under [{path}].");
                return new Section(new TomlTable(line, column), path, Errors);
        }
    }

    /// <summary>The tables below this one by name, in the order of the file.</summary>
    public IEnumerable<(string Name, int Line, int Column, Section Section)> Named()
    {
        foreach (var (name, entry) in table.Entries)
        {
            var header = name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? name : $"\"{name}\"";
            if (entry.Value is TomlTable found)
                yield return (name, entry.Line, entry.Column, new Section(found, $"{Path}.{header}", Errors));
            else
                Errors.Add(entry.Line, entry.Column, $"'{Path}.{name}' is {entry.Value.Kind}, not a table",
                    $"Write its keys under [{Path}.NAME].");
        }
    }

    /// <summary>The tables of an array of tables; null when none is written.</summary>
    public IReadOnlyList<Section>? Tables(string key)
    {
        switch (Value(key))
        {
            case null:
                return null;
            case TomlList { OfTables: true } list:
                return [.. list.Items.Select(item => new Section((TomlTable)item, key, Errors))];
            default:
                var entry = table.Entries[key];
                Errors.Add(entry.Line, entry.Column, $"{key} is not an array of tables",
                    $"Write [[{key}]] with two brackets; each one begins a further {key}.");
                return null;
        }
    }

    /// <summary>Notes every key that nobody asked for.</summary>
    public void Done()
    {
        foreach (var (key, entry) in table.Entries)
        {
            if (known.Contains(key)) continue;
            var where = Path.Length == 0 ? "" : $" in [{Path}]";
            Errors.Add(entry.Line, entry.Column, $"unknown key '{Escaped(key)}'{where}", RemedyForUnknown(key, entry));
        }
    }

    private string RemedyForUnknown(string key, TomlEntry entry)
    {
        if (Path.Length > 0 && key is "hostname" or "data")
            return $"Move {key} to the top of the file, before the first [table].";
        if (Path.StartsWith("destination.", StringComparison.Ordinal) && entry.Value is TomlTable)
            return "A domain stands in quotation marks: [destination.\"example.com\"].";
        if (NearestWord.SlipFor(key, known) is { } meant) return $"Did you mean '{meant}'?";
        return $"The nearest known key is '{NearestWord.Of(key, known)}'; known here are "
            + $"{string.Join(", ", known.Order(StringComparer.Ordinal))}.";
    }

    private TomlNode? Value(string key)
    {
        known.Add(key);
        return table.Entries.TryGetValue(key, out var entry) ? entry.Value : null;
    }

    private T Mistyped<T>(string key, TomlNode node, string what, string example, T fallback)
    {
        Errors.Add(
            node.Line, node.Column, $"{key} is {Given(node)}, not {what}", $"Write for example {key} = {example}.");
        return fallback;
    }

    private static string Given(TomlNode node) => node switch
    {
        TomlText text => Shown(text.Value),
        TomlInteger number => $"the number {number.Value}",
        TomlFlag flag => flag.Value ? "true" : "false",
        _ => node.Kind,
    };

    private static string Quoted(string text) => $"\"{text}\"";

    private static string Shown(string text) => $"\"{Escaped(text)}\"";

    // An error is one line, whatever stands in the file (hardening I4).
    private static string Escaped(string text)
    {
        var cut = text.Length > 100 ? string.Concat(text.AsSpan(0, 100), "…") : text;
        return string.Concat(cut.Select(c => char.IsControl(c) ? $"\\x{(int)c:X2}" : c.ToString()));
    }
}

/// <summary>Reads a text; false when it does not understand it.</summary>
internal delegate bool TryParse<T>(string text, out T value);
