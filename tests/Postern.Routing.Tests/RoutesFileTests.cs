using System.Net;
using System.Text;
using Postern.Mail;

namespace Postern.Routing.Tests;

/// <summary>The grammar of the routes file: what it takes, and what it says of what it does not take.</summary>
public class RoutesFileTests
{
    private static readonly HashSet<string> Profiles = ["office", "branch"];

    internal static Domain Name(string text) =>
        Domain.TryParse(text, out var name) ? name : throw new ArgumentException(text, nameof(text));

    internal static SmtpRouteTable Table(string text)
    {
        var load = SmtpRoutesFile.Parse(text, Profiles);
        Assert.Empty(load.Errors);
        return load.Table!;
    }

    [Fact]
    public void The_sample_of_the_guide_loads_as_it_says()
    {
        var table = Table("""
            # head office
            example.com     127.0.0.10:2510/pri=0, 127.0.0.20:2520/pri=10
            .example.com    USEDNS
            partner.example relay.partner.example:587/pri=0/weight=3, [mail2.partner.example]:587  auth=office
            old.example     /dev/null
            [2001:db8::/64] [2001:db8::25]:25
            ALL             smarthost.example.net
            """);

        Assert.Equal(6, table.Count);
        var office = table.Find(Name("Example.COM."))!;
        Assert.Equal(("example.com", 2, RouteKind.Hosts), (office.Key, office.Line, office.Kind));
        Assert.Equal(["127.0.0.10:2510", "127.0.0.20:2520"], office.Hosts.Select(h => h.Text));
        Assert.Equal([(2510, 0, 1), (2520, 10, 1)], office.Hosts.Select(h => (h.Port, h.Priority, h.Weight)));
        Assert.Equal(IPAddress.Parse("127.0.0.10"), office.Hosts[0].Address);
        Assert.Equal(RouteKind.UseDns, table.Find(Name("a.b.example.com"))!.Kind);
        var partner = table.Find(Name("partner.example"))!;
        Assert.Equal("office", partner.AuthProfile);
        Assert.Equal([(587, 0, 3, false), (587, 0, 1, true)],
            partner.Hosts.Select(h => (h.Port, h.Priority, h.Weight, h.AddressesOnly)));
        Assert.Equal("mail2.partner.example", partner.Hosts[1].Name!.Name);
        Assert.Equal("[mail2.partner.example]:587", partner.Hosts[1].Text);
        Assert.Equal(RouteKind.Discard, table.Find(Name("old.example"))!.Kind);
        Assert.Equal("[2001:db8::25]:25", table.Find(IPAddress.Parse("2001:db8::77"))!.Hosts[0].Text);
        Assert.Equal("smarthost.example.net", table.Find(Name("elsewhere.example"))!.Hosts[0].Name!.Name);
        Assert.Equal("ALL", table.Find(IPAddress.Parse("192.0.2.1"))!.Key);
    }

    [Theory]
    [InlineData("example.com relay.example.com, backup.example.com/pri=10")]
    [InlineData("example.com relay.example.com,backup.example.com/pri=10")]
    [InlineData("example.com relay.example.com  ,\tbackup.example.com/PRI=10  # why")]
    [InlineData("\t example.com\trelay.example.com , backup.example.com/pri=0010\t")]
    [InlineData("\uFEFFexample.com relay.example.com, backup.example.com/pri=10\r\n")]
    [InlineData("EXAMPLE.com. relay.example.com:25, backup.example.com:25/weight=1/pri=10")]
    public void One_route_may_be_written_in_many_ways(string text)
    {
        var route = Table(text).Find(Name("example.com"))!;
        Assert.Equal(["relay.example.com", "backup.example.com"], route.Hosts.Select(h => h.Name!.Name));
        Assert.Equal([(25, 0, 1), (25, 10, 1)], route.Hosts.Select(h => (h.Port, h.Priority, h.Weight)));
    }

