namespace Postern.Routing.Tests;

/// <summary>The rules of RFC 5321 §5.1 and RFC 7505, over a map of zones.</summary>
public class NextHopResolverTests
{
    private readonly ZoneMapSource _zones = new();

    private NextHopResolver Resolver(int seed = 1, params string[] ownNames) => new(
        _zones, new NextHopOptions { OwnNames = [.. ownNames.Select(RoutesFileTests.Name)] }, new Random(seed));

    private Task<NextHops> ResolveAsync(
        string name, bool fromRoute = false, IpPreference preference = IpPreference.PreferV6, int seed = 1,
        params string[] ownNames) =>
        Resolver(seed, ownNames).ResolveMxAsync(
            RoutesFileTests.Name(name), fromRoute, preference, TestContext.Current.CancellationToken);

    private static string Text(NextHops hops) => string.Join(" ",
        hops.Hosts.Select(h => $"{h.Preference}:{h.Name}={string.Join(',', h.Addresses)}"));

    [Fact] // CL01
    public async Task Hosts_come_in_order_of_preference()
    {
        _zones.Mx("a.example", 20, "mx2.example").Mx("a.example", 10, "mx1.example")
            .Address("mx1.example", "192.0.2.1").Address("mx2.example", "192.0.2.2", "2001:db8::2");
        var hops = await ResolveAsync("a.example");
        Assert.Equal("10:mx1.example=192.0.2.1 20:mx2.example=2001:db8::2,192.0.2.2", Text(hops));
        Assert.Equal((NextHopFailure.None, TimeSpan.FromMinutes(5)), (hops.Failure, hops.TimeToLive));
    }

    [Fact] // CL01: MUST randomise equals
    public async Task Equal_preferences_come_in_every_order()
    {
        foreach (var n in "123") _zones.Mx("a.example", 10, $"mx{n}.example").Address($"mx{n}.example", $"192.0.2.{n}");
        _zones.Mx("a.example", 5, "first.example").Address("first.example", "192.0.2.9");
        var orders = new HashSet<string>();
        for (var seed = 0; seed < 60; seed++)
        {
            var hosts = (await ResolveAsync("a.example", seed: seed)).Hosts;
            Assert.Equal("first.example", hosts[0].Name);
            orders.Add(string.Join(' ', hosts.Select(h => h.Name)));
        }
        Assert.Equal(6, orders.Count);
    }

    [Fact] // CL03
    public async Task Without_MX_the_name_itself_is_the_host()
    {
        _zones.Address("a.example", "192.0.2.1");
        Assert.Equal("0:a.example=192.0.2.1", Text(await ResolveAsync("a.example")));
    }

    [Fact] // CL03, N5
    public async Task With_MX_the_addresses_of_the_name_are_never_used()
    {
        _zones.Mx("a.example", 10, "gone.example").Address("a.example", "192.0.2.1");
        var hops = await ResolveAsync("a.example");
        Assert.Equal(NextHopFailure.NxDomain, hops.Failure);
        Assert.Equal("DNS Hard Error looking up gone.example (A):  NXDomain", hops.Error);
        _zones.MxWithoutNames("b.example").Address("b.example", "192.0.2.1");
        Assert.Equal(NextHopFailure.NoAddress, (await ResolveAsync("b.example")).Failure);
        Assert.DoesNotContain("A a.example", _zones.Questions);
        Assert.DoesNotContain("A b.example", _zones.Questions);
    }

    [Fact] // N2, CL06
    public async Task The_null_MX_accepts_no_mail()
    {
        _zones.Mx("a.example", 0, ".").Address("a.example", "192.0.2.1");
        Assert.Equal(NextHopFailure.NullMx, (await ResolveAsync("a.example")).Failure);
        // RFC 7505 §3: it stands alone; beside another record it means nothing.
        _zones.Mx("b.example", 0, ".").Mx("b.example", 10, "mx.example").Address("mx.example", "192.0.2.1");
        Assert.Equal("10:mx.example=192.0.2.1", Text(await ResolveAsync("b.example")));
    }

    [Fact] // N5
    public async Task What_does_not_exist_is_told_in_the_words_of_the_log()
    {
        var hops = await ResolveAsync("nowhere.example");
        Assert.Equal(NextHopFailure.NxDomain, hops.Failure);
        Assert.Equal("DNS Hard Error looking up nowhere.example (MX):  NXDomain", hops.Error);
        _zones.Pointer("bare.example", "x.example");
        hops = await ResolveAsync("bare.example");
        Assert.Equal(NextHopFailure.NoAddress, hops.Failure);
        Assert.Equal("DNS Hard Error looking up bare.example (A):  no address", hops.Error);
    }

    [Theory] // N5: SERVFAIL and time-outs are never a reason to bounce
    [InlineData("MX a.example")]
    [InlineData("A mx1.example", "AAAA mx1.example", "A mx2.example", "AAAA mx2.example")]
    [InlineData("AAAA mx1.example", "A mx1.example")]
    public async Task Doubt_is_temporary(params string[] failing)
    {
        _zones.Mx("a.example", 10, "mx1.example").Mx("a.example", 20, "mx2.example")
            .Address("mx1.example", "192.0.2.1");
        foreach (var question in failing) _zones.Fail(question, "time-out");
        var hops = await ResolveAsync("a.example");
        Assert.Equal((NextHopFailure.Temporary, 0), (hops.Failure, hops.Hosts.Count));
        Assert.StartsWith("DNS Soft Error looking up ", hops.Error, StringComparison.Ordinal);
        Assert.EndsWith(":  time-out", hops.Error, StringComparison.Ordinal);
    }

