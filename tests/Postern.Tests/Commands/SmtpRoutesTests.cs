using System.Text.Json;

namespace Postern.Tests.Commands;

/// <summary><c>postern smtproutes</c> on a file, without a running gateway (contract §1, §3).</summary>
public sealed class SmtpRoutesTests : IDisposable
{
    private const string Table = "# head office\nexample.com  127.0.0.10:2510/pri=0, 127.0.0.20:2520/pri=10  # two\n\n"
        + ".example.com USEDNS\nold.example /dev/null\nALL smarthost.example.net\n";

    private readonly WorkFolder work = new();

    public void Dispose() => work.Dispose();

    [Theory]
    [InlineData("127.0.0.10:2510/pri=0 127.0.0.20:2520/pri=10")]
    [InlineData("127.0.0.10:2510/pri=0,127.0.0.20:2520/pri=10")]
    [InlineData("127.0.0.10:2510/pri=0, 127.0.0.20:2520/pri=10")]
    public async Task New_takes_hosts_as_arguments_or_with_commas(string hosts)
    {
        await DoneAsync(["smtproutes", "new", "example.com", .. hosts.Split(' ')]);

        var print = await DoneAsync("smtproutes", "print");
        Assert.Equal("example.com  127.0.0.10:2510, 127.0.0.20:2520/pri=10\n", print);
    }