    [Theory]
    [InlineData("a.example 10.0.0.1", "10.0.0.1", 25, false)]
    [InlineData("a.example [10.0.0.1]:26", "10.0.0.1", 26, false)]
    [InlineData("a.example 2001:db8::1", "2001:db8::1", 25, false)]
    [InlineData("a.example [2001:DB8::1]", "2001:db8::1", 25, false)]
    [InlineData("a.example [2001:db8::1]:26", "2001:db8::1", 26, false)]
    [InlineData("a.example ::ffff:10.0.0.1", "10.0.0.1", 25, false)]
    [InlineData("a.example [relay.example]:26", null, 26, true)]
    [InlineData("a.example relay", null, 25, false)]
    public void Hosts_are_names_or_addresses_with_or_without_brackets(
        string text, string? address, int port, bool addressesOnly)
    {
        var host = Table(text).Find(Name("a.example"))!.Hosts.Single();
        Assert.Equal((address, port, addressesOnly), (host.Address?.ToString(), host.Port, host.AddressesOnly));
        Assert.Equal(address is null, host.Name is not null);
    }

    [Theory]
    [InlineData("usedns", RouteKind.UseDns)]
    [InlineData("UseDNS # by MX", RouteKind.UseDns)]
    [InlineData("/DEV/NULL", RouteKind.Discard)]
    public void Words_are_taken_in_any_case_as_by_the_ESA(string hosts, RouteKind kind) =>
        Assert.Equal(kind, Table($"a.example {hosts}").Find(Name("a.example"))!.Kind);

    [Fact]
    public void A_hash_begins_a_comment_only_behind_white_space()
    {
        var load = SmtpRoutesFile.Parse("a.example relay#1.example");
        Assert.Equal("line 1, column 16: '#' cannot stand in a host name; a name has letters, digits, hyphens and dots",
            load.Errors.Single().ToString());
        Assert.Equal(1, Table("#x\n   # y\n\n  \t\n a.example b.example #z # \U0001F600 é\n").Count);
    }

    [Fact] // N8
    public void U_labels_and_A_labels_are_the_same_key()
    {
        var table = Table("bücher.example relay.example");
        Assert.Equal("xn--bcher-kva.example", table.Find(Name("xn--bcher-kva.example"))!.Key);
        Assert.NotNull(table.Find(Name("BÜCHER.example")));
        var errors = SmtpRoutesFile.Parse("bücher.example a.example\nXN--BCHER-KVA.example b.example").Errors;
        Assert.Equal((2, 1), (errors.Single().Line, errors.Single().Column));
    }

    [Fact]
    public void All_errors_of_a_file_are_told_at_once_and_none_of_it_is_used()
    {
        var load = SmtpRoutesFile.Parse(
            "good.example relay.example\nbad.example 192.168.10\n" +
            "b..ad relay.example:0/pri=99999, x/weight=0\n", Profiles);
        Assert.Null(load.Table);
        Assert.False(load.IsValid);
        Assert.Equal([(2, 13), (3, 3), (3, 21), (3, 27), (3, 43)], load.Errors.Select(e => (e.Line, e.Column)).Order());
    }

