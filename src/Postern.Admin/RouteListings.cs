using Postern.Routing;

namespace Postern.Admin;

/// <summary>
/// The listing of the table in force, made anew when another table is, so that its orders are computed once for all who
/// look. Any thread may call it.
/// </summary>
internal sealed class RouteListings(AdminParts parts)
{
    private RouteListing _last = new(SmtpRouteTable.Empty);

    /// <summary>The listing of the table in force.</summary>
    public RouteListing Now
    {
        get
        {
            var (last, table) = (Volatile.Read(ref _last), parts.Routes());
            if (last.Table == table) return last;
            var listing = new RouteListing(table);
            Volatile.Write(ref _last, listing);
            return listing;
        }
    }
}