    [Fact]
    public async Task Edit_and_delete_leave_the_rest_of_the_file_as_it_is()
    {
        work.Write("smtproutes", Table);

        await DoneAsync("smtproutes", "edit", "EXAMPLE.com", "127.0.0.30");
        await DoneAsync("smtproutes", "delete", "old.example");

        Assert.Equal(Table
            .Replace("127.0.0.10:2510/pri=0, 127.0.0.20:2520/pri=10", "127.0.0.30", StringComparison.Ordinal)
            .Replace("old.example /dev/null\n", "", StringComparison.Ordinal), work.Read("smtproutes"));
        await DoneAsync("smtproutes", "delete", "--yes", "example.com");
        Assert.DoesNotContain("\nexample.com", work.Read("smtproutes"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("four decimal octets", "new", "x.example", "192.168.10")]
    [InlineData("USEDNS", "new", "y.example", "USEDNS,a.example")]
    [InlineData("there is a route for example.com already", "new", "EXAMPLE.com", "a.example")]
    [InlineData("postern: the profile 'office' is not defined", "new", "x.example", "a.example", "--auth", "office")]
    [InlineData("postern: USEDNS on ALL is", "edit", "ALL", "USEDNS")]
    [InlineData("no route for x.example", "edit", "x.example", "a.example")]
    [InlineData("no route for x.example", "delete", "example.com", "x.example")]
    [InlineData("control character", "new", "x.example", "a.example\nevil.example b.example")]
    [InlineData("there is no version 99", "rollback", "99", "--yes")]
    [InlineData("missing.txt is missing", "import", "missing.txt", "--yes")]
    public async Task A_wrong_edit_is_refused_and_nothing_is_written(string says, params string[] arguments)
    {
        work.Write("smtproutes", Table);

        var (code, output, error) = await work.RunAsync(["smtproutes", .. arguments]);

        Assert.Equal((1, ""), (code, output));
        Assert.Contains(says, error, StringComparison.Ordinal);
        Assert.Equal(Table, work.Read("smtproutes"));
    }

    private string[] Replacing(string operation) => operation switch
    {
        "import" => ["smtproutes", "import", work.PathOf("other")],
        "rollback" => ["smtproutes", "rollback", "1"],
        _ => ["smtproutes", "clear"],
    };

    [Theory]
    [InlineData("clear")]
    [InlineData("import")]
    [InlineData("rollback")]
    public async Task What_touches_the_whole_table_wants_yes_without_a_terminal(string operation)
    {
        await DoneAsync("smtproutes", "new", "first.example", "a.example");
        work.Write("smtproutes", Table);
        work.Write("other", "b.example c.example\n");
        var line = Replacing(operation);

        var (code, _, error) = await work.RunAsync(line);
        Assert.Equal(2, code);
        Assert.Contains("4 removed, of 4 routes", error, StringComparison.Ordinal);
        Assert.Equal(Table, work.Read("smtproutes"));

        await DoneAsync([.. line, "--yes"]);
        var left = await DoneAsync("smtproutes", "print");
        Assert.Equal(operation switch
        {
            "import" => "b.example  c.example\n",
            "rollback" => "first.example  a.example\n",
            _ => "There are no routes.\n",
        }, left);
    }

    [Theory]
    [InlineData("clear")]
    [InlineData("import")]
    [InlineData("rollback")]
    public async Task Of_a_table_that_cannot_be_read_it_does_not_say_that_there_is_none(string operation)
    {
        await DoneAsync("smtproutes", "new", "first.example", "a.example");
        work.Write("smtproutes", Table + "wrong.example a.example:99999\n");
        work.Write("other", "b.example c.example\n");
        var line = Replacing(operation);

        var (code, _, error) = await work.RunAsync(line);

        Assert.Equal(2, code);
        Assert.Contains("as it stands has errors, so that the routes which go are not counted", error,
            StringComparison.Ordinal);
        Assert.DoesNotContain("of 0 routes", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("y\n", 0)]
    [InlineData("n\n", 1)]
    [InlineData("", 1)]
    public async Task On_a_terminal_it_asks(string typed, int expected)
    {
        work.Write("smtproutes", Table);

        var (code, output, _) = await work.RunOnAsync(typed, TimeProvider.System, "smtproutes", "clear");

        Assert.Equal(expected, code);
        Assert.Contains("Go on? [y/N]", output, StringComparison.Ordinal);
        Assert.Equal(expected == 0, !work.Read("smtproutes").Contains("old.example", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dry_run_says_what_an_import_would_change_and_changes_nothing()
    {
        work.Write("smtproutes", Table);
        work.Write("other", "example.com 127.0.0.30\nnew.example a.example\nALL smarthost.example.net\n");

        var output = await DoneAsync("smtproutes", "import", work.PathOf("other"), "--dry-run");

        Assert.Contains("+ new.example  a.example", output, StringComparison.Ordinal);
        Assert.Contains("- old.example  /dev/null", output, StringComparison.Ordinal);
        Assert.Contains("+ example.com  127.0.0.30", output, StringComparison.Ordinal);
        Assert.EndsWith("1 added, 1 altered, 2 removed\n"
            + "how many queued recipients would go elsewhere is unknown: no gateway runs on "
            + $"{work.PathOf("data")}; 'postern serve' starts one\n", output, StringComparison.Ordinal);
        Assert.Equal(Table, work.Read("smtproutes"));
    }

    [Fact]
    public async Task An_import_with_an_error_names_the_lines_of_its_own_file()
    {
        work.Write("smtproutes", Table);
        work.Write("other", "a.example b.example\nc.example 1.2.3\n");

        var (code, _, error) = await work.RunAsync("smtproutes", "import", work.PathOf("other"), "--merge");

        Assert.Equal(1, code);
        Assert.StartsWith($"{work.PathOf("other")}:2:11: error: ", error, StringComparison.Ordinal);
        Assert.Equal(Table, work.Read("smtproutes"));

        // What was wrong before is not laid to the file that is imported.
        work.Write("smtproutes", "b.example 1.2\n");
        work.Write("other", "# good\na.example b.example\n");
        (code, _, error) = await work.RunAsync("smtproutes", "import", work.PathOf("other"), "--merge");
        Assert.Equal(1, code);
        Assert.Contains("line 1, column 11 of the routes file as it stands", error, StringComparison.Ordinal);
        Assert.DoesNotContain(work.PathOf("other"), error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_and_import_give_the_file_octet_for_octet()
    {
        work.Write("smtproutes", "\ufeff" + Table.ReplaceLineEndings("\r\n"));
        var before = await File.ReadAllBytesAsync(work.RoutesFile);

        await DoneAsync("smtproutes", "export", work.PathOf("out"));
        await DoneAsync("smtproutes", "clear", "--yes");
        await DoneAsync("smtproutes", "import", work.PathOf("out"), "--yes");

        Assert.Equal(before, await File.ReadAllBytesAsync(work.RoutesFile));
    }

    [Fact]
    public async Task An_export_that_cannot_be_written_names_the_file_that_was_asked_for()
    {
        work.Write("smtproutes", Table);
        var target = work.PathOf("missing/out");

        var (code, _, error) = await work.RunAsync("smtproutes", "export", target);

        Assert.Equal((1, $"postern: {target} cannot be written: there is no such folder\n"), (code, error));
    }

    [Fact]
    public async Task An_import_with_errors_names_its_own_lines_and_changes_nothing()
    {
        work.Write("smtproutes", Table);
        work.Write("other", "a.example b.example\nc.example 1.2.3\nd.example e auth=none\n");

        var (code, _, error) = await work.RunAsync("smtproutes", "import", work.PathOf("other"), "--yes");

        Assert.Equal(1, code);
        Assert.Equal([$"{work.PathOf("other")}:2:11", $"{work.PathOf("other")}:3:18"],
            error.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line[..line.IndexOf(": ", StringComparison.Ordinal)]));
        Assert.Equal(Table, work.Read("smtproutes"));
    }

    [Fact]
    public async Task Test_names_the_route_those_it_beats_and_the_hosts_in_order()
    {
        work.Write("smtproutes", "ALL z.example\n.example.com y.example\n"
            + "a.example.com b.example/pri=20, [c.example]:587/pri=5/weight=3, d.example/pri=5\n");

        var output = await DoneAsync("smtproutes", "test", "bob@A.example.com", "x@other.example");

        Assert.Equal("""
            bob@A.example.com
              route  a.example.com (line 3)
              beats  .example.com (line 2)
              beats  ALL (line 1)
              hosts  1. [c.example]:587  priority 5, weight 3, tls preferred
                     2. d.example  priority 5, weight 1, tls preferred
                     3. b.example  priority 20, weight 1, tls preferred
              live   unknown, since no gateway runs: health, turns, queue and next attempt
            x@other.example
              route  ALL (line 1)
              hosts  1. z.example  priority 0, weight 1, tls preferred
              live   unknown, since no gateway runs: health, turns, queue and next attempt

            """, output);
    }

    [Fact]
    public async Task Test_speaks_json()
    {
        work.Write("smtproutes", "[10.0.0.0/8] [10.1.1.1]:26\nold.example /dev/null\n");

        var output = await DoneAsync("smtproutes", "test", "u@[10.9.9.9]", "u@old.example", "u@none.example", "--json");

        using var json = JsonDocument.Parse(output);
        var found = json.RootElement.EnumerateArray().ToList();
        Assert.Equal(["hosts", "discard", "dns"], found.Select(f => f.GetProperty("outcome").GetString()));
        Assert.Equal(26, found[0].GetProperty("hosts")[0].GetProperty("port").GetInt32());
        Assert.Equal(JsonValueKind.Null, found[2].GetProperty("route").ValueKind);
        // What only a running gateway knows is there, and null.
        Assert.All(found, f => Assert.Equal((JsonValueKind.Null, JsonValueKind.Null),
            (f.GetProperty("queue").ValueKind, f.GetProperty("next").ValueKind)));
        Assert.Equal(JsonValueKind.Null, found[0].GetProperty("hosts")[0].GetProperty("state").ValueKind);
    }

    [Fact]
    public async Task Test_says_that_an_address_literal_without_a_route_goes_to_the_address()
    {
        work.Write("smtproutes", "");
        Assert.Contains("the address itself, 10.9.9.9",
            await DoneAsync("smtproutes", "test", "u@[10.9.9.9]"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_dialogue_does_what_the_subcommands_do()
    {
        var (code, output, error) = await work.RunOnAsync(
            "new\nexample.com\n127.0.0.10/pri=0, 127.0.0.20/pri=10\n\nNEW\nx.example\n1.2.3\n\nfly\nexport\n\n"
            + "import\n\nprint\n\n",
            TimeProvider.System, "smtproutes");

        Assert.Equal(0, code);
        Assert.Contains("four decimal octets", error, StringComparison.Ordinal);
        Assert.Equal(2, error.Split("'' is no name of a file").Length - 1);
        Assert.Contains("'fly' is none of them.", output, StringComparison.Ordinal);
        Assert.Contains("example.com  127.0.0.10, 127.0.0.20/pri=10\n", output, StringComparison.Ordinal);
        Assert.Equal("example.com 127.0.0.10/pri=0, 127.0.0.20/pri=10\n", work.Read("smtproutes"));
    }

    private async Task<string> DoneAsync(params string[] arguments)
    {
        var (code, output, error) = await work.RunAsync(arguments);
        Assert.Equal((0, ""), (code, error));
        return output;
    }
}
