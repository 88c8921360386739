using System.Net;
using System.Net.Sockets;

namespace Postern.Routing.Tests;

/// <summary>The real source against a real server.</summary>
public sealed class DnsClientSourceTests(UnboundZones zones) : IClassFixture<UnboundZones>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly DnsClientSource _dns = zones.Dns;

    [Fact]
    public async Task Records_come_with_their_time_to_live()
    {
        var mx = await _dns.LookupMxAsync(RoutesFileTests.Name("a.example"), Cancel);
        Assert.Equal(["10 mx1.example", "20 mx2.example"],
            mx.Records.Select(r => $"{r.Preference} {r.Exchange}").Order());
        Assert.Equal((DnsStatus.Found, TimeSpan.FromSeconds(120)), (mx.Status, mx.TimeToLive));
        var v4 = await _dns.LookupAddressesAsync(RoutesFileTests.Name("mx1.example"), false, Cancel);
        Assert.Equal(["192.0.2.1"], v4.Records.Select(a => a.ToString()));
        var v6 = await _dns.LookupAddressesAsync(RoutesFileTests.Name("mx1.example"), true, Cancel);
        Assert.Equal(["2001:db8::1"], v6.Records.Select(a => a.ToString()));
    }

    [Fact] // RFC 5890 §2.3.2.1
    public async Task A_name_with_A_labels_has_its_records()
    {
        var mx = await _dns.LookupMxAsync(RoutesFileTests.Name("bücher.example"), Cancel);
        Assert.Equal("mx.xn--bcher-kva.example", Assert.Single(mx.Records).Exchange!.Name);
        var v4 = await _dns.LookupAddressesAsync(mx.Records[0].Exchange!, false, Cancel);
        Assert.Equal(IPAddress.Parse("192.0.2.3"), Assert.Single(v4.Records));
        var alias = await _dns.LookupAddressesAsync(RoutesFileTests.Name("xn--d-1ga.example"), false, Cancel);
        Assert.Equal(IPAddress.Parse("192.0.2.3"), Assert.Single(alias.Records));
        var pointer = await _dns.LookupPointerAsync(IPAddress.Parse("192.0.2.3"), Cancel);
        Assert.Equal("mx.xn--bcher-kva.example", Assert.Single(pointer.Records).Name);
    }

    [Fact] // N2
    public async Task The_null_MX_is_told_from_an_exchange_that_is_no_name()
    {
        var none = await _dns.LookupMxAsync(RoutesFileTests.Name("null.example"), Cancel);
        Assert.Null(Assert.Single(none.Records).Exchange);
        var address = await _dns.LookupMxAsync(RoutesFileTests.Name("ip.example"), Cancel);
        Assert.Equal((DnsStatus.Found, 0), (address.Status, address.Records.Count));
    }

    [Fact] // N5, RFC 2308 §5
    public async Task NXDOMAIN_NODATA_and_REFUSED_are_told_apart()
    {
        var missing = await _dns.LookupMxAsync(RoutesFileTests.Name("nowhere.example"), Cancel);
        Assert.Equal((DnsStatus.NxDomain, TimeSpan.FromSeconds(77)), (missing.Status, missing.TimeToLive));
        var empty = await _dns.LookupMxAsync(RoutesFileTests.Name("mx1.example"), Cancel);
        Assert.Equal((DnsStatus.NoData, TimeSpan.FromSeconds(77)), (empty.Status, empty.TimeToLive));
        var refused = await _dns.LookupMxAsync(RoutesFileTests.Name("refused.example"), Cancel);
        Assert.Equal((DnsStatus.TemporaryFailure, "REFUSED"), (refused.Status, refused.Error));
    }

    [Fact]
    public async Task SERVFAIL_is_temporary()
    {
        var answer = await _dns.LookupMxAsync(RoutesFileTests.Name("elsewhere.test-zone.invalid-tld"), Cancel);
        Assert.Equal((DnsStatus.TemporaryFailure, "SERVFAIL"), (answer.Status, answer.Error));
    }

    [Fact] // N3
    public async Task CNAMEs_are_followed_up_to_eight_and_a_loop_is_temporary()
    {
        var alias = await _dns.LookupAddressesAsync(RoutesFileTests.Name("alias.example"), false, Cancel);
        Assert.Equal((DnsStatus.Found, "192.0.2.1", TimeSpan.FromSeconds(30)),
            (alias.Status, alias.Records[0].ToString(), alias.TimeToLive));
        foreach (var name in new[] { "loop1.example", "c1.example" })
        {
            var answer = await _dns.LookupAddressesAsync(RoutesFileTests.Name(name), false, Cancel);
            Assert.Equal(DnsStatus.TemporaryFailure, answer.Status);
        }
    }

    [Fact] // N4: 150 records need TCP, a hundred are used
    public async Task A_long_answer_comes_by_TCP_and_is_cut()
    {
        var answer = await _dns.LookupAddressesAsync(RoutesFileTests.Name("many.example"), false, Cancel);
        Assert.Equal((DnsStatus.Found, DnsClientSource.MaxRecords), (answer.Status, answer.Records.Count));
    }

    [Fact]
    public async Task A_client_gets_its_verified_name()
    {
        var reverse = new ReverseName(_dns, TimeProvider.System, new HostsFile("/nowhere/hosts"));
        Assert.Equal(("mx1.example", true), await reverse.FindAsync(IPAddress.Parse("192.0.2.1"), Cancel));
        Assert.Equal(("mx1.example", true), await reverse.FindAsync(IPAddress.Parse("2001:db8::1"), Cancel));
    }

    [Fact]
    public async Task A_thousand_questions_at_once_are_all_answered()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 1000).Select(
            i => _dns.LookupAddressesAsync(
                RoutesFileTests.Name(i % 2 == 0 ? "mx1.example" : "alias.example"), false, Cancel)));
        Assert.All(answers, a => Assert.Equal(DnsStatus.Found, a.Status));
    }

    [Fact]
    public async Task No_server_is_a_temporary_failure()
    {
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var silent = new DnsClientSource([(IPEndPoint)closed.LocalEndPoint!], TimeSpan.FromMilliseconds(100));
        var answer = await silent.LookupMxAsync(RoutesFileTests.Name("a.example"), Cancel);
        Assert.Equal((DnsStatus.TemporaryFailure, "time-out"), (answer.Status, answer.Error));
        silent.Dispose();
    }
}
