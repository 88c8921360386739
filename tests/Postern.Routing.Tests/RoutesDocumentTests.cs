using CsCheck;

namespace Postern.Routing.Tests;

/// <summary>Edits change what they are asked to, and nothing else of the file.</summary>
public class RoutesDocumentTests
{
    private const string Sample =
        "# head office\n\nexample.com     10.0.0.1 , 10.0.0.2/pri=10  auth=office\t# until May\n" +
        "  .example.com    USEDNS\nALL\trelay.example # all the rest\n";

    private static RoutesDocument Document(string text) => RoutesDocument.Read(text);

    [Fact]
    public void A_new_route_is_appended_as_it_was_given()
    {
        var document = Document(Sample);
        Assert.Null(document.New("Bücher.example", "[relay.example]:587,b.example/pri=5", "auth=office"));
        Assert.Equal(Sample + "Bücher.example [relay.example]:587,b.example/pri=5 auth=office\n", document.ToString());
        Assert.Equal("there is a route for xn--bcher-kva.example already, in line 6",
            document.New("xn--bcher-kva.EXAMPLE", "x.example")!.Message);
    }

    [Fact]
    public void An_edit_keeps_key_options_and_comment()
    {
        var document = Document(Sample);
        Assert.Null(document.Edit("EXAMPLE.com", "relay.example"));
        Assert.Null(document.Edit("all", "a.example, b.example"));
        Assert.Equal(
            "# head office\n\nexample.com     relay.example auth=office\t# until May\n" +
            "  .example.com    USEDNS\nALL\ta.example, b.example # all the rest\n", document.ToString());
        Assert.Null(document.Edit("example.com", "relay.example", "auth="));
        Assert.Contains("example.com     relay.example\t# until May\n", document.ToString(), StringComparison.Ordinal);
        Assert.Equal("there is no route for other.example", document.Edit("other.example", "x")!.Message);
    }

    [Fact]
    public void A_delete_takes_all_its_lines_or_none()
    {
        var document = Document(Sample);
        Assert.Equal("there is no route for x.example", document.Delete([".example.com", "x.example"])!.Message);
        Assert.Equal(Sample, document.ToString());
        Assert.Null(document.Delete([".EXAMPLE.com", "ALL"]));
        Assert.Equal("# head office\n\nexample.com     10.0.0.1 , 10.0.0.2/pri=10  auth=office\t# until May\n",
            document.ToString());
    }

    [Fact]
    public void A_clear_leaves_comments_and_an_import_replaces_all()
    {
        var document = Document(Sample);
        document.Clear();
        Assert.Equal("# head office\n\n", document.ToString());
        document.Replace(Document("# new\nb.example c.example"));
        Assert.Equal("# new\nb.example c.example", document.ToString());
    }

    [Fact]
    public void A_merge_edits_in_place_and_appends_the_rest_with_its_comments()
    {
        var document = Document(Sample);
        document.Merge(Document(
            "# dropped\n.EXAMPLE.com 10.9.9.9 auth=office # dropped too\nnew.example  x.example # kept"));
        Assert.Equal(
            Sample.Replace("USEDNS", "10.9.9.9 auth=office", StringComparison.Ordinal)
            + "new.example  x.example # kept\n",
            document.ToString());
    }

    [Theory]
    [InlineData("a.example x.example", "a.example x.example\nb.example y.example\n")]
    [InlineData("", "b.example y.example\n")]
    [InlineData("\uFEFFa.example x\r\n# é", "\uFEFFa.example x\r\n# é\r\nb.example y.example\r\n")]
    public void Line_ends_and_byte_order_mark_stay(string before, string after)
    {
        var document = RoutesDocument.Read(System.Text.Encoding.UTF8.GetBytes(before), out _)!;
        Assert.Null(document.New("b.example", "y.example"));
        Assert.Equal(after, System.Text.Encoding.UTF8.GetString(document.ToBytes()));
    }

    [Fact]
    public void An_edit_changes_the_options_it_names_and_keeps_the_others()
    {
        var document = Document("a.example x.example  auth=office\thosts=first-up # why\n");
        Assert.Null(document.Edit("a.example", "y.example", "HOSTS=least-busy", "hold_for_probe=5m"));
        Assert.Equal(
            "a.example y.example auth=office HOSTS=least-busy hold_for_probe=5m # why\n", document.ToString());
        Assert.Null(document.Edit("a.example", "y.example", "auth=", "hosts="));
        Assert.Equal("a.example y.example hold_for_probe=5m # why\n", document.ToString());
        Assert.Contains("unknown option 'host'", document.Edit("a.example", "y.example", "host=turns")!.Message,
            StringComparison.Ordinal);
        Assert.Contains("'hosts' is no option", document.Edit("a.example", "y.example", "hosts")!.Message,
            StringComparison.Ordinal);
        Assert.Contains("/dev/null takes no hold_for_probe=", document.Edit("a.example", "/dev/null")!.Message,
            StringComparison.Ordinal);
        Assert.Equal("a.example y.example hold_for_probe=5m # why\n", document.ToString());
    }

