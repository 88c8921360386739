using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Postern.Routes;
using Postern.Tests.Running;

namespace Postern.Tests.Commands;

/// <summary><c>smtproutes history</c> and <c>rollback</c>: no version of the table is lost to an edit.</summary>
public sealed class RoutesHistoryTests : IDisposable
{
    private readonly WorkFolder work = new();
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 7, 1, 9, 15, 7, TimeSpan.Zero));

    public void Dispose() => work.Dispose();

    [Fact]
    public async Task Shows_when_who_and_what_changed()
    {
        await RunAsync("new", "example.com", "127.0.0.10");
        time.Advance(TimeSpan.FromMinutes(1));
        await RunAsync("edit", "example.com", "127.0.0.20");

        var lines = (await RunAsync("history")).Split('\n');

        Assert.Equal($"1  2026-07-01 09:15:07 +00:00  {Environment.UserName}  new example.com", lines[0]);
        Assert.Equal("     + example.com 127.0.0.10", lines[1]);
        Assert.Equal($"2  2026-07-01 09:16:07 +00:00  {Environment.UserName}  edit example.com", lines[2]);
        Assert.Equal(["     - example.com 127.0.0.10", "     + example.com 127.0.0.20"], lines[3..5]);
    }

    [Fact]
    public async Task What_was_edited_by_hand_can_be_put_back()
    {
        await RunAsync("new", "a.example", "b.example");
        work.Write("smtproutes", "by.hand c.example # precious\n");

        await RunAsync("clear", "--yes");
        var history = await RunAsync("history");
        Assert.Contains("2  2026-07-01 09:15:07 +00:00  unknown  edited by hand", history, StringComparison.Ordinal);

        await RunAsync("rollback", "2", "--yes");
        Assert.Equal("by.hand c.example # precious\n", work.Read("smtproutes"));
    }

    [Fact]
    public async Task A_version_that_lacks_its_differences_is_listed_and_can_be_put_back()
    {
        await RunAsync("new", "a.example", "b.example");
        await RunAsync("new", "c.example", "d.example");
        work.Write("data/routes-history/000001.json", """
            {"number": 1, "time": "2026-07-01T09:15:07+00:00", "added": 1, "removed": 0}
            """);

        var history = await RunAsync("history");
        Assert.Contains("1  2026-07-01 09:15:07 +00:00  unknown  unknown", history, StringComparison.Ordinal);
        Assert.Empty(new RoutesHistory(work.PathOf("data/routes-history"), time).List()[0].Diff);

        await RunAsync("rollback", "1", "--yes");
        Assert.Equal("a.example b.example\n", work.Read("smtproutes"));
    }

    [Fact]
    public async Task An_entry_that_cannot_be_read_says_why_and_hides_no_other()
    {
        for (var i = 1; i <= 4; i++) await RunAsync("new", $"d{i}.example", "a.example");
        string Entry(int number) => work.PathOf($"data/routes-history/00000{number}.json");
        await File.WriteAllTextAsync(Entry(1), "{\"number\": 1", TestContext.Current.CancellationToken);
        File.Delete(Entry(2));
        Directory.CreateDirectory(Entry(2));
        File.Delete(Entry(4));
        File.CreateSymbolicLink(Entry(4), "nowhere");

        var lines = (await RunAsync("history")).Split('\n');
        Assert.EndsWith("1  cannot be read: it is damaged", Without(lines[0]), StringComparison.Ordinal);
        Assert.StartsWith("2  cannot be read: Access to the path", Without(lines[1]), StringComparison.Ordinal);
        Assert.EndsWith("new d3.example", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("4  cannot be read: Could not find file", Without(lines[4]), StringComparison.Ordinal);

        // Its content is there still, and later versions have numbers of their own.
        await RunAsync("rollback", "2", "--yes");
        Assert.Equal("d1.example a.example\nd2.example a.example\n", work.Read("smtproutes"));
        Assert.Contains("\n5  ", await RunAsync("history"), StringComparison.Ordinal);
        for (var i = 0; i < 20; i++) await RunAsync("edit", "d1.example", $"b{i}.example");
        Assert.True(Directory.Exists(Entry(2)));

        // Number and reason, without the time of the file and the author.
        static string Without(string line) =>
            string.Concat(line.AsSpan(0, 3), line.AsSpan(line.IndexOf("cannot", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Twenty_versions_are_kept_and_numbers_go_on()
    {
        for (var i = 0; i < 25; i++) await RunAsync("new", $"d{i}.example", "a.example");

        using var json = JsonDocument.Parse(await RunAsync("history", "--json"));
        var numbers = json.RootElement.EnumerateArray().Select(v => v.GetProperty("number").GetInt32());
        Assert.Equal(Enumerable.Range(6, RoutesHistory.Kept), numbers);
        Assert.Equal(40, Directory.GetFiles(work.PathOf("data/routes-history"), "0*").Length);
    }

    [Theory]
    [InlineData("new", "c.example", "d.example")]
    [InlineData("clear", "--yes")]
    public async Task A_file_that_vanished_does_not_begin_anew(params string[] arguments)
    {
        await RunAsync("new", "a.example", "b.example");
        File.Delete(work.RoutesFile);

        var (code, _, error) = await work.RunOnAsync(null, time, ["smtproutes", .. arguments]);
        Assert.Equal(1, code);
        Assert.Contains("rollback 1", error, StringComparison.Ordinal);
        Assert.False(File.Exists(work.RoutesFile));

        await RunAsync("rollback", "1", "--yes");
        Assert.Equal("a.example b.example\n", work.Read("smtproutes"));
    }

    [Theory]
    [InlineData("new", "c.example", "d.example")]
    [InlineData("clear", "--yes")]
    public async Task A_file_that_vanished_under_a_gateway_does_not_begin_anew_either(params string[] arguments)
    {
        work.Write("smtproutes", "by.hand c.example\n");
        await using (await RunningGateway.StartAsync(work)) File.Delete(work.RoutesFile);

        var (code, _, error) = await work.RunOnAsync(null, time, ["smtproutes", .. arguments]);

        Assert.Equal(1, code);
        Assert.Contains("smtproutes is missing", error, StringComparison.Ordinal);
        Assert.False(File.Exists(work.RoutesFile));
    }

    [Fact]
    public async Task Edits_at_the_same_time_all_arrive()
    {
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(async () =>
        {
            var (code, _, error) = await work.RunAsync("smtproutes", "new", $"d{i}.example", "a.example");
            Assert.Equal((0, ""), (code, error));
        })));

        Assert.Equal(12, work.Read("smtproutes").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(12, new RoutesHistory(work.PathOf("data/routes-history"), time).List().Count);
    }

    private async Task<string> RunAsync(params string[] arguments)
    {
        time.SetLocalTimeZone(TimeZoneInfo.Utc);
        var (code, output, error) = await work.RunOnAsync(null, time, ["smtproutes", .. arguments]);
        Assert.Equal((0, ""), (code, error));
        return output;
    }
}