    [Theory]
    [InlineData("a.example 192.168.10", 11,
        "'192.168.10' is not an IPv4 address: an IPv4 address has exactly four decimal octets")]
    [InlineData("a.example 192.168.10:25", 11,
        "'192.168.10' is not an IPv4 address: an IPv4 address has exactly four decimal octets")]
    [InlineData("a.example [192.168.10]", 12,
        "'192.168.10' is not an IPv4 address: an IPv4 address has exactly four decimal octets")]
    [InlineData("a.example 1.2.3.4.5", 11, "exactly four decimal octets")]
    [InlineData("a.example 2130706433", 11, "exactly four decimal octets")]
    [InlineData("a.example 1.2.3.", 11, "exactly four decimal octets")]
    [InlineData("a.example 1.2.3.256", 11, "'256' in '1.2.3.256' is not a number from 0 to 255")]
    [InlineData("a.example 1.2.3.99999999999", 11, "is not a number from 0 to 255")]
    [InlineData("a.example 010.0.0.1", 11, "'010' in '010.0.0.1' has a leading zero")]
    [InlineData("192.168.10 a.example", 1, "exactly four decimal octets")]
    [InlineData("a.example b.example:0", 21, "the port '0' is not a number from 1 to 65535")]
    [InlineData("a.example b.example:65536", 21, "the port '65536' is not")]
    [InlineData("a.example b.example:", 21, "the port '' is not")]
    [InlineData("a.example b.example:+25", 21, "the port '+25' is not")]
    [InlineData("a.example b.example/pri=65536", 25, "the priority '65536' is not a number from 0 to 65535")]
    [InlineData("a.example b.example/pri=-1", 25, "the priority '-1' is not")]
    [InlineData("a.example b.example/weight=0", 28, "the weight '0' is not a number from 1 to 1000")]
    [InlineData("a.example b.example/weight=1001", 28, "the weight '1001' is not")]
    [InlineData("a.example b.example/prio=1", 20, "'/prio=1' is unknown")]
    [InlineData("a.example b.example/pri=1/pri=2", 26, "the priority is given twice")]
    [InlineData("a.example b.example /pri=1", 21, "there is white space before '/pri=1'")]
    [InlineData("ALL USEDNS", 5, "USEDNS on ALL")]
    [InlineData("a.example USEDNS auth=office", 11, "USEDNS takes no auth=")]
    [InlineData("a.example USEDNS, b.example", 11, "USEDNS stands alone")]
    [InlineData("a.example b.example, /dev/null", 11, "/dev/null stands alone")]
    [InlineData("a.example USEDNS/pri=10", 11, "USEDNS stands alone")]
    [InlineData("a.example UseDNS:25", 11, "USEDNS stands alone")]
    [InlineData("a.example /dev/nul", 11, "'/dev/nul' is not a host")]
    [InlineData("a.example", 10, "the destination host is missing")]
    [InlineData("a.example # b.example", 10, "the destination host is missing")]
    [InlineData("a.example b.example,", 21, "a host is missing beside the comma")]
    [InlineData("a.example b.example,,c.example", 21, "a host is missing beside the comma")]
    [InlineData("a.example b.example c.example", 21, "'c.example' is neither an option nor set off by a comma")]
    [InlineData("a.example b.example, B.example:25", 22, "'B.example:25' stands twice")]
    [InlineData("a.example [10.0.0.1]:26, 10.0.0.1:26/pri=3", 26, "'10.0.0.1:26' stands twice")]
    [InlineData("a.example b.example auth=offise", 26, "the profile 'offise' is not defined")]
    [InlineData("a.example b.example auth=", 26, "the profile behind auth= is missing")]
    [InlineData("a.example b.example auth=office auth=office", 33, "auth= stands twice")]
    [InlineData("a.example b.example color=red", 21, "unknown option 'color'")]
    [InlineData("a.example b.example hosts=", 27, "'' is no value of hosts=")]
    [InlineData("a.example b.example on_rcpt_4xx=bounce", 33, "'bounce' is no value of on_rcpt_4xx=")]
    [InlineData("a.example b.example hosts=turns HOSTS=turns", 33, "hosts= stands twice")]
    [InlineData("a.example b.example hold_for_probe=73h", 36, "'73h' is no duration that hold_for_probe takes")]
    [InlineData("a.example b.example hold_for_probe=-5m", 36, "'-5m' is no duration")]
    [InlineData("a.example USEDNS hosts=first-up", 18, "USEDNS takes no hosts=")]
    [InlineData("a.example /dev/null on_rcpt_4xx=hold", 21, "/dev/null takes no on_rcpt_4xx=")]
    [InlineData("a.example 2001:db8:0:0:0:0:0:25:2525", 11, "an IPv6 address takes a port only with brackets")]
    [InlineData("a.example 2001:db8::g", 11, "'2001:db8::g' is not an IPv6 address")]
    [InlineData("a.example [2001:db8::1%eth0]", 12, "is not an IPv6 address")]
    [InlineData("a.example [b.example", 11, "the bracket of '[b.example' is not closed")]
    [InlineData("a.example []", 11, "there is nothing between the brackets")]
    [InlineData("a.example [b.example]25", 22, "'25' cannot stand behind the bracket")]
    [InlineData("[10.0.0.0/33] b.example", 11, "the prefix length '33' is not a number from 0 to 32")]
    [InlineData("2001:db8::/129 b.example", 12, "the prefix length '129' is not a number from 0 to 128")]
    [InlineData("10.0.0.0/ b.example", 10, "the prefix length '' is not")]
    [InlineData("10.1.2.3/24 b.example", 1, "'10.1.2.3/24' has bits beyond its prefix")]
    [InlineData("[2001:db8::1/64] b.example", 2, "'2001:db8::1/64' has bits beyond its prefix")]
    [InlineData("[::ffff:10.0.0.1/104] b.example", 2, "'::ffff:10.0.0.1/104' has bits beyond its prefix")]
    [InlineData("10.0.0.1/0 b.example", 1, "'10.0.0.1/0' has bits beyond its prefix")]
    [InlineData("10.0.0.9-10.0.0.1 b.example", 1, "is reversed")]
    [InlineData("[10.0.0.1-::1] b.example", 2, "mixes IPv4 and IPv6")]
    [InlineData("[10.0.0.1 b.example", 1, "the bracket of '[10.0.0.1' is not closed")]
    [InlineData("[] b.example", 1, "there is nothing between the brackets of '[]'")]
    [InlineData("[10.1.2.3]/24 b.example", 11, "'/24' stands behind the bracket of '[10.1.2.3]'")]
    [InlineData("[10.1.2.3]:25 b.example", 11, "a receiving domain has no port")]
    [InlineData("10.1.2.3:25 b.example", 9, "a receiving domain has no port, but there is ':25' behind '10.1.2.3'")]
    [InlineData("example.com:25 b.example", 12, "a receiving domain has no port")]
    [InlineData(".example.com:25 b.example", 13, "a receiving domain has no port")]
    [InlineData("b_d.example b.example", 2, "'_' cannot stand in a domain name")]
    [InlineData(". b.example", 1, "'.' is no domain name")]
    [InlineData("-a.example b.example", 1, "'-a' begins or ends with a hyphen")]
    [InlineData("a.example b.\u0007example", 13, "there is a control character (U+0007)")]
    [InlineData("a.example b.example # \u0085", 23, "there is a control character (U+0085)")]
    [InlineData("a.example b.example # a\rb", 24, "there is a control character (U+000D)")]
    [InlineData("é\U0001F600.example b.example", 1, "is not a valid internationalized name")]
    public void Each_error_says_where_it_is_and_what_is_wrong(string line, int column, string message)
    {
        var load = SmtpRoutesFile.Parse("# first\n" + line + "\n", Profiles);
        Assert.Null(load.Table);
        var error = Assert.Single(load.Errors);
        Assert.Equal((2, column), (error.Line, error.Column));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.Remedy.ToString());
    }

    [Theory]
    [InlineData("a.example b.example", "")]
    [InlineData("a.example b.example on_rcpt_4xx=next hosts=turns hold_for_probe=0s", "")]
    [InlineData("a.example b.example  hold_for_probe=300s\tHOSTS=First-Up auth=office on_rcpt_4xx=HOLD # x",
        "on_rcpt_4xx=hold hosts=first-up hold_for_probe=5m")]
    [InlineData("a.example USEDNS on_rcpt_4xx=hold hold_for_probe=72h", "on_rcpt_4xx=hold hold_for_probe=3d")]
    [InlineData("a.example b.example hosts=least-busy", "hosts=least-busy")]
    public void Options_make_the_policy_of_a_route(string line, string written)
    {
        var route = Assert.Single(SmtpRoutesFile.Parse(line, Profiles).Table!.Routes);
        Assert.Equal(written, route.Policy.Text);
        Assert.Equal(written.Length == 0, route.Policy == RoutePolicy.Default);
        Assert.Equal(line.Contains("auth=", StringComparison.Ordinal) ? "office" : null, route.AuthProfile);
        var other = SmtpRoutesFile.Parse("a.example b.example on_rcpt_4xx=hold", Profiles).Table!.Routes.Single();
        Assert.NotEqual(other, route);
    }

    [Theory]
    [InlineData("a.example b.example auth=offise", "did you mean auth=office?")]
    [InlineData("a.example b.example auth=unheard",
        "make it with 'postern smtpauth new', or as [auth_profile.unheard] in postern.toml")]
    [InlineData("a.example b.example color=red", "known options: auth=PROFILE, on_rcpt_4xx=next|hold, "
        + "hosts=turns|first-up|least-busy, hold_for_probe=DURATION")]
    [InlineData("a.example b.example host=turns", "did you mean hosts=?")]
    [InlineData("a.example b.example hosts=random", "write one of these: hosts=turns, hosts=first-up, hosts=least-busy")]
    [InlineData("a.example b.example hold_for_probe=5", "write one from 0s to 3d: hold_for_probe=5m")]
    [InlineData("a.example b.example/prio=1", "did you mean /pri=N?")]
    [InlineData("10.1.2.3/24 b.example", "write 10.1.2.0/24 for the whole network, or 10.1.2.3 for the one address")]
    [InlineData("::ffff:10.1.2.3/120 b.example",
        "write 10.1.2.0/24 for the whole network, or 10.1.2.3 for the one address")]
    [InlineData("10.0.0.9-10.0.0.1 b.example", "write 10.0.0.1-10.0.0.9")]
    [InlineData("a.example 2001:db8:0:0:0:0:0:25:2525", "write [2001:db8:0:0:0:0:0:25]:2525")]
    public void Errors_say_what_to_write_instead(string line, string remedy) =>
        Assert.Equal(remedy, SmtpRoutesFile.Parse(line, Profiles).Errors.Single().Remedy);

    [Theory]
    [InlineData("a.example x.example\nA.EXAMPLE. y.example", "a.example")]
    [InlineData(".a.example x.example\n.A.example y.example", ".a.example")]
    [InlineData("all x.example\nALL y.example", "ALL")]
    [InlineData("10.0.0.1 x.example\n[::ffff:10.0.0.1] y.example", "[10.0.0.1]")]
    [InlineData("[10.0.0.0/8] x.example\n10.0.0.0/8 y.example", "[10.0.0.0/8]")]
    [InlineData("[10.0.0.0/8] x.example\n[::ffff:10.0.0.0/104] y.example", "[10.0.0.0/8]")]
    [InlineData("2001:db8::1-2001:db8::2 x.example\n[2001:DB8:0::1-2001:db8::2] y.example",
        "[2001:db8::1-2001:db8::2]")]
    public void A_second_route_for_a_key_names_the_first_line(string text, string key)
    {
        var error = SmtpRoutesFile.Parse(text).Errors.Single();
        Assert.Equal((2, 1, $"there is a route for {key} already, in line 1"),
            (error.Line, error.Column, error.Message));
    }

    [Fact]
    public void Columns_count_characters_not_octets_or_UTF_16_units()
    {
        var error = SmtpRoutesFile.Parse("bücher.example x.example, 1.2.3 # \U0001F600").Errors.Single();
        Assert.Equal(27, error.Column);
        var emoji = SmtpRoutesFile.Parse("a.example x.example auth=\U0001F600 y=1").Errors.Single();
        Assert.Equal(28, emoji.Column);
    }

    [Fact] // N9
    public void Octets_that_are_not_UTF_8_are_an_error_with_their_place()
    {
        var load = SmtpRoutesFile.Parse([.. "a.example b.example\n# é"u8, 0xC3, (byte)'\n', .. "c.example 1.2\n"u8]);
        Assert.Equal([(2, 4), (3, 11)], load.Errors.Select(e => (e.Line, e.Column)));
    }

    [Fact]
    public void Limits_have_a_defined_answer()
    {
        var hosts = string.Join(",", Enumerable.Range(0, SmtpRoutesFile.MaxHosts + 9).Select(i => $"h{i}.example"));
        Assert.Equal("a route has at most 256 hosts",
            SmtpRoutesFile.Parse($"a.example {hosts}").Errors.Single().Message);
        var load = SmtpRoutesFile.Parse("# " + new string('x', SmtpRoutesFile.MaxLineLength) + "\na.example b.example");
        Assert.Equal((1, 1), (load.Errors.Single().Line, load.Errors.Single().Column));
        var many = new StringBuilder().Insert(0, "x 1.2\n", SmtpRoutesFile.MaxErrors + 5).ToString();
        Assert.Equal(SmtpRoutesFile.MaxErrors + 1, SmtpRoutesFile.Parse(many).Errors.Count);
        Assert.Equal(SmtpRoutesFile.MaxErrors + 1, SmtpRoutesFile.Parse("x " + new string(',', 50_000)).Errors.Count);
    }

    [Fact]
    public void An_empty_file_is_a_table_without_routes()
    {
        Assert.Equal(0, Table("").Count);
        Assert.Null(Table("\uFEFF\r\n").Find(Name("a.example")));
        Assert.Null(SmtpRouteTable.Empty.Find(IPAddress.Loopback));
    }
}