    [Theory] // I2: what comes from a command or a page stays the one line it is meant to be
    [InlineData("b.example", "y.example\nALL evil.example", null)]
    [InlineData("b.example", "y.example #", null)]
    [InlineData("b.example", "y.example", "office\rALL evil.example")]
    [InlineData("b.example", "y.example", "office other=1")]
    [InlineData("b.example x.example\nALL", "y.example", null)]
    [InlineData("b.example\u0000", "y.example", null)]
    [InlineData("b.example", "", null)]
    [InlineData("#b.example", "y.example", null)]
    public void What_would_break_out_of_its_line_is_refused(string key, string hosts, string? auth)
    {
        var document = Document(Sample);
        Assert.NotNull(document.New(key, hosts, auth is null ? [] : [$"auth={auth}"]));
        Assert.Equal(Sample, document.ToString());
    }

    [Fact]
    public void A_broken_line_can_be_mended_by_an_edit()
    {
        var document = Document("a.example\nb.example 1.2.3 # old\n");
        Assert.Null(document.Edit("b.example", "1.2.3.4"));
        Assert.Null(document.Edit("a.example", "x.example"));
        Assert.Equal("a.example x.example\nb.example 1.2.3.4 # old\n", document.ToString());
        Assert.True(document.Check().IsValid);
    }

    private static readonly Gen<string> Keys =
        Gen.OneOf("a.example", ".a.example", "ALL", "[10.0.0.1]", "10.0.0.0/8", "ü.example");

    private static readonly Gen<string> Hosts =
        Gen.OneOf("x.example", "[x.example]:26", "10.0.0.9/pri=3/weight=2", "::1", "[::1]:26").Array[1, 3]
            .Select(h => string.Join(" , ", h.Distinct()));

    private static readonly Gen<string> Texts = Gen.OneOf(
            "# a\n", "\n", "a.example x, y # c\r\n", " .a.example\tUSEDNS\n", "ALL z #\n", "[10.0.0.1] /dev/null\n",
            "ü.example  x auth=office\n")
        .Array[0, 7].Select(lines => string.Concat(lines.Distinct()));

    [Fact]
    public void Edit_write_read_gives_the_table_that_the_edits_mean() =>
        Gen.Select(Texts, Gen.Select(Gen.Int[0, 3], Keys, Hosts).Array[1, 8]).Sample((text, steps) =>
        {
            var document = Document(text);
            var model = document.Check().Table!.Routes.ToDictionary(r => r.Key);
            foreach (var (operation, key, hosts) in steps)
            {
                var normal = RouteKey.Read(key, out RouteError? _)!.Text;
                var route = RoutesFileTests.Table($"a.example {hosts}").Routes.Single() with { Key = normal };
                var known = model.TryGetValue(normal, out var old);
                if (operation == 0) Assert.Equal(known, document.New(key, hosts) is not null);
                if (operation == 0 && !known) model[normal] = route;
                if (operation == 1 && old?.Kind != RouteKind.UseDns)
                {
                    Assert.Equal(!known, document.Edit(key, hosts) is not null);
                    if (known) model[normal] = route with { AuthProfile = old!.AuthProfile };
                }
                if (operation == 2) Assert.Equal(!known, document.Delete([key]) is not null);
                if (operation == 2) model.Remove(normal);
                if (operation == 3)
                {
                    document.Merge(Document($"{key} {hosts}"));
                    model[normal] = route;
                }
            }
            var load = SmtpRoutesFile.Parse(document.ToBytes());
            Assert.Empty(load.Errors);
            Assert.Equal(model.Values.OrderBy(r => r.Key, StringComparer.Ordinal),
                load.Table!.Routes.OrderBy(r => r.Key, StringComparer.Ordinal));
            var comments = text.Split('\n').Count(l => l.StartsWith('#'));
            Assert.Equal(comments, document.ToString().Split('\n').Count(l => l.StartsWith('#')));
        });
}
