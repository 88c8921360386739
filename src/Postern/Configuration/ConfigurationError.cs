namespace Postern.Configuration;

/// <summary>
/// One error in a file that an operator wrote: where it is, what is wrong and what to do about it. Lines and columns
/// count from 1. <see cref="Text"/> has no final dot; <see cref="Remedy"/> is a whole sentence.
/// </summary>
public sealed record ConfigurationError(string File, int Line, int Column, string Text, string Remedy)
{
    /// <summary><c>file:line:column: error: text. remedy</c>, as editors and other programs read it.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}: error: {Text}. {Remedy}";
}
