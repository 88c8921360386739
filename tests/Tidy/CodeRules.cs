using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Tidy;

/// <summary>Constructs that hide a fault or wait for luck.</summary>
public static class CodeRules
{
    /// <summary>What no file may hold.</summary>
    public static IEnumerable<Complaint> Banned(IEnumerable<SourceFile> files) =>
        from file in files
        from node in file.Root.DescendantNodes(descendIntoTrivia: false)
        let what = Judge(node)
        where what is not null
        select file.At(node, what);

    private static string? Judge(SyntaxNode node) => node switch
    {
        IdentifierNameSyntax { Identifier.Text: "NotImplementedException" } => "NotImplementedException: a stub",
        CatchClauseSyntax handler when Swallows(handler) =>
            "an empty catch: name the exception and say in a comment why nothing is to be done",
        AttributeArgumentSyntax { NameEquals.Name.Identifier.Text: "Skip" } =>
            "Skip: a test runs or says with Assert.SkipUnless which tool it misses",
        MemberAccessExpressionSyntax { Name.Identifier.Text: "Sleep", Expression: var thread }
            when LastName(thread) == "Thread" => "Thread.Sleep: wait for the event itself",
        InvocationExpressionSyntax call when AssertsNothing(call) => "an assertion that cannot fail",
        _ => null,
    };

    // An empty block is right only where certain exceptions are expected and a comment says so.
    private static bool Swallows(CatchClauseSyntax handler) =>
        handler.Block.Statements.Count == 0
        && (handler.Filter is null && LastName(handler.Declaration?.Type) is null or "Exception" or "SystemException"
            || !handler.Block.DescendantTrivia().Any(IsComment));

    private static bool IsComment(SyntaxTrivia trivia) =>
        trivia.IsKind(SyntaxKind.SingleLineCommentTrivia) || trivia.IsKind(SyntaxKind.MultiLineCommentTrivia);

    private static bool AssertsNothing(InvocationExpressionSyntax call) =>
        call.Expression is MemberAccessExpressionSyntax { Name.Identifier.Text: var method, Expression: var target }
        && LastName(target) == "Assert"
        && call.ArgumentList.Arguments is [{ Expression: LiteralExpressionSyntax literal }, ..]
        && (method, literal.Kind()) is ("True", SyntaxKind.TrueLiteralExpression)
            or ("False", SyntaxKind.FalseLiteralExpression);

    private static string? LastName(SyntaxNode? name) => name switch
    {
        null => null,
        SimpleNameSyntax simple => simple.Identifier.Text,
        QualifiedNameSyntax qualified => qualified.Right.Identifier.Text,
        MemberAccessExpressionSyntax access => access.Name.Identifier.Text,
        _ => name.ToString(),
    };
}
