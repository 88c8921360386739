using System.Text.Json;

namespace Postern.Tests.Commands;

/// <summary>
/// What commands write into the audit log, and <c>postern admin audit</c>, without a running gateway.
/// </summary>
public sealed class AuditCommandTests : IDisposable
{
    private readonly WorkFolder work = new();

    private string Log => work.PathOf("data/logs/audit.log");

    public void Dispose() => work.Dispose();

    [Fact]
    public async Task Every_change_by_a_command_has_an_entry_and_no_secret_stands_in_it()
    {
        await work.RunAsync("smtproutes", "new", "example.com", "10.0.0.1");
        await work.RunAsync("smtproutes", "edit", "example.com", "10.0.0.2");
        await work.RunAsync("smtproutes", "edit", "gone.example", "10.0.0.2");
        await work.RunAsync("smtproutes", "clear", "--yes");
        await work.RunAsync("smtproutes", "print");
        await work.RunOnAsync("s3cret\n", TimeProvider.System,
            "smtpauth", "new", "office", "--username", "gw@x.example");
        await work.RunAsync("smtpauth", "delete", "office");
        var reset = await work.RunAsync("admin", "reset", "--json");
        var password = JsonDocument.Parse(reset.Out).RootElement.GetProperty("password").GetString()!;

        var (code, output, _) = await work.RunAsync("admin", "audit", "list", "--json");

        Assert.Equal(0, code);
        using var page = JsonDocument.Parse(output);
        var entries = page.RootElement.GetProperty("entries").EnumerateArray().ToList();
        Assert.Equal(
            [
                "admin reset", "smtpauth delete office", "smtpauth new office", "smtproutes clear",
                "smtproutes edit gone.example", "smtproutes edit example.com", "smtproutes new example.com",
            ],
            entries.Select(e => e.GetProperty("action").GetString()));
        Assert.All(entries, e => Assert.Equal((Environment.UserName, "command"),
            (e.GetProperty("who").GetString(), e.GetProperty("from").GetString())));
        Assert.Equal("username gw@x.example, password •••", entries[2].GetProperty("after").GetString());
        Assert.Contains("no route for gone.example", entries[4].GetProperty("detail").GetString()!,
            StringComparison.Ordinal);
        Assert.Equal(("example.com 10.0.0.1", "example.com 10.0.0.2"),
            (entries[5].GetProperty("before").GetString(), entries[5].GetProperty("after").GetString()));
        var log = await File.ReadAllTextAsync(Log);
        Assert.DoesNotContain("s3cret", log, StringComparison.Ordinal);
        Assert.DoesNotContain(password, log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entries_are_shown_in_lines_that_a_terminal_can_bear()
    {
        await work.RunAsync("smtproutes", "new", "example.com", "10.0.0.1");
        await work.RunAsync("smtproutes", "edit", "example.com", "10.0.0.2");
        await work.RunAsync("smtproutes", "edit", "a\u001b[31m.example", "10.0.0.2");

        var (_, output, _) = await work.RunAsync("admin", "audit", "list", "--limit", "2");

        var lines = output.TrimEnd('\n').Split('\n');
        Assert.Equal(5, lines.Length);
        Assert.StartsWith("3  ", lines[0], StringComparison.Ordinal);
        Assert.Contains("smtproutes edit a\uFFFD[31m.example  refused: ", lines[0], StringComparison.Ordinal);
        Assert.EndsWith($"{Environment.UserName} from command  smtproutes edit example.com  done", lines[1],
            StringComparison.Ordinal);
        Assert.Equal(("     - example.com 10.0.0.1", "     + example.com 10.0.0.2"), (lines[2], lines[3]));
        var place = lines[4].Split(' ')[^1];
        var (_, older, _) = await work.RunAsync("admin", "audit", "list", "--before", place);
        var first = older.Split('\n').Single(l => l.StartsWith("1  ", StringComparison.Ordinal));
        Assert.Contains("smtproutes new example.com", first, StringComparison.Ordinal);
        Assert.Equal(2, (await work.RunAsync("admin", "audit", "list", "--before", "x")).Code);
    }

    [Fact]
    public async Task Verify_says_that_the_log_is_whole_or_names_the_first_line_that_is_wrong()
    {
        var (code, output, _) = await work.RunAsync("admin", "audit", "verify");
        Assert.Equal((0, "There are no entries.\n"), (code, output));
        for (var i = 1; i <= 3; i++) await work.RunAsync("smtproutes", "new", $"d{i}.example", "10.0.0.1");

        (code, output, _) = await work.RunAsync("admin", "audit", "verify");
        Assert.Equal(0, code);
        Assert.StartsWith("entries 1 to 3 are whole; the last line has the hash ", output, StringComparison.Ordinal);

        await File.AppendAllTextAsync(Log, "{\"num");
        (code, output, _) = await work.RunAsync("admin", "audit", "verify");
        Assert.Equal(0, code);
        Assert.Contains("5 octets behind it are no whole line", output, StringComparison.Ordinal);

        var text = await File.ReadAllTextAsync(Log);
        await File.WriteAllTextAsync(Log, text.Replace("d2.example", "d9.example", StringComparison.Ordinal));
        var (failed, _, error) = await work.RunAsync("admin", "audit", "verify");
        Assert.Equal(1, failed);
        Assert.Contains($"{Log}:3: the line before it was changed", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_whose_end_was_cut_off_is_found_by_the_hash_that_was_noted_elsewhere()
    {
        for (var i = 1; i <= 3; i++) await work.RunAsync("smtproutes", "new", $"d{i}.example", "10.0.0.1");
        var noted = (await work.RunAsync("admin", "audit", "verify")).Out.Trim().Split(' ')[^1];
        await work.RunAsync("smtproutes", "new", "d4.example", "10.0.0.1");
        Assert.Equal(0, (await work.RunAsync("admin", "audit", "verify", "--last", noted)).Code);

        var lines = await File.ReadAllLinesAsync(Log);
        await File.WriteAllTextAsync(Log, string.Concat(lines.Take(2).Select(line => line + "\n")));
        Assert.Equal(0, (await work.RunAsync("admin", "audit", "verify")).Code);
        var (code, output, error) = await work.RunAsync("admin", "audit", "verify", "--last", noted);
        Assert.Equal(1, code);
        Assert.StartsWith("entries 1 to 2 are whole", output, StringComparison.Ordinal);
        Assert.Contains("no line has the hash that was noted", error, StringComparison.Ordinal);
        // The same where nothing is left of it.
        File.Delete(Log);
        Assert.Equal(1, (await work.RunAsync("admin", "audit", "verify", "--last", noted)).Code);
        Assert.Equal(2, (await work.RunAsync("admin", "audit", "verify", "--last", noted[1..])).Code);
    }
}
