using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Tidy;

/// <summary>One C# file with its syntax tree.</summary>
public sealed record SourceFile(string Path, string Text, SyntaxNode Root)
{
    /// <summary>The room the file belongs to: the folder under src, tests or bench.</summary>
    public string Room => Path.Split('/') is [_, var room, _, ..] ? room : "";

    /// <summary>The lines without their ends.</summary>
    public IReadOnlyList<string> Lines { get; } = SplitLines(Text);

    /// <summary>Reads a file.</summary>
    public static SourceFile Parse(string path, string text) =>
        new(path, text, CSharpSyntaxTree.ParseText(text, path: path).GetRoot());

    /// <summary>The lines of a text without their ends and without an empty one behind the last end.</summary>
    public static IReadOnlyList<string> SplitLines(string text)
    {
        var lines = text.Split('\n').Select(line => line.TrimEnd('\r')).ToList();
        if (lines[^1].Length == 0)
        {
            lines.RemoveAt(lines.Count - 1);
        }

        return lines;
    }

    /// <summary>A complaint about a node, at the line where it begins.</summary>
    public Complaint At(SyntaxNode node, string what) => At(node.SpanStart, what);

    /// <summary>A complaint about a place in the text.</summary>
    public Complaint At(int position, string what) => new(Path, LineOf(position), what);

    /// <summary>The line of a position, counted from 1.</summary>
    public int LineOf(int position) => Root.SyntaxTree.GetText().Lines.GetLinePosition(position).Line + 1;

    /// <summary>How many lines a node takes from a token of it on: its attributes can be left out so.</summary>
    public int LinesFrom(SyntaxToken first, SyntaxNode node) =>
        LineOf(node.Span.End) - LineOf(first.SpanStart) + 1;
}

/// <summary>What a rule found, with the place to look at.</summary>
public sealed record Complaint(string Path, int Line, string What)
{
    /// <summary>In the form editors jump to.</summary>
    public override string ToString() => $"{Path}:{Line}: {What}";
}
