using System.Diagnostics.CodeAnalysis;
using Postern.Mail;

namespace Postern.Routing;

/// <summary>
/// A routes file that was read: its table, or every error in the order of the file. A file with an error gives no
/// table, so that it is never used in part.
/// </summary>
public sealed record RoutesLoad(SmtpRouteTable? Table, IReadOnlyList<RouteError> Errors)
{
    /// <summary>There is a table.</summary>
    [MemberNotNullWhen(true, nameof(Table))]
    public bool IsValid => Table is not null;

    /// <summary>A load that failed for a reason that is not in a line.</summary>
    public static RoutesLoad Failed(Sentence message, Sentence remedy) =>
        new(null, [new RouteError(0, 0, message, remedy)]);
}