    [Fact] // N5
    public async Task One_host_in_doubt_does_not_stop_the_others()
    {
        _zones.Mx("a.example", 10, "mx1.example").Mx("a.example", 20, "mx2.example").Address("mx2.example", "192.0.2.2")
            .Fail("A mx1.example").Fail("AAAA mx1.example").Fail("AAAA mx2.example");
        Assert.Equal("20:mx2.example=192.0.2.2", Text(await ResolveAsync("a.example")));
    }

    [Theory] // N1, CL04
    [InlineData("GW.example", "10:mx1.example=192.0.2.1")]
    [InlineData("mx1.example", "")]
    [InlineData("mx3.example", "10:mx1.example=192.0.2.1 20:gw.example=192.0.2.3 20:mx2.example=192.0.2.2")]
    public async Task Our_own_name_cuts_its_preference_and_all_worse_ones(string own, string expected)
    {
        _zones.Mx("a.example", 30, "mx3.example").Mx("a.example", 20, "mx2.example").Mx("a.example", 20, "gw.example")
            .Mx("a.example", 10, "mx1.example").Address("mx1.example", "192.0.2.1").Address("mx2.example", "192.0.2.2")
            .Address("gw.example", "192.0.2.3").Address("mx3.example", "192.0.2.4");
        var hops = await ResolveAsync("a.example", ownNames: own);
        Assert.Equal(expected, string.Join(' ', Text(hops).Split(' ').Order(StringComparer.Ordinal)));
        Assert.Equal(expected.Length == 0 ? NextHopFailure.Refused : NextHopFailure.None, hops.Failure);
    }

    [Fact] // N1
    public async Task Mail_to_our_own_name_without_MX_would_loop()
    {
        _zones.Address("gw.example", "192.0.2.3");
        Assert.Equal(NextHopFailure.Refused, (await ResolveAsync("gw.example", ownNames: "gw.example")).Failure);
        Assert.Equal("0:gw.example=192.0.2.3",
            Text(await ResolveAsync("gw.example", fromRoute: true, ownNames: "gw.example")));
    }

    [Theory] // N1, N13
    [InlineData("127.0.0.1")]
    [InlineData("127.255.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("169.254.169.254")]
    [InlineData("224.0.0.1")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    public async Task Addresses_in_refuse_networks_are_skipped_unless_a_route_names_the_host(string address)
    {
        _zones.Mx("a.example", 10, "mx1.example").Address("mx1.example", address);
        var hops = await ResolveAsync("a.example");
        Assert.Equal(NextHopFailure.Refused, hops.Failure);
        Assert.Contains(address, hops.Error, StringComparison.Ordinal);
        Assert.Equal(NextHopFailure.None, (await ResolveAsync("a.example", fromRoute: true)).Failure);
        _zones.Address("mx1.example", "192.0.2.1");
        Assert.Equal("10:mx1.example=192.0.2.1", Text(await ResolveAsync("a.example")));
    }

    [Theory]
    [InlineData(IpPreference.PreferV6, "both.example", "2001:db8::1,192.0.2.1")]
    [InlineData(IpPreference.PreferV4, "both.example", "192.0.2.1,2001:db8::1")]
    [InlineData(IpPreference.RequireV6, "both.example", "2001:db8::1")]
    [InlineData(IpPreference.RequireV4, "both.example", "192.0.2.1")]
    [InlineData(IpPreference.PreferV6, "four.example", "192.0.2.4")]
    [InlineData(IpPreference.PreferV4, "six.example", "2001:db8::6")]
    [InlineData(IpPreference.RequireV6, "four.example", "")]
    public async Task Families_come_as_preferred_and_fall_back(IpPreference preference, string name, string addresses)
    {
        _zones.Address("both.example", "192.0.2.1", "2001:db8::1").Address("four.example", "192.0.2.4")
            .Address("six.example", "2001:db8::6");
        var hops = await Resolver().ResolveAddressesAsync(
            RoutesFileTests.Name(name), true, preference, TestContext.Current.CancellationToken);
        Assert.Equal(addresses, string.Join(',', hops.Hosts.SelectMany(h => h.Addresses)));
        Assert.Equal(addresses.Length == 0 ? NextHopFailure.NoAddress : NextHopFailure.None, hops.Failure);
    }

    [Fact] // N4
    public async Task Huge_answers_are_cut()
    {
        for (var i = 0; i < 90; i++)
        {
            _zones.Mx("a.example", i, $"mx{i}.example");
            _zones.Address($"mx{i}.example", [.. Enumerable.Range(1, 90).Select(n => $"192.0.{i}.{n}")]);
        }
        var hops = await ResolveAsync("a.example");
        Assert.Equal(NextHopResolver.MaxAddresses, hops.Hosts.Sum(h => h.Addresses.Count));
        Assert.Equal(NextHopResolver.MaxAddressesPerFamily, hops.Hosts[0].Addresses.Count);
        Assert.Equal(NextHopResolver.MaxHosts * 2, _zones.Questions.Count(q => q.StartsWith('A')));
    }
}
