using Postern.Mail;

namespace Postern.Routing;

/// <summary>
/// A change of the routes file: what it alters, or why it cannot be made. <see cref="Difference"/> null: see
/// <see cref="Errors"/>. <see cref="Before"/> null: the file had errors before, which the change mends; then all routes
/// count as added.
/// </summary>
public sealed record RoutesChange(
    SmtpRouteTable? Before, SmtpRouteTable? After, RoutesDifference? Difference, IReadOnlyList<RouteError> Errors)
{
    /// <summary>The octets of the file that was edited.</summary>
    public ReadOnlyMemory<byte> OldContent { get; init; }

    /// <summary>The octets that the edit makes of it.</summary>
    public ReadOnlyMemory<byte> NewContent { get; init; }

    /// <summary>It was refused since the routes are not those any more that it was made for.</summary>
    public bool IsOutdated { get; init; }

    internal static RoutesChange Refused(IReadOnlyList<RouteError> errors) => new(null, null, null, errors);

    internal static RoutesChange Refused(Sentence message, Sentence remedy) =>
        Refused([new RouteError(0, 0, message, remedy)]);
}
