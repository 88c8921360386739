namespace Postern.Routing;

/// <summary>A key whose hosts or options changed.</summary>
public sealed record AlteredRoute(SmtpRoute Before, SmtpRoute After);

/// <summary>What differs between two tables; a route that only moved does not.</summary>
public sealed record RoutesDifference(
    IReadOnlyList<SmtpRoute> Added, IReadOnlyList<SmtpRoute> Removed, IReadOnlyList<AlteredRoute> Altered)
{
    /// <summary>The two tables mean the same.</summary>
    public bool IsEmpty => Added.Count + Removed.Count + Altered.Count == 0;
}
