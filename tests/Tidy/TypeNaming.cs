using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Tidy;

/// <summary>Names of declared types, under which partial declarations find each other.</summary>
internal static class TypeNaming
{
    /// <summary>The simple name of a type or delegate; "" for other members.</summary>
    public static string Name(MemberDeclarationSyntax member) => member switch
    {
        BaseTypeDeclarationSyntax type => type.Identifier.Text,
        DelegateDeclarationSyntax type => type.Identifier.Text,
        _ => "",
    };

    /// <summary>Room, namespace, outer types, name and arity.</summary>
    public static string FullName(SourceFile file, MemberDeclarationSyntax type)
    {
        var outer = type.Ancestors().OfType<MemberDeclarationSyntax>().Select(around =>
            around is BaseNamespaceDeclarationSyntax space ? space.Name.ToString() : Name(around));
        var arity = type switch
        {
            TypeDeclarationSyntax { TypeParameterList: { } list } => list.Parameters.Count,
            DelegateDeclarationSyntax { TypeParameterList: { } list } => list.Parameters.Count,
            _ => 0,
        };
        // A `file` type is another one in each file; elsewhere the room keeps equal names of two projects apart.
        var scope = type.Modifiers.Any(word => word.Text == "file") ? file.Path : file.Room;
        return $"{scope}|{string.Join('.', outer.Reverse())}.{Name(type)}`{arity}";
    }
}
