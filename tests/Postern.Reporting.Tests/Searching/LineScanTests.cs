using System.Globalization;
using Postern.Reporting.Searching;

namespace Postern.Reporting.Tests.Searching;

/// <summary>Lines by what they have, and those of a connection.</summary>
public sealed class LineScanTests
{
    private static readonly CancellationToken never = CancellationToken.None;

    [Fact]
    public async Task The_last_lines_that_fit_come_in_the_order_of_the_log_however_far_back_they_stand()
    {
        using var folder = new LogFolder();
        var many = Enumerable.Range(1, 40_000).Select(id => Invariant($"MID {id} Subject \"n\""));
        Write(folder, ["MID 7 ICID 5 From: <Bob@example.com>", .. many, "MID 8 ICID 5 From: <bob@example.com>"]);
        using var search = new LogSearch(folder.Logs, folder.Clock);

        var last = await search.LastAsync(new LogLineFilter(), 2, never);
        Assert.Equal(["MID 40000 Subject \"n\"", "MID 8 ICID 5 From: <bob@example.com>"], last.Select(TextOf));
        // The first of them stands before the megabyte that is looked at first.
        var found = await search.LastAsync(new LogLineFilter { Text = new LogText("BOB@") }, 10, never);
        Assert.Equal([7, 8], found.Select(line => line.Mid!.Value));
    }

    [Fact]
    public async Task A_connection_is_told_from_its_opening_to_its_end_and_no_other()
    {
        using var folder = new LogFolder();
        string[] incoming =
        [
            "New SMTP ICID 5 interface incoming (127.0.0.1) address 127.0.0.1", "ICID 5 RELAY SG relay_from match x",
            "Start MID 6 ICID 5", "MID 6 ICID 5 From: <alice@src.example>", "ICID 5 close",
        ];
        Write(folder,
        [
            "New SMTP ICID 55 interface incoming (127.0.0.1) address 127.0.0.1", incoming[0],
            "MID 4 Subject \"New SMTP ICID 5 interface\"", incoming[1], incoming[2], "ICID 55 close", incoming[3],
            incoming[4], "Connection Error: DCID 9 domain: example.com IP: 127.0.0.10 port: 25 details: x",
        ]);
        using var search = new LogSearch(folder.Logs, folder.Clock);

        var told = await search.ConnectionAsync(new LogLineFilter { Icid = 5 }, 100, never);
        Assert.Equal(incoming, told.Lines.Select(TextOf));
        Assert.True(told.IsWhole);
        Assert.False((await search.ConnectionAsync(new LogLineFilter { Icid = 5 }, 4, never)).IsWhole);
        // One that never was has its error.
        var failed = await search.ConnectionAsync(new LogLineFilter { Dcid = 9 }, 100, never);
        Assert.StartsWith("Connection Error: DCID 9", TextOf(Assert.Single(failed.Lines)), StringComparison.Ordinal);
        Assert.Empty((await search.ConnectionAsync(new LogLineFilter { Dcid = 10 }, 100, never)).Lines);
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private static string TextOf(LogStoryLine line) => line.Line["Wed Jul  2 09:15:07 2014 Info: ".Length..];

    private static void Write(LogFolder folder, IEnumerable<string> lines)
    {
        Directory.CreateDirectory(folder.Logs);
        File.WriteAllText(folder.MailLogPath, string.Concat(lines.Select(
            line => string.Create(CultureInfo.InvariantCulture, $"Wed Jul  2 09:15:07 2014 Info: {line}\n"))));
    }
}
