namespace Postern.Routing.Tests;

/// <summary>A list of routes: search, order, pages.</summary>
public class RouteListingTests
{
    private readonly RouteListing _listing = new(SmtpRoutesFile.Parse("""
        zebra.example   Relay.Partner.example:587/pri=10  auth=office
        # a comment is no route
        .example.com    USEDNS
        example.com     10.0.0.1, 10.0.0.2/pri=10
        münchen.example 10.0.0.3
        ALL             10.0.0.1, 10.0.0.2/pri=10
        """).Table!);

    [Fact]
    public void Without_a_text_all_routes_come_in_pages_in_each_order_and_the_other_way_round()
    {
        Assert.Equal(["zebra.example", ".example.com"], Keys("", RouteOrder.File, false, 0, 2));
        Assert.Equal(["ALL"], Keys("", RouteOrder.File, false, 4, 2));
        Assert.Equal([".example.com", "ALL", "example.com", "xn--mnchen-3ya.example", "zebra.example"],
            Keys("", RouteOrder.Key, false, 0, 10));
        Assert.Equal(["zebra.example", "xn--mnchen-3ya.example"], Keys("", RouteOrder.Key, true, 0, 2));
        Assert.Equal(["example.com", "ALL"], Keys("", RouteOrder.Target, false, 0, 2));
        Assert.Equal(5, _listing.Find("", RouteOrder.Key, false, 100, 10).Count);
        Assert.Empty(Keys("", RouteOrder.Key, false, 100, 10));
    }

    [Fact]
    public void A_text_is_looked_for_in_keys_hosts_and_options_whatever_its_case()
    {
        Assert.Equal(["zebra.example"], Keys("PARTNER", RouteOrder.File, false, 0, 10));
        Assert.Equal(["zebra.example"], Keys("auth=office", RouteOrder.File, false, 0, 10));
        Assert.Equal([".example.com", "example.com"], Keys("Example.com", RouteOrder.File, false, 0, 10));
        Assert.Equal(["xn--mnchen-3ya.example"], Keys("münchen", RouteOrder.File, false, 0, 10));
        Assert.Equal(["example.com", "ALL"], Keys("10.0.0.2", RouteOrder.File, false, 0, 10));
        Assert.Empty(Keys("comment", RouteOrder.File, false, 0, 10));
    }

    [Fact]
    public void All_that_are_meant_are_counted_and_only_those_of_the_page_are_given()
    {
        var found = _listing.Find("10.0.0.", RouteOrder.Key, true, 1, 1);

        Assert.Equal(3, found.Count);
        Assert.Equal(["example.com"], found.Routes.Select(r => r.Key));
    }

    private IEnumerable<string> Keys(string text, RouteOrder order, bool isDescending, int skip, int take) =>
        _listing.Find(text, order, isDescending, skip, take).Routes.Select(route => route.Key);
}
