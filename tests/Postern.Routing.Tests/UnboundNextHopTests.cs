using System.Net;
using Microsoft.Extensions.Time.Testing;
using Postern.Mail;

namespace Postern.Routing.Tests;

/// <summary>Next hops as the gateway finds them: resolver, cache and source together, by a real server.</summary>
public sealed class UnboundNextHopTests(UnboundZones zones) : IClassFixture<UnboundZones>
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("a.example", "mx1.example=2001:db8::1,192.0.2.1 mx2.example=192.0.2.2")]
    [InlineData("renamed.example", "mx1.example=2001:db8::1,192.0.2.1 mx2.example=192.0.2.2")]
    [InlineData("by-alias.example", "alias.example=2001:db8::1,192.0.2.1")]
    [InlineData("four.example", "four.example=192.0.2.4")]
    [InlineData("six.example", "six.example=2001:db8::6")]
    public async Task Hosts_come_by_MX_or_by_address_through_aliases_in_both_families(string domain, string hosts) =>
        Assert.Equal(hosts, Text(await ResolveAsync(Resolver(), domain)));

    [Theory]
    [InlineData("four.example", IpPreference.PreferV6, "192.0.2.4")]
    [InlineData("six.example", IpPreference.PreferV4, "2001:db8::6")]
    [InlineData("mx1.example", IpPreference.PreferV4, "192.0.2.1,2001:db8::1")]
    [InlineData("six.example", IpPreference.RequireV4, "")]
    public async Task The_preferred_family_comes_first_and_the_other_takes_its_place(
        string name, IpPreference preference, string addresses)
    {
        var hops = await Resolver().ResolveAddressesAsync(RoutesFileTests.Name(name), true, preference, Cancel);
        Assert.Equal(addresses, string.Join(',', hops.Hosts.SelectMany(h => h.Addresses)));
    }

    [Theory]
    [InlineData("null.example", NextHopFailure.NullMx)]
    [InlineData("nowhere.example", NextHopFailure.NxDomain)]
    [InlineData("unusable.example", NextHopFailure.NxDomain)] // Its own address is not used (RFC 5321 §5.1).
    [InlineData("ip.example", NextHopFailure.NoAddress)]
    [InlineData("inward.example", NextHopFailure.Refused)]
    [InlineData("doubtful.example", NextHopFailure.Temporary)]
    [InlineData("elsewhere.test-zone.invalid-tld", NextHopFailure.Temporary)]
    [InlineData("refused.example", NextHopFailure.Temporary)]
    public async Task What_leads_nowhere_is_told_apart(string domain, NextHopFailure failure)
    {
        var hops = await ResolveAsync(Resolver(), domain);
        Assert.Equal((failure, 0), (hops.Failure, hops.Hosts.Count));
    }

    [Fact]
    public async Task Equal_preferences_take_both_orders_behind_the_better_one()
    {
        var orders = new HashSet<string>();
        for (var seed = 0; seed < 20; seed++)
        {
            var hops = await ResolveAsync(Resolver(seed), "equal.example");
            Assert.Equal("four.example", hops.Hosts[0].Name);
            orders.Add(string.Join(' ', hops.Hosts.Skip(1).Select(h => h.Name)));
        }
        Assert.Equal(["mx1.example mx2.example", "mx2.example mx1.example"], orders.Order());
    }

    [Theory] // RFC 5321 §5.1
    [InlineData("mx2.example", "mx1.example=2001:db8::1,192.0.2.1", NextHopFailure.None)]
    [InlineData("mx1.example", "", NextHopFailure.Refused)]
    public async Task Our_own_name_ends_the_list(string own, string hosts, NextHopFailure failure)
    {
        var hops = await ResolveAsync(Resolver(own: own), "a.example");
        Assert.Equal((hosts, failure), (Text(hops), hops.Failure));
    }

    [Fact] // The MX records of a.example hold 120 seconds, the addresses of its hosts 300.
    public async Task A_record_is_asked_for_again_when_its_time_is_over_or_all_is_forgotten()
    {
        var asked = new CountingSource(zones.Dns);
        var cache = new CachingDnsSource(asked, _time);
        var resolver = new NextHopResolver(cache, new NextHopOptions(), new Random(1));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ResolveAsync(resolver, "a.example")));
        Assert.Equal((1, 4), (asked.Mx, asked.Addresses));
        _time.Advance(TimeSpan.FromSeconds(119));
        await ResolveAsync(resolver, "a.example");
        // That mx2.example has no AAAA holds 77 seconds, as the zone says.
        Assert.Equal((1, 5), (asked.Mx, asked.Addresses));
        _time.Advance(TimeSpan.FromSeconds(2));
        await ResolveAsync(resolver, "a.example");
        Assert.Equal((2, 5), (asked.Mx, asked.Addresses));
        cache.Flush();
        await ResolveAsync(resolver, "a.example");
        Assert.Equal((3, 9), (asked.Mx, asked.Addresses));
    }

    private NextHopResolver Resolver(int seed = 1, string own = "gw.example") => new(
        new CachingDnsSource(zones.Dns, _time), new NextHopOptions { OwnNames = [RoutesFileTests.Name(own)] },
        new Random(seed));

    private static Task<NextHops> ResolveAsync(NextHopResolver resolver, string domain) =>
        resolver.ResolveMxAsync(RoutesFileTests.Name(domain), false, IpPreference.PreferV6, Cancel);

    private static string Text(NextHops hops) =>
        string.Join(' ', hops.Hosts.Select(h => $"{h.Name}={string.Join(',', h.Addresses)}"));

    private sealed class CountingSource(IDnsSource dns) : IDnsSource
    {
        private int _mx;
        private int _addresses;

        public int Mx => _mx;

        public int Addresses => _addresses;

        public Task<DnsAnswer<MxRecord>> LookupMxAsync(Domain name, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _mx);
            return dns.LookupMxAsync(name, cancellationToken);
        }

        public Task<DnsAnswer<IPAddress>> LookupAddressesAsync(
            Domain name, bool v6, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _addresses);
            return dns.LookupAddressesAsync(name, v6, cancellationToken);
        }

        public Task<DnsAnswer<Domain>> LookupPointerAsync(IPAddress address, CancellationToken cancellationToken) =>
            dns.LookupPointerAsync(address, cancellationToken);
    }
}
