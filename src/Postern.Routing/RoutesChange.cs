namespace Postern.Routing;

/// <summary>
/// A change of the routes file: what it altered, or why nothing was changed. <see cref="Difference"/> null: see
/// <see cref="Errors"/>. <see cref="Before"/> null: the file had errors before, which the change mended; then all
/// routes count as added.
/// </summary>
public sealed record RoutesChange(
    SmtpRouteTable? Before, SmtpRouteTable? After, RoutesDifference? Difference, IReadOnlyList<RouteError> Errors)
{
    internal static RoutesChange Refused(IReadOnlyList<RouteError> errors) => new(null, null, null, errors);

    internal static RoutesChange Refused(string message, string remedy) =>
        Refused([new RouteError(0, 0, message, remedy)]);
}
