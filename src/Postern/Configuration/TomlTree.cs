using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Postern.Configuration;

/// <summary>A value of the file with its place; lines and columns count from 1.</summary>
internal abstract record TomlNode(int Line, int Column)
{
    /// <summary>What it is, for "is a text, not …".</summary>
    public abstract string Kind { get; }
}

/// <summary>A string.</summary>
internal sealed record TomlText(int Line, int Column, string Value) : TomlNode(Line, Column)
{
    /// <inheritdoc/>
    public override string Kind => "a text";
}

/// <summary>A whole number.</summary>
internal sealed record TomlInteger(int Line, int Column, long Value) : TomlNode(Line, Column)
{
    /// <inheritdoc/>
    public override string Kind => "a number";
}

/// <summary>true or false.</summary>
internal sealed record TomlFlag(int Line, int Column, bool Value) : TomlNode(Line, Column)
{
    /// <inheritdoc/>
    public override string Kind => "true or false";
}

/// <summary>A kind of value that no key takes.</summary>
internal sealed record TomlOther(int Line, int Column, string Name) : TomlNode(Line, Column)
{
    /// <inheritdoc/>
    public override string Kind => Name;
}

/// <summary>A list, or an array of tables.</summary>
internal sealed record TomlList(int Line, int Column, List<TomlNode> Items, bool OfTables) : TomlNode(Line, Column)
{
    /// <inheritdoc/>
    public override string Kind => "a list";
}

/// <summary>A table: keys in the order of the file, each with the place of the key.</summary>
internal sealed record TomlTable(int Line, int Column) : TomlNode(Line, Column)
{
    /// <inheritdoc/>
    public override string Kind => "a table";

    /// <summary>True once a header of its own named it; a second one is an error (TOML 1.0, Table).</summary>
    public bool HasHeader { get; set; }

    /// <summary>The entries by key.</summary>
    public Dictionary<string, TomlEntry> Entries { get; } = new(StringComparer.Ordinal);
}

/// <summary>A key with its place and its value.</summary>
internal sealed record TomlEntry(int Line, int Column, TomlNode Value);

/// <summary>Turns a TOML document into one tree of tables in which every key and value knows its place.</summary>
internal static class TomlTree
{
    /// <summary>Reads the text; what cannot be read is noted and left out of the tree.</summary>
    public static TomlTable Read(string text, string file, ConfigurationErrors errors)
    {
        var root = new TomlTable(1, 1) { HasHeader = true };
        if (Parse(text, file, errors) is not { } document) return root;
        NoteSyntaxErrors(document, errors);
        AddItems(root, document.KeyValues, errors);
        foreach (var table in document.Tables)
        {
            if (table.Name is null) continue;
            if (OpenTable(root, table, errors) is { } target) AddItems(target, table.Items, errors);
        }
        return root;
    }

    private static DocumentSyntax? Parse(string text, string file, ConfigurationErrors errors)
    {
        try
        {
            return SyntaxParser.Parse(text, file, validate: false);
        }
        catch (ArgumentOutOfRangeException)
        {
            // Tomlyn 2.10 does not expect the end of the file behind a backslash.
            var lastLine = text[(text.LastIndexOf('\n') + 1)..];
            errors.AddSyntax(text.AsSpan().Count('\n') + 1, lastLine.Length + 1, "the file ends within a text",
                "End the text with the quotation mark that it began with, on the same line.", restUnreadable: true);
            return null;
        }
    }

    private static void NoteSyntaxErrors(DocumentSyntax document, ConfigurationErrors errors)
    {
        foreach (var message in document.Diagnostics)
        {
            if (message.Kind != DiagnosticMessageKind.Error) continue;
            var unended = message.Message.Contains("string", StringComparison.Ordinal);
            var remedy = unended
                ? "End the text with the quotation mark that it began with, on the same line."
                : "Write one `key = value` or one `[table]` a line; texts stand in double quotation marks.";
            errors.AddSyntax(message.Span.Start.Line + 1, message.Span.Start.Column + 1,
                message.Message.TrimEnd('.'), remedy, unended);
        }
    }

