using System.Globalization;
using System.Text;

namespace Postern.Reporting.Tests;

/// <summary>Lines of the mail log as somebody in another zone than the gateway sees them.</summary>
public sealed class SeenTimesTests
{
    private static readonly TimeZoneInfo rome = TimeZoneInfo.FindSystemTimeZoneById("Europe/Rome");
    private static readonly TimeZoneInfo kolkata = TimeZoneInfo.FindSystemTimeZoneById("Asia/Kolkata");

    private static readonly SeenTimes times = new(rome, kolkata);

    [Fact]
    public void A_line_is_seen_with_the_time_of_the_viewer()
    {
        var line = Assert.Single(times.Of(["Wed Jul  2 22:15:07 2014 Info: x"], At("2014-07-02T20:15:08")));

        Assert.Equal((At("2014-07-02T20:15:07").UtcDateTime, (DateTime?)null), (line.At, line.OrAt));
        Assert.Equal("Thu Jul  3 01:45:07 2014", times.StampOf(line.At!.Value));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no line of the log at all, but one that is long enough")]
    [InlineData("Wed Jul  2 09:15")]
    public void What_has_no_time_is_seen_as_it_is(string text) =>
        Assert.Equal([new SeenLine(text, null, null)], times.Of([text], Samples.At));

    // In Rome the hour from 2 to 3 came twice on 2014-10-26, at 0 and at 1 o'clock UTC.
    [Fact]
    public void In_the_hour_that_comes_twice_a_line_is_no_later_than_the_one_behind_it()
    {
        string[] lines =
        [
            "Sun Oct 26 01:59:59 2014 Info: a", "Sun Oct 26 02:30:00 2014 Info: b", "Sun Oct 26 02:59:50 2014 Info: c",
            "Sun Oct 26 02:10:00 2014 Info: d", "Sun Oct 26 02:20:01 2014 Info: e", "Sun Oct 26 02:20:00 2014 Info: f",
        ];

        Assert.Equal(["23:59:59", "00:30:00", "00:59:50", "01:10:00", "01:20:01", "01:20:00"],
            times.Of(lines, At("2014-10-27T08:00:00")).Select(TimeOf));
        // Of the first of the two hours nothing is later than now.
        Assert.Equal(["23:59:59", "00:30:00", "00:59:50"],
            times.Of(lines[..3], At("2014-10-26T00:59:51")).Select(TimeOf));
    }

    [Fact]
    public void Where_a_line_can_be_of_either_hour_both_moments_are_told()
    {
        const string line = "Sun Oct 26 02:30:00 2014 Info: b";

        Assert.Equal([new SeenLine(line, At("2014-10-26T01:30:00").UtcDateTime, At("2014-10-26T00:30:00").UtcDateTime)],
            times.Of([line], At("2014-10-27T08:00:00")));
        Assert.Equal([new SeenLine(line, At("2014-10-26T00:30:00").UtcDateTime, null)],
            times.Of([line], At("2014-10-26T00:30:00")));
    }

    [Theory]
    [InlineData("MID 6 to RID [1] pending till ", "2014-07-02T20:25:07")]
    [InlineData("Uncertain: DCID 3 MID 6 to RID [0, 1] - no reply after the final dot, pending till ",
        "2014-07-02T20:25:07")]
    [InlineData("MID 6 Subject \"to RID [1] pending till ", null)]
    [InlineData("Redirected: MID 6 to RID [1] - to x pending till ", null)]
    public void The_time_until_which_mail_waits_is_read_where_the_form_of_a_line_has_it(string words, string? utc)
    {
        const string stamp = "Wed Jul  2 22:15:07 2014 Info: ";
        var text = $"{stamp}{words}Wed Jul  2 22:25:07 2014 [default]";

        Assert.True(LogLine.TryParse(Encoding.UTF8.GetBytes(text), out var line));
        Assert.Equal(utc is not null, line.TryReadTill(out var at, out var local));
        if (utc is null) return;
        Assert.Equal($"{stamp}{words}", text[..at]);
        Assert.Equal(At(utc).UtcDateTime, times.TillOf(local, At("2014-07-02T20:15:07").UtcDateTime));
    }

    [Theory]
    [InlineData("Thu Jul  3 01:45:07 2014 Info: MID 6", true)]
    [InlineData("01:45", true)]
    [InlineData("2014 info: mid 6 queued", true)]
    [InlineData("queued", true)]
    [InlineData("22:15", false)]
    [InlineData("Wed", false)]
    public void A_text_is_found_in_a_line_as_it_is_seen(string text, bool isFound)
    {
        var filter = new LogLineFilter { Text = new LogText(text), Times = times };

        Assert.Equal(isFound, filter.Matches("Wed Jul  2 22:15:07 2014 Info: MID 6 queued for delivery"));
        Assert.Equal(isFound, filter.Matches("Wed Jul  2 22:15:07 2014 Info: MID 6 queued for delivery"));
        Assert.False(filter.Matches("Wed Jul  2 22:16:07 2014 Info: x"));
    }

    [Fact]
    public void In_the_hour_that_comes_twice_a_line_is_found_by_either_time()
    {
        const string line = "Sun Oct 26 02:30:00 2014 Info: b";

        Assert.True(new LogLineFilter { Text = new LogText("06:00:00"), Times = times }.Matches(line));
        Assert.True(new LogLineFilter { Text = new LogText("07:00:00"), Times = times }.Matches(line));
        Assert.False(new LogLineFilter { Text = new LogText("02:30:00"), Times = times }.Matches(line));
    }

    private static DateTimeOffset At(string utc) => DateTimeOffset.Parse($"{utc}Z", CultureInfo.InvariantCulture);

    private static string TimeOf(SeenLine line) => $"{line.At:HH:mm:ss}";
}
