using System.Net;
using CsCheck;
using Postern.Mail;

namespace Postern.Routing.Tests;

/// <summary>The most specific route wins, wherever it stands.</summary>
public class RouteTableTests
{
    private static SmtpRouteTable Table(string text) => RoutesFileTests.Table(text);

    private static Domain Name(string text) => RoutesFileTests.Name(text);

    [Theory]
    [InlineData("example.com", "example.com")]
    [InlineData("mail.example.com", ".example.com")]
    [InlineData("a.b.mail.example.com", ".mail.example.com")]
    [InlineData("x.mail.example.com", "x.mail.example.com")]
    [InlineData("notexample.com", ".com")]
    [InlineData("com", "ALL")]
    [InlineData("example.net", "ALL")]
    [InlineData("all", "ALL")]
    public void Exact_then_the_longest_parent_then_ALL(string domain, string key)
    {
        var lines = new[]
        {
            "ALL a", ".com b", ".example.com c", "example.com d", ".mail.example.com e", "x.mail.example.com f",
        };
        Assert.Equal(key, Table(string.Join('\n', lines)).Find(Name(domain))!.Key);
        Assert.Equal(key, Table(string.Join('\n', lines.Reverse())).Find(Name(domain))!.Key);
    }

    [Theory]
    [InlineData("10.1.2.3", "[10.1.2.3]")]
    [InlineData("::ffff:10.1.2.3", "[10.1.2.3]")] // N13
    [InlineData("10.1.2.4", "[10.1.2.0/24]")]
    [InlineData("10.1.3.1", "[10.1.0.0/16]")]
    [InlineData("10.2.0.5", "[10.2.0.4-10.2.0.6]")]
    [InlineData("10.2.0.9", "[10.2.0.0-10.2.0.255]")]
    [InlineData("10.2.1.0", "ALL")]
    [InlineData("255.255.255.255", "[255.0.0.0/8]")]
    [InlineData("2001:db8::1", "[2001:db8::/32]")]
    [InlineData("2001:db9::1", "[::/0]")]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "[::/0]")]
    public void The_single_address_then_the_longest_prefix_then_the_smallest_range(string address, string key)
    {
        var table = Table("""
            ALL x
            [10.1.2.0-10.1.2.4] x
            10.1.0.0/16 x
            10.1.2.0/24 x
            10.1.2.3 x
            10.2.0.0-10.2.0.255 x
            10.2.0.4-10.2.0.6 x
            255.0.0.0/8 x
            ::/0 x
            2001:db8::/32 x
            """);
        Assert.Equal(key, table.Find(IPAddress.Parse(address))!.Key);
    }

    [Fact]
    public void Every_match_is_told_in_order_of_specificity()
    {
        var table = Table(
            "ALL x\n.com x\nb.example.com x\n.example.com x\n10.0.0.0/8 x\n10.0.0.0-10.0.0.9 x\n10.0.0.1 x");
        Assert.Equal(["b.example.com", ".example.com", ".com", "ALL"],
            table.FindAll(Name("b.example.com")).Select(r => r.Key));
        Assert.Equal(["[10.0.0.1]", "[10.0.0.0/8]", "[10.0.0.0-10.0.0.9]", "ALL"],
            table.FindAll(IPAddress.Parse("10.0.0.1")).Select(r => r.Key));
    }

    [Fact]
    public void A_route_is_one_object_for_as_long_as_its_table_lives()
    {
        var table = Table("a.example x, y\n.b.example x, y");
        Assert.Same(table.Find(Name("a.example")), table.Find(Name("a.example")));
        Assert.Same(table.Find(Name("a.example")), table.Routes.First());
        Assert.Same(table.Find(Name("a.example"))!.Hosts, table.Find(Name("c.b.example"))!.Hosts);
    }

    [Fact]
    public void A_lookup_allocates_nothing_once_its_route_was_looked_up()
    {
        var table = Table("ALL x\n.example.com y\na.example.com z\n10.0.0.0/8 v");
        Domain[] names = [Name("a.example.com"), Name("q.r.example.com"), Name("other.example")];
        var address = IPAddress.Parse("10.3.2.1");
        var found = 0;
        void LookUp()
        {
            foreach (var name in names) found += table.Find(name) is null ? 0 : 1;
            found += table.Find(address) is null ? 0 : 1;
        }
        LookUp();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) LookUp();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(404, found);
    }

    [Fact]
    public void The_longest_name_with_the_most_labels_is_found()
    {
        var name = string.Join('.', Enumerable.Repeat("a", 127));
        Assert.Equal("." + name[2..], Table($".a x\n.{name[2..]} y").Find(Name(name))!.Key);
        Assert.Equal(".a", Table(".a x").Find(Name(name))!.Key);
    }

    [Fact]
    public void A_comparison_tells_what_was_added_removed_and_altered()
    {
        var before = Table("a.example x\nb.example x,y\nc.example x auth=office\nd.example x");
        var after = Table("# moved\nd.example x\nb.example x , y # same\nc.example x\ne.example /dev/null");
        var difference = before.Compare(after);
        Assert.Equal(["e.example"], difference.Added.Select(r => r.Key));
        Assert.Equal(["a.example"], difference.Removed.Select(r => r.Key));
        Assert.Equal([("office", null)], difference.Altered.Select(r => (r.Before.AuthProfile, r.After.AuthProfile)));
        Assert.False(difference.IsEmpty);
        Assert.True(before.Compare(before).IsEmpty);
    }

    // Few labels and few octets, so that routes overlap and lookups hit.
    private static readonly Gen<string> Names =
        Gen.OneOf("a", "b", "c", "ab", "xn--a").Array[1, 5].Select(labels => string.Join('.', labels));

    // Near each other, so that they overlap, and at both ends of both families.
    private static readonly Gen<string> Addresses = Gen.Frequency(
        (9, Gen.Select(Gen.Byte[0, 3], Gen.Byte[0, 3], Gen.Bool)
            .Select((a, b, v6) => v6 ? $"2001:db8::{a}:{b}" : $"10.0.{a}.{b}")),
        (1, Gen.OneOf("0.0.0.0", "255.255.255.255", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")));

    private static readonly Gen<string> Keys = Gen.OneOf(
        Names, Names.Select(n => "." + n), Gen.Const("ALL"), Addresses,
        Gen.Select(Addresses, Gen.Int[0, 32]).Select((a, n) => Prefix(a, IsV6(a) ? 96 + n : n)),
        Addresses.Select(a => Prefix(a, 0)),
        Gen.Select(Addresses, Addresses).Select(Range).Where(r => r.Length > 0));

    private static bool IsV6(string address) => address.Contains(':', StringComparison.Ordinal);

    private static string Prefix(string address, int length)
    {
        var octets = IPAddress.Parse(address).GetAddressBytes();
        for (var bit = length; bit < octets.Length * 8; bit++) octets[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return $"{new IPAddress(octets)}/{length}";
    }

    // The same key in another of the forms that a person may write.
    private static string Written(string key, int form)
    {
        if (key == "ALL") return form % 2 == 0 ? "All" : key;
        if (!char.IsAsciiDigit(key[0]) && !IsV6(key)) return form % 3 == 0 ? key.ToUpperInvariant() + "." : key;
        if (form % 2 == 0 && !IsV6(key))
        {
            var parts = key.Split('/');
            key = string.Join('-', parts[0].Split('-').Select(a => "::ffff:" + a));
            if (parts.Length > 1) key += $"/{int.Parse(parts[1], null) + 96}";
        }
        return form % 3 == 0 ? $"[{key}]" : key;
    }

    private static string Range(string one, string other)
    {
        var (low, high) = (Number(one), Number(other));
        if (one.Contains(':', StringComparison.Ordinal) != other.Contains(':', StringComparison.Ordinal)) return "";
        return low <= high ? $"{one}-{other}" : $"{other}-{one}";
    }

    private static UInt128 Number(string address) =>
        IPAddress.Parse(address).GetAddressBytes().Aggregate(UInt128.Zero, (n, octet) => (n << 8) | octet);

    [Fact]
    public void The_table_finds_what_a_linear_scan_finds() =>
        Gen.Select(Keys.Array[0, 40], Gen.Int[0, 5].Array[40], Names.Array[1, 20], Addresses.Array[1, 20]).Sample(
        (keys, forms, names, addresses) =>
        {
            var distinct = keys.Distinct().ToArray();
            var table = Table(string.Join('\n', distinct.Select((k, i) => $"{Written(k, forms[i])} h{i}.example")));
            Assert.Equal(distinct.Length, table.Count);
            foreach (var name in names)
            {
                Assert.Equal(Scan(distinct, name), table.Find(Name(name))?.Line ?? 0);
                Assert.Equal(table.Find(Name(name)), First(table.FindAll(Name(name))));
            }
            foreach (var address in addresses)
            {
                var found = table.Find(IPAddress.Parse(address));
                Assert.Equal(ScanAddress(distinct, address), found?.Line ?? 0);
                Assert.Equal(found, First(table.FindAll(IPAddress.Parse(address))));
                if (!IsV6(address)) Assert.Same(found, table.Find(IPAddress.Parse("::ffff:" + address)));
            }
        });

    private static SmtpRoute? First(IReadOnlyList<SmtpRoute> routes) => routes.Count == 0 ? null : routes[0];

    // The line of the best key by the words of the contract; 0: none.
    private static int Scan(string[] keys, string name) => keys
        .Select((key, i) => (Line: i + 1, Rank: key == name ? 1000
            : key[0] == '.' && name.EndsWith(key, StringComparison.Ordinal) ? key.Length
            : key == "ALL" ? 1 : 0))
        .Where(c => c.Rank > 0).OrderByDescending(c => c.Rank).Select(c => c.Line).FirstOrDefault();

    private static int ScanAddress(string[] keys, string address)
    {
        var matches = new List<(int Line, int Kind, UInt128 Size, UInt128 Low)>();
        for (var i = 0; i < keys.Length; i++)
        {
            var key = keys[i];
            if (key == "ALL") matches.Add((i + 1, 4, 0, 0));
            if ((!char.IsAsciiDigit(key[0]) && !IsV6(key)) || IsV6(key) != IsV6(address)) continue;
            var parts = key.Split('/', '-');
            var low = Number(parts[0]);
            var (kind, high) = (1, low);
            if (key.Contains('-', StringComparison.Ordinal)) (kind, high) = (3, Number(parts[1]));
            if (key.Contains('/', StringComparison.Ordinal))
            {
                var bits = (IsV6(key) ? 128 : 32) - int.Parse(parts[1], null);
                (kind, high) = (2, low | (bits == 128 ? UInt128.MaxValue : ((UInt128)1 << bits) - 1));
            }
            if (low <= Number(address) && Number(address) <= high) matches.Add((i + 1, kind, high - low, low));
        }
        return matches.OrderBy(m => (m.Kind, m.Size, m.Low)).Select(m => m.Line).FirstOrDefault();
    }
}