    /// <summary>The table that a header names, made when it is new; null: an earlier header contradicts it.</summary>
    private static TomlTable? OpenTable(TomlTable root, TableSyntaxBase header, ConfigurationErrors errors)
    {
        var path = PathOf(header.Name!);
        var table = root;
        for (var i = 0; i < path.Count - 1; i++)
        {
            if (Descend(table, path[i], errors) is not { } next) return null;
            table = next;
        }
        var (name, line, column) = path[^1];
        var made = new TomlTable(line, column) { HasHeader = true };
        table.Entries.TryGetValue(name, out var entry);
        if (header is TableArraySyntax)
        {
            if (entry is null)
            {
                entry = new TomlEntry(line, column, new TomlList(line, column, [], OfTables: true));
                table.Entries[name] = entry;
            }
            if (entry.Value is TomlList { OfTables: true } list)
            {
                list.Items.Add(made);
                return made;
            }
            return Clash(entry, name, line, column, $"Write [{name}] or [[{name}]], the same each time.", errors);
        }
        switch (entry?.Value)
        {
            case null:
                table.Entries[name] = new TomlEntry(line, column, made);
                return made;
            case TomlTable { HasHeader: false } known:
                known.HasHeader = true;
                return known;
            default:
                return Clash(entry, name, line, column, "Put all its keys under one header.", errors);
        }
    }

    private static TomlTable? Clash(
        TomlEntry earlier, string name, int line, int column, string remedy, ConfigurationErrors errors)
    {
        errors.Add(line, column, $"'{name}' is already there as {earlier.Value.Kind} in line {earlier.Line}", remedy);
        return null;
    }

    private static void AddItems(TomlTable table, SyntaxList<KeyValueSyntax> items, ConfigurationErrors errors)
    {
        foreach (var item in items)
        {
            if (item.Key is null || item.Value is null) continue;
            Add(table, item, errors);
        }
    }

    private static void Add(TomlTable table, KeyValueSyntax item, ConfigurationErrors errors)
    {
        var path = PathOf(item.Key!);
        for (var i = 0; i < path.Count - 1; i++)
        {
            if (Descend(table, path[i], errors) is not { } next) return;
            table = next;
        }
        var (name, line, column) = path[^1];
        if (table.Entries.TryGetValue(name, out var earlier))
            errors.Add(line, column, $"'{name}' is already set in line {earlier.Line}", "Remove one of the two.");
        else
            table.Entries[name] = new TomlEntry(line, column, NodeOf(item.Value!, errors));
    }

    private static TomlTable? Descend(
        TomlTable table, (string Name, int Line, int Column) step, ConfigurationErrors errors)
    {
        if (!table.Entries.TryGetValue(step.Name, out var entry))
        {
            var made = new TomlTable(step.Line, step.Column);
            table.Entries[step.Name] = new TomlEntry(step.Line, step.Column, made);
            return made;
        }
        return entry.Value switch
        {
            TomlTable known => known,
            // [[a]] followed by [a.b] goes on in the last a (TOML 1.0, Array of Tables).
            TomlList { OfTables: true } list => (TomlTable)list.Items[^1],
            _ => Clash(entry, step.Name, step.Line, step.Column, "Give one of the two another name.", errors),
        };
    }

    private static TomlNode NodeOf(ValueSyntax value, ConfigurationErrors errors)
    {
        var (line, column) = (value.Span.Start.Line + 1, value.Span.Start.Column + 1);
        switch (value)
        {
            case StringValueSyntax text:
                return new TomlText(line, column, text.Value ?? "");
            case IntegerValueSyntax integer:
                return new TomlInteger(line, column, integer.Value);
            case BooleanValueSyntax flag:
                return new TomlFlag(line, column, flag.Value);
            case FloatValueSyntax:
                return new TomlOther(line, column, "a number with a fraction");
            case DateTimeValueSyntax:
                return new TomlOther(line, column, "a date or time");
            case ArraySyntax array:
                List<TomlNode> items = [];
                foreach (var item in array.Items)
                    if (item.Value is not null) items.Add(NodeOf(item.Value, errors));
                return new TomlList(line, column, items, OfTables: false);
            case InlineTableSyntax inline:
                var table = new TomlTable(line, column) { HasHeader = true };
                foreach (var item in inline.Items)
                    if (item.KeyValue is { Key: not null, Value: not null }) Add(table, item.KeyValue, errors);
                return table;
            default:
                return new TomlOther(line, column, "something unknown");
        }
    }

    private static List<(string Name, int Line, int Column)> PathOf(KeySyntax key)
    {
        List<(string, int, int)> path = [];
        AddName(path, key.Key);
        foreach (var dotted in key.DotKeys) AddName(path, dotted.Key);
        return path;
    }

    private static void AddName(List<(string, int, int)> path, BareKeyOrStringValueSyntax? key)
    {
        var name = key switch
        {
            BareKeySyntax bare => bare.Key?.Text ?? "",
            StringValueSyntax text => text.Value ?? "",
            _ => "",
        };
        var start = key?.Span.Start ?? default;
        path.Add((name, start.Line + 1, start.Column + 1));
    }
}
