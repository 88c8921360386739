using Postern.Mail;

namespace Postern.Routing;

/// <summary>
/// What is wrong in a routes file, and what to write instead. <paramref name="Line"/> and <paramref name="Column"/>
/// count from 1, the column in characters; line 0: the file as a whole.
/// </summary>
public sealed record RouteError(int Line, int Column, Sentence Message, Sentence Remedy)
{
    /// <summary><c>line 3, column 15: message; remedy</c></summary>
    public override string ToString() =>
        Line == 0 ? $"{Message}; {Remedy}" : $"line {Line}, column {Column}: {Message}; {Remedy}";
}
