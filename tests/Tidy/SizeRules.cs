using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Tidy;

/// <summary>What fits on a screen can be read in one go.</summary>
public static class SizeRules
{
    /// <summary>Lines of a method, from its first modifier to its last brace, with all that stands in it.</summary>
    public const int MethodLines = 70;

    /// <summary>Lines of a type, summed over its partial declarations.</summary>
    public const int TypeLines = 400;

    /// <summary>Lines of a file.</summary>
    public const int FileLines = 450;

    /// <summary>Columns of a line.</summary>
    public const int Columns = 120;

    /// <summary>Files that are too long and lines that are too wide; rows of tables in tests may be wide.</summary>
    public static IEnumerable<Complaint> FilesAndLines(IEnumerable<SourceFile> files)
    {
        foreach (var file in files)
        {
            if (file.Lines.Count > FileLines)
            {
                yield return new Complaint(file.Path, 1, $"a file of {file.Lines.Count} lines, {FileLines} allowed");
            }

            var given = LinesOfGivenText(file);
            for (var line = 0; line < file.Lines.Count; line++)
            {
                if (file.Lines[line].Length > Columns && !given.Contains(line))
                {
                    yield return new Complaint(
                        file.Path, line + 1, $"a line of {file.Lines[line].Length} columns, {Columns} allowed");
                }
            }
        }
    }

    /// <summary>
    /// Methods that are too long; top-level statements count as one. Golden texts of tests do not count.
    /// </summary>
    public static IEnumerable<Complaint> Methods(IEnumerable<SourceFile> files)
    {
        foreach (var file in files)
        {
            foreach (var member in file.Root.DescendantNodes().Where(IsMethod))
            {
                var lines = file.LinesFrom(AfterAttributes(member), member);
                if (lines > MethodLines && lines - GivenWithin(file, member) > MethodLines)
                {
                    yield return file.At(member, $"a method of {lines} lines, {MethodLines} allowed");
                }
            }

            var program = file.Root.ChildNodes().OfType<GlobalStatementSyntax>().ToList();
            if (program.Count > 0)
            {
                var lines = file.LinesFrom(program[0].GetFirstToken(), program[^1]);
                if (lines > MethodLines)
                {
                    yield return file.At(program[0], $"top-level statements of {lines} lines, {MethodLines} allowed");
                }
            }
        }
    }

    /// <summary>Types that are too long, all their partial declarations together.</summary>
    public static IEnumerable<Complaint> Types(IEnumerable<SourceFile> files)
    {
        var declarations = files.SelectMany(file => file.Root.DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
            .Select(type => (File: file, Type: type, Name: TypeNaming.FullName(file, type))));
        foreach (var parts in declarations.GroupBy(declaration => declaration.Name, StringComparer.Ordinal))
        {
            var lines = parts.Sum(part => part.File.LinesFrom(AfterAttributes(part.Type), part.Type));
            if (lines > TypeLines)
            {
                var first = parts.First();
                yield return first.File.At(
                    first.Type, $"type {first.Type.Identifier.Text} has {lines} lines, {TypeLines} allowed");
            }
        }
    }

    // In tests, lines whose length is that of what is tested: rows of [InlineData] and the inside of golden texts.
    private static HashSet<int> LinesOfGivenText(SourceFile file)
    {
        var given = new HashSet<int>();
        if (file.Path.StartsWith("tests/", StringComparison.Ordinal))
        {
            var rows = file.Root.DescendantNodes().OfType<AttributeListSyntax>()
                .Where(list => list.Attributes.Any(attribute => attribute.Name.ToString() == "InlineData"));
            var texts = file.Root.DescendantNodes().Where(node =>
                node is (LiteralExpressionSyntax or InterpolatedStringExpressionSyntax)
                && file.LineOf(node.SpanStart) < file.LineOf(node.Span.End));
            foreach (var node in rows.Concat(texts))
            {
                var first = file.LineOf(node.SpanStart);
                given.UnionWith(Enumerable.Range(first - 1, file.LineOf(node.Span.End) - first + 1));
            }
        }

        return given;
    }

    private static int GivenWithin(SourceFile file, SyntaxNode member)
    {
        var (first, last) = (file.LineOf(member.SpanStart), file.LineOf(member.Span.End));
        return LinesOfGivenText(file).Count(line => line + 1 > first && line + 1 < last);
    }

    private static bool IsMethod(SyntaxNode node) =>
        node is BaseMethodDeclarationSyntax or BasePropertyDeclarationSyntax;

    private static SyntaxToken AfterAttributes(SyntaxNode node) =>
        node is MemberDeclarationSyntax { AttributeLists: [.., var last] }
            ? last.GetLastToken().GetNextToken()
            : node.GetFirstToken();
}
