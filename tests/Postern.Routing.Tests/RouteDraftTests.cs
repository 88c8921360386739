namespace Postern.Routing.Tests;

/// <summary>A route in a form: what is wrong stands at its field, in the words of the routes file's reader.</summary>
public class RouteDraftTests
{
    [Fact]
    public void A_right_one_makes_the_line_that_a_person_would_write()
    {
        var draft = new RouteDraft
        {
            Key = "example.com",
            Hosts =
            [
                new("127.0.0.10", "2510", "0", "3"), new("mail2.example", "25", "10", "1"), new("[mx.example]", "587"),
                new("2001:db8::25", "2525", "20"), new("2001:db8::26"),
            ],
            Auth = "office",
            Options = "hold_for_probe=5m",
        };

        Assert.Empty(draft.Check(new HashSet<string> { "office" }));
        Assert.Equal("127.0.0.10:2510/weight=3, mail2.example/pri=10, [mx.example]:587, [2001:db8::25]:2525/pri=20, "
            + "2001:db8::26", draft.HostsText);
        Assert.Equal(["auth=office", "hold_for_probe=5m"], draft.OptionTexts);
    }

    [Fact]
    public void The_hosts_of_the_original_are_refused_in_words_each_at_its_row()
    {
        var draft = new RouteDraft
        {
            Key = "example.com",
            Hosts = [new("192.168.10", "25", "0"), new("192.168.20", "25", "10")],
        };

        var problems = draft.Check();

        Assert.Equal(
            [(RouteField.Destination, 0), (RouteField.Destination, 1)], problems.Select(p => (p.Field, p.Row)));
        Assert.Contains("192.168.10", problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("four", problems[0].Message + problems[0].Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "h", "", "", "", "", "", RouteField.Key)]
    [InlineData("exa_mple..com", "h", "", "", "", "", "", RouteField.Key)]
    [InlineData("two words", "h", "", "", "", "", "", RouteField.Key)]
    [InlineData("x.example", "", "", "", "", "", "", RouteField.Destination)]
    [InlineData("x.example", "h,i", "", "", "", "", "", RouteField.Destination)]
    [InlineData("x.example", "h:25", "", "", "", "", "", RouteField.Destination)]
    [InlineData("x.example", "[2001:db8::1]:25", "", "", "", "", "", RouteField.Destination)]
    [InlineData("x.example", "h/pri=3", "", "", "", "", "", RouteField.Destination)]
    [InlineData("x.example", "2001:db8:::1", "26", "", "", "", "", RouteField.Destination)]
    [InlineData("ALL", "USEDNS", "", "", "", "", "", RouteField.Destination)]
    [InlineData("x.example", "h", "0", "", "", "", "", RouteField.Port)]
    [InlineData("x.example", "h", "65536", "", "", "", "", RouteField.Port)]
    [InlineData("x.example", "h", "smtp", "", "", "", "", RouteField.Port)]
    [InlineData("x.example", "h", "25/pri=1", "", "", "", "", RouteField.Port)]
    [InlineData("x.example", "h", "", "-1", "", "", "", RouteField.Priority)]
    [InlineData("x.example", "h", "", "65536", "", "", "", RouteField.Priority)]
    [InlineData("x.example", "h", "", "", "0", "", "", RouteField.Weight)]
    [InlineData("x.example", "h", "", "", "1001", "", "", RouteField.Weight)]
    [InlineData("x.example", "h", "", "", "", "nobody", "", RouteField.Auth)]
    [InlineData("x.example", "h", "", "", "", "", "color=red", RouteField.Options)]
    [InlineData("x.example", "h", "", "", "", "", "hosts=random", RouteField.Options)]
    public void What_is_wrong_stands_at_its_field(
        string key, string destination, string port, string priority, string weight, string auth, string options,
        RouteField field)
    {
        var draft = new RouteDraft
        {
            Key = key,
            Hosts = [new(destination, port, priority, weight), new("good.example", "26", "1", "2")],
            Auth = auth,
            Options = options,
        };
        // USEDNS stands alone, so that its own rule can be seen.
        if (destination == "USEDNS") draft = new RouteDraft { Key = key, Hosts = [new(destination)] };

        var problem = Assert.Single(draft.Check(new HashSet<string> { "office" }));

        Assert.Equal((field, 0), (problem.Field, problem.Row));
        Assert.NotEmpty(problem.Remedy.ToString());
    }

    [Fact]
    public void A_host_that_stands_twice_is_told_at_the_second_row()
    {
        var draft = new RouteDraft { Key = "münchen.example", Hosts = [new("a.example"), new("A.example", "25")] };

        var problem = Assert.Single(draft.Check());

        Assert.Equal((RouteField.Destination, 1), (problem.Field, problem.Row));
    }

    [Fact]
    public void All_that_is_wrong_is_told_at_once_each_at_its_field()
    {
        var draft = new RouteDraft
        {
            Key = "exa mple..com",
            Hosts = [new("[1.2.3", "99999", "x"), new("", "0", "70000", "1001"), new("ho st", "/pri=10", "-1", ":25")],
            Auth = "nobody",
            Options = "color=red",
        };

        var problems = draft.Check(new HashSet<string> { "office" });

        Assert.Equal(
            [
                (RouteField.Key, 0),
                (RouteField.Destination, 0), (RouteField.Destination, 1), (RouteField.Destination, 2),
                (RouteField.Port, 0), (RouteField.Port, 1), (RouteField.Port, 2),
                (RouteField.Priority, 0), (RouteField.Priority, 1), (RouteField.Priority, 2),
                (RouteField.Weight, 1), (RouteField.Weight, 2),
                (RouteField.Auth, 0), (RouteField.Options, 0),
            ],
            problems.Select(p => (p.Field, p.Row)).Order());
        // How a line of the file is written is nothing for somebody who fills in a form.
        Assert.DoesNotContain(problems, p => p.Remedy.ToString().Contains('/') && p.Field != RouteField.Destination);
    }

    [Theory]
    [InlineData("/dev/null")]
    [InlineData("USEDNS")]
    public void What_stands_alone_says_so_where_it_does_not(string word)
    {
        var withNumbers = new RouteDraft { Key = "x.example", Hosts = [new(word, "26", "5", "2")] };
        var withHost = new RouteDraft { Key = "x.example", Hosts = [new("h.example"), new(word, "25", "0", "1")] };

        Assert.Equal(
            [RouteField.Port, RouteField.Priority, RouteField.Weight],
            withNumbers.Check().Select(p => p.Field).Order());
        Assert.Contains("stands alone", Assert.Single(withHost.Check()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_route_that_is_there_already_is_told_at_the_domain_with_all_else()
    {
        var table = SmtpRoutesFile.Parse("example.com h.example").Table!;
        var draft = new RouteDraft { Key = "Example.COM", Hosts = [new("192.168.10")] };

        Assert.Equal([RouteField.Key, RouteField.Destination], draft.Check(addedTo: table).Select(p => p.Field));
        Assert.Equal([RouteField.Destination], draft.Check().Select(p => p.Field));
    }

    [Theory]
    [InlineData("example.com 127.0.0.10:2510/pri=0/weight=3, [mail2.example]:587/pri=10, [2001:db8::25]:25 auth=office")]
    [InlineData("example.com USEDNS hold_for_probe=5m")]
    [InlineData("ALL /dev/null")]
    [InlineData("[2001:db8::/64] relay.example hosts=least-busy")]
    public void A_route_that_goes_through_the_form_unchanged_stays_the_same(string line)
    {
        var route = SmtpRoutesFile.Parse(line).Table!.Routes.Single();
        var document = RoutesDocument.Read($"# above\n{line} # behind\n");
        var draft = RouteDraft.Of(route);

        Assert.Empty(draft.Check());
        Assert.Null(document.Edit(draft.Key, draft.HostsText, draft.OptionsInPlaceOf(route)));

        var after = document.Check().Table!.Routes.Single();
        Assert.Equal(route with { Hosts = [], Line = 0 }, after with { Hosts = [], Line = 0 });
        Assert.Equal(route.Hosts.Select(Meaning), after.Hosts.Select(Meaning));
        Assert.Equal($"# above\n{line} # behind\n", document.ToString());
    }

    [Fact]
    public void Options_that_the_form_has_no_more_are_taken_away()
    {
        const string Line = "example.com relay.example auth=office hosts=first-up hold_for_probe=5m";
        var route = SmtpRoutesFile.Parse(Line).Table!.Routes.Single();
        var document = RoutesDocument.Read(Line + "\n");
        var draft = new RouteDraft
        {
            Key = "example.com",
            Hosts = [new("relay.example")],
            Options = "hosts=least-busy",
        };

        Assert.Null(document.Edit(draft.Key, draft.HostsText, draft.OptionsInPlaceOf(route)));

        Assert.Equal("example.com relay.example hosts=least-busy\n", document.ToString());
    }

    [Fact]
    public void What_the_form_does_not_change_stays_as_it_is_written()
    {
        const string Hosts = "M\u00fcller.example:25/pri=0 ,[10.0.0.1]/weight=1,  [2001:db8::25]:2525/weight=2/PRI=3";
        const string Line = $"example.com  {Hosts} HOSTS=first-up auth=office # behind\n";
        var route = SmtpRoutesFile.Parse(Line).Table!.Routes.Single();
        var shown = RouteDraft.Of(route);
        string Saved(IReadOnlyList<DraftHost> hosts, string options)
        {
            var draft = new RouteDraft { Key = shown.Key, Hosts = hosts, Auth = shown.Auth, Options = options };
            var document = RoutesDocument.Read(Line);
            Assert.Null(document.Edit(draft.Key, draft.HostsText, draft.OptionsInPlaceOf(route)));
            return document.ToString();
        }

        Assert.Equal(["M\u00fcller.example", "[10.0.0.1]", "[2001:db8::25]"],
            shown.Hosts.Select(host => host.Destination));
        Assert.Equal(Line, Saved(shown.Hosts, shown.Options));
        Assert.Equal($"example.com  {Hosts} auth=office hosts=least-busy # behind\n",
            Saved(shown.Hosts, "hosts=least-busy"));
        Assert.Equal("example.com  10.0.0.2, M\u00fcller.example:25/pri=0, [10.0.0.1]:26, "
            + "[2001:db8::25]:2525/weight=2/PRI=3 HOSTS=first-up auth=office # behind\n",
            Saved([new("10.0.0.2"), shown.Hosts[0], shown.Hosts[1] with { Port = "26" }, shown.Hosts[2]],
                shown.Options));
    }

    private static (string?, System.Net.IPAddress?, bool, int, int, int) Meaning(DestinationHost host) =>
        (host.Name?.Name, host.Address, host.AddressesOnly, host.Port, host.Priority, host.Weight);
}
