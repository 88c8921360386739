using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Tidy;

/// <summary>Rules about names, comments and documents.</summary>
public static partial class WordRules
{
    /// <summary>Type names that say nothing about the field.</summary>
    public static IEnumerable<Complaint> TypeNames(IEnumerable<SourceFile> files) =>
        from file in files
        from type in file.Root.DescendantNodes().OfType<MemberDeclarationSyntax>()
        let name = TypeNaming.Name(type)
        where EmptyName().IsMatch(name)
        select file.At(type, $"type {name}: name what it does in the words of the field");

    /// <summary>Comments that put off work or cite an RFC in another form than <c>RFC 5321 §4.5.3.1</c>.</summary>
    public static IEnumerable<Complaint> Comments(IEnumerable<SourceFile> files) =>
        from file in files
        from trivia in file.Root.DescendantTrivia()
        where IsComment(trivia)
        from complaint in Words(file.Path, trivia.ToFullString(), file.LineOf(trivia.FullSpan.Start))
        select complaint;

    /// <summary>The same for a document or script, the whole of its text.</summary>
    public static IEnumerable<Complaint> Words(string path, string text, int firstLine = 1)
    {
        var lines = SourceFile.SplitLines(text);
        for (var index = 0; index < lines.Count; index++)
        {
            if (PutOff().Match(lines[index]) is { Success: true } later)
            {
                yield return new Complaint(path, firstLine + index, $"{later.Value}: do it or file an issue");
            }

            if (OddReference().Match(lines[index]) is { Success: true } odd)
            {
                yield return new Complaint(
                    path, firstLine + index, $"'{odd.Value.Trim()}': RFC references read 'RFC 5321 §4.5.3.1'");
            }
        }
    }

    /// <summary>Public types in src that do not say what they are; of partial ones a single part has to.</summary>
    public static IEnumerable<Complaint> Undocumented(IEnumerable<SourceFile> files) =>
        from declared in
            from file in files
            from type in file.Root.DescendantNodes().OfType<MemberDeclarationSyntax>()
            where type is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax
            select (File: file, Type: type)
        group declared by TypeNaming.FullName(declared.File, declared.Type) into parts
        where parts.Any(part => IsPublic(part.Type)) && !parts.Any(part => HasSummary(part.Type))
        select parts.First().File.At(parts.First().Type, "a public type without a <summary>");

    private static bool IsPublic(MemberDeclarationSyntax type) =>
        type.AncestorsAndSelf().OfType<MemberDeclarationSyntax>()
            .Where(member => member is not BaseNamespaceDeclarationSyntax)
            .All(member => member.Modifiers.Any(SyntaxKind.PublicKeyword));

    private static bool HasSummary(MemberDeclarationSyntax type) =>
        DocumentationOf(type).Any(text => text.Contains("<summary>", StringComparison.Ordinal)
            || text.Contains("<inheritdoc", StringComparison.Ordinal));

    private static IEnumerable<string> DocumentationOf(SyntaxNode node) =>
        from trivia in node.GetLeadingTrivia()
        where trivia.IsKind(SyntaxKind.SingleLineDocumentationCommentTrivia)
            || trivia.IsKind(SyntaxKind.MultiLineDocumentationCommentTrivia)
        select trivia.ToFullString();

    private static bool IsComment(SyntaxTrivia trivia) => trivia.Kind()
        is SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia
        or SyntaxKind.SingleLineDocumentationCommentTrivia or SyntaxKind.MultiLineDocumentationCommentTrivia;

    [GeneratedRegex("(Manager|Helpers?|Util(s|ity|ities)?|Services?)$")]
    private static partial Regex EmptyName();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex PutOff();

    // In order: no space before the number; a comma, no space or two before the section sign; white space behind it;
    // the section spelled out, behind an RFC or alone.
    [GeneratedRegex(@"\bRFC[-_]?\d+|\bRFC  +\d+|\bRFC \d+(,\s*|\s{2,})?§|§\s"
        + @"|\bRFC \d+,?\s+\(?([Ss]ec|[Ss]ect|[Ss]ection|[Cc]hapter)\b\.?"
        + @"|\b([Ss]ec|[Ss]ect|[Ss]ection)s?\.? ?\d+\.\d+")]
    private static partial Regex OddReference();
}
