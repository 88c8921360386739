using Postern.Mail;

namespace Postern.Routing;

/// <summary>
/// What is wrong in a piece of a line; <paramref name="At"/> counts UTF-16 units from the start of the text read.
/// </summary>
internal readonly record struct RouteProblem(int At, Sentence Message, Sentence Remedy);
