using Postern.Admin.Auditing;

namespace Postern.Admin.Tests;

/// <summary>The files of the audit log and their chain of hashes (hardening §4.5), on a real disk.</summary>
public sealed class AuditLogTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("postern-audit-").FullName;
    private readonly List<string> told = [];

    private string File => Path.Combine(folder, "logs", "audit.log");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_file_that_is_not_for_the_gateway_is_a_disk_that_fails()
    {
        // Nobody may open a folder as a file, whoever runs this.
        var error = Assert.Throws<IOException>(() => AuditFiles.OpenToRead(Path.GetTempPath()));

        Assert.EndsWith("cannot be read: permission denied", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entries_come_back_as_they_were_written_the_newest_first_and_in_pages()
    {
        var log = Log();
        for (var i = 1; i <= 5; i++) await log.WriteAsync(Entry($"action{i}"));

        var page = log.Read(null, "", 2)!;
        var next = log.Read(page.Next, "", 2)!;
        var last = log.Read(next.Next, "", 2)!;

        Assert.Equal(["action5", "action4"], page.Entries.Select(e => e.Action));
        Assert.Equal(["action3", "action2"], next.Entries.Select(e => e.Action));
        Assert.Equal(["action1"], last.Entries.Select(e => e.Action));
        Assert.Null(last.Next);
        var first = last.Entries[0];
        Assert.Equal((1, "ann", "192.0.2.9", "x\n\u001b[31m\u202e", AuditResult.Refused, new string('0', 64)),
            (first.Number, first.Who, first.From, first.Before, first.Result, first.Previous));
        Assert.Equal("10.0.0.1", first.Parameters!["host"]);
        Assert.Equal("action3", Assert.Single(log.Read(null, "ACTION3", 100)!.Entries).Action);
        Assert.Null(log.Read("here", "", 1));
        Assert.Equal(5, (await System.IO.File.ReadAllLinesAsync(File)).Length);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    [Fact]
    public async Task The_chain_is_whole_over_restarts_and_processes()
    {
        // Two logs on one folder are what two processes have: they share nothing but the files.
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => Log().WriteAsync(Entry($"a{i}")))));

        var found = Log().Verify(1, null, default);

        Assert.True(found.IsWhole, found.Fault);
        Assert.Equal((1, 40, 0), (found.First, found.Last, found.Unfinished));
        Assert.Empty(told);
    }

    [Theory]
    [InlineData(2, "ann", "eve", 3, "the line before it was changed")]
    [InlineData(3, "\"done\"", "\"refused\"", 4, "the line before it was changed")]
    [InlineData(3, "\"number\":3", "\"number\":4", 3, "it is entry 4, but stands behind entry 2")]
    [InlineData(4, "{", "", 4, "it is no entry")]
    [InlineData(1, "\"previous\":\"0", "\"previous\":\"1", 1, "the line before it was changed")]
    public async Task A_line_that_was_changed_is_found(int line, string from, string to, int named, string fault)
    {
        await WriteAsync(5);
        await ChangeAsync(lines => lines[line - 1] = lines[line - 1].Replace(from, to, StringComparison.Ordinal));

        var found = Log().Verify(1, null, default);

        Assert.False(found.IsWhole);
        Assert.Equal((File, named), (found.File, (int)found.Line));
        Assert.Contains(fault, found.Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1, "those before are gone")]
    [InlineData(3, 3, "it is entry 4, but stands behind entry 2")]
    public async Task A_line_that_was_taken_out_is_found(int line, int named, string fault)
    {
        await WriteAsync(5);
        await ChangeAsync(lines => lines.RemoveAt(line - 1));

        var found = Log().Verify(1, null, default);

        Assert.Equal((false, named), (found.IsWhole, (int)found.Line));
        Assert.Contains(fault, found.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_that_were_taken_off_the_end_change_the_last_hash()
    {
        await WriteAsync(5);
        var noted = Log().Verify(1, null, default).LastHash;
        await ChangeAsync(lines => lines.RemoveAt(4));

        Assert.NotEqual(noted, Log().Verify(1, null, default).LastHash);
    }

    [Theory]
    [InlineData("{\"number\":4,\"time\":\"20")]
    [InlineData("\0\0\0\0")]
    public async Task What_a_crash_has_cut_is_told_and_taken_out_by_the_next_entry(string torn)
    {
        await WriteAsync(3);
        await System.IO.File.AppendAllTextAsync(File, torn);

        var before = Log().Verify(1, null, default);
        Assert.Equal((true, 3, torn.Length), (before.IsWhole, before.Last, (int)before.Unfinished));
        Assert.Equal(3, Log().Read(null, "", 10)!.Entries.Count);

        await Log().WriteAsync(Entry("next"));

        var after = Log().Verify(1, null, default);
        Assert.Equal((true, 5, 0), (after.IsWhole, after.Last, after.Unfinished));
        var entries = Log().Read(null, "", 10)!.Entries;
        Assert.Equal(["next", "repairAudit"], entries.Take(2).Select(e => e.Action));
        Assert.Equal(torn, entries[1].Before);
        Assert.Contains($"its {torn.Length} octets were taken out", entries[1].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_crash_has_cut_at_the_end_of_a_full_file_is_repaired_there()
    {
        const string Torn = "{\"number\":9";
        for (var i = 1; i <= 3; i++) await Log(maxFile: 1000).WriteAsync(Entry($"action{i}"));
        Assert.False(System.IO.File.Exists(File + ".000001"));
        await System.IO.File.AppendAllTextAsync(File, Torn);

        await Log(maxFile: 1000).WriteAsync(Entry("next"));

        Assert.True(System.IO.File.Exists(File + ".000001"));
        var found = Log().Verify(1, null, default);
        Assert.True(found.IsWhole, found.Fault);
        Assert.Equal((5, 0), (found.Last, found.Unfinished));
        Assert.Equal(["next", "repairAudit"], Log().Read(null, "", 2)!.Entries.Select(e => e.Action));
    }

    [Fact]
    public async Task Entries_of_one_process_wait_in_line_for_another()
    {
        var log = Log();
        await log.WriteAsync(Entry("first") with { Result = AuditResult.Done });
        var held = await Postern.Routing.FileLock.TakeAsync(
            Path.Combine(folder, "logs", ".audit.lock"), TimeProvider.System, default);
        var writes = Enumerable.Range(0, 50)
            .Select(i => log.WriteAsync(Entry($"{i}") with { Result = AuditResult.Done })).ToList();
        held.Dispose();
        await Task.WhenAll(writes);

        Assert.Empty(told);
        Assert.Equal(Enumerable.Range(0, 50).Reverse().Select(i => $"{i}"),
            log.Read(null, "", 50)!.Entries.Select(e => e.Action));
    }

    [Fact]
    public async Task Of_what_is_refused_some_entries_a_minute_are_written_and_the_others_counted()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var log = new AuditLog(Path.Combine(folder, "logs"), time, told.Add);
        for (var i = 0; i < RefusedEntries.MaxInMinute + 7; i++) await log.WriteAsync(Entry("exportMessage"));
        await log.WriteAsync(Entry("drainHost") with { Who = "bob" });
        Assert.Equal(RefusedEntries.MaxInMinute + 1, log.Read(null, "", 100)!.Entries.Count);

        time.Advance(TimeSpan.FromMinutes(1));
        await log.WriteAsync(Entry("exportMessage"));
        await log.WriteAsync(Entry("exportMessage"));

        var entries = log.Read(null, "", 100)!.Entries;
        Assert.Equal(RefusedEntries.MaxInMinute + 3, entries.Count);
        Assert.Equal(("no", "no 7 entries of ann before it were refused as well, and are not written down."),
            (entries[0].Detail, entries[1].Detail));
    }

    [Fact]
    public async Task A_file_that_is_full_is_followed_by_another_and_the_chain_goes_on()
    {
        for (var i = 1; i <= 10; i++) await Log(maxFile: 1000).WriteAsync(Entry($"action{i}"));

        Assert.True(System.IO.File.Exists(File + ".000002"));
        Assert.True(new FileInfo(File + ".000001").Length < 1500);
        var found = Log().Verify(1, null, default);
        Assert.Equal((true, 1, 10), (found.IsWhole, found.First, found.Last));
        var all = new List<AuditEntry>();
        for (var page = Log().Read(null, "", 3)!; ; page = Log().Read(page.Next, "", 3)!)
        {
            all.AddRange(page.Entries);
            if (page.Next is null) break;
        }
        Assert.Equal(Enumerable.Range(1, 10).Reverse().Select(n => (long)n), all.Select(e => e.Number));

        // Old files may be taken away: who does it says where the rest begins.
        var rest = (await System.IO.File.ReadAllLinesAsync(File + ".000001")).Length + 1;
        System.IO.File.Delete(File + ".000001");
        Assert.False(Log().Verify(1, null, default).IsWhole);
        Assert.True(Log().Verify(rest, null, default).IsWhole);
    }

    [Fact]
    public async Task Texts_without_an_end_are_cut_and_the_line_stays_one()
    {
        await Log().WriteAsync(Entry("long") with { After = new string('x', 100_000) });
        await Log().WriteAsync(Entry("longer") with
        {
            Parameters = Enumerable.Range(0, 200).ToDictionary(i => $"{i}", _ => new string('\u0001', 5_000)),
        });

        Assert.True(Log().Verify(1, null, default).IsWhole);
        var entries = Log().Read(null, "", 10)!.Entries;
        Assert.Equal(("longer", "too long for the log"), (entries[0].Action, entries[0].Detail));
        Assert.EndsWith("…", entries[1].After, StringComparison.Ordinal);
        Assert.True(new FileInfo(File).Length < 40_000);
    }

    [Fact]
    public async Task An_entry_that_cannot_be_written_is_told_and_stops_nobody()
    {
        await System.IO.File.WriteAllTextAsync(Path.Combine(folder, "logs"), "in the way");

        var done = await Log().ActAsync(Entry("drainHost"), _ => Task.FromResult("drained"));

        Assert.Equal("drained", done);
        Assert.Contains("ann from 192.0.2.9: drainHost", Assert.Single(told), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_throws_is_written_down_as_failed()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Log().ActAsync<int>(
            Entry("x"), _ => throw new InvalidOperationException("broken")));

        var entry = Assert.Single(Log().Read(null, "", 10)!.Entries);
        Assert.Equal((AuditResult.Failed, "broken"), (entry.Result, entry.Detail));
    }

    private AuditLog Log(long maxFile = 100_000_000) =>
        new(Path.Combine(folder, "logs"), TimeProvider.System, told.Add) { MaxFile = maxFile };

    private async Task WriteAsync(int entries)
    {
        for (var i = 1; i <= entries; i++)
            await Log().WriteAsync(Entry($"action{i}") with { Result = AuditResult.Done });
    }

    private async Task ChangeAsync(Action<List<string>> change)
    {
        var lines = (await System.IO.File.ReadAllLinesAsync(File)).ToList();
        change(lines);
        await System.IO.File.WriteAllTextAsync(File, string.Concat(lines.Select(line => line + "\n")));
    }

    private static AuditEntry Entry(string action) => new()
    {
        Who = "ann",
        From = "192.0.2.9",
        Action = action,
        Parameters = new Dictionary<string, string> { ["host"] = "10.0.0.1" },
        Before = "x\n\u001b[31m\u202e",
        Result = AuditResult.Refused,
        Detail = "no",
    };
}
