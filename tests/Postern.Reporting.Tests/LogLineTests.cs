using System.Text;
using Postern.Mail;

namespace Postern.Reporting.Tests;

public sealed class LogLineTests
{
    private const string Stamp = "Wed Jul  2 09:15:07 2014 ";

    [Fact]
    public void Every_line_of_every_event_names_the_ids_of_the_event()
    {
        foreach (var (lines, mailEvent) in Samples.All)
        {
            foreach (var text in lines.Split('\n'))
            {
                var ids = IdsOf($"{Stamp}Info: {text}");
                var isReply = text.Contains("Response", StringComparison.Ordinal);
                var expected = mailEvent is BounceGenerated report ? (report.Bounce.Value, report.Original.Value, 0, 0)
                    : (Value<Mid>(mailEvent)?.Value ?? 0, 0L, Value<Icid>(mailEvent)?.Value ?? 0,
                        // What a host said to the dot is told without the connection.
                        isReply ? 0 : Value<Dcid>(mailEvent)?.Value ?? 0);
                Assert.Equal((text, expected), (text, ids));
            }
        }
    }

    [Fact]
    public void Lines_that_tell_of_a_failure_are_known_by_their_kind()
    {
        foreach (var (lines, mailEvent) in Samples.All)
        {
            var isFailure = mailEvent
                is Delayed or Bounced or DoubleBounce or Uncertain or PossibleDelivery;
            Assert.All(lines.Split('\n'),
                text => Assert.Equal((text, isFailure), (text, KindOf(text) == LogLineKind.Failed)));
        }
        Assert.Equal(LogLineKind.HostLeftOut, KindOf("Host 10.0.0.1:25: left out for 60 seconds: 421 busy"));
        Assert.NotEqual(LogLineKind.HostLeftOut, KindOf("Host 10.0.0.1:25: is back"));
    }

    [Theory]
    [InlineData("MID 6 Subject \"x MID 7 queued for delivery\"", 6, 0, 0)]
    [InlineData("MID 6 Message-ID 'MID 9'", 6, 0, 0)]
    [InlineData("ICID 5 MID 9 DCID 8 is no command", 0, 5, 0)]
    [InlineData("MID 6 DCID 8 of a peer", 6, 0, 0)]
    [InlineData("Host MID 9: left out", 0, 0, 0)]
    [InlineData("MID 6x queued for delivery", 0, 0, 0)]
    [InlineData("MID -6 queued for delivery", 0, 0, 0)]
    [InlineData("MID 99999999999999999999 queued for delivery", 0, 0, 0)]
    [InlineData("DCID", 0, 0, 0)]
    [InlineData("MID 7 was generated for bounce of nobody", 7, 0, 0)]
    public void Text_that_looks_like_an_id_is_none(string text, long mid, long icid, long dcid)
    {
        Assert.Equal((mid, 0, icid, dcid), IdsOf($"{Stamp}Info: {text}"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("MID 6 queued for delivery")]
    [InlineData("Wed Jul  2 09:15:07 2014 ")]
    [InlineData("Wed Jul  2 09:15:07 2014 MID 6 queued for delivery")]
    public void What_has_no_time_and_level_is_no_line(string text) =>
        Assert.False(LogLine.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Theory]
    [InlineData("Wed Jul  2 09:15:07 2014 Info: x", "2014-07-02T09:15:07")]
    [InlineData("Thu Dec 31 23:59:59 2026 Warning: x", "2026-12-31T23:59:59")]
    [InlineData("Wed Jol  2 09:15:07 2014 Info: x", null)]
    [InlineData("Wed Jul 32 09:15:07 2014 Info: x", null)]
    [InlineData("Wed Jul  2 09:60:07 2014 Info: x", null)]
    [InlineData("Wed Feb 29 09:00:07 2014 Info: x", null)]
    public void The_time_of_a_line_is_read(string text, string? expected)
    {
        Assert.True(LogLine.TryParse(Encoding.UTF8.GetBytes(text), out var line));
        Assert.Equal(expected is not null, line.TryReadTime(out var local));
        if (expected is not null) Assert.Equal(expected, $"{local:s}");
    }

    [Fact]
    public void A_filter_takes_the_lines_that_name_all_that_is_given()
    {
        const string line = Stamp + "Info: MID 6 ICID 5 RID 0 To: <Bob@example.com>";
        Assert.True(new LogLineFilter().Matches(line));
        Assert.True(new LogLineFilter { Mid = 6, Icid = 5 }.Matches(line));
        Assert.False(new LogLineFilter { Mid = 6, Icid = 4 }.Matches(line));
        Assert.False(new LogLineFilter { Dcid = 5 }.Matches(line));
        Assert.True(new LogLineFilter { Text = new LogText("bob@EXAMPLE.com") }.Matches(line));
        Assert.False(new LogLineFilter { Mid = 6, Text = new LogText("carol@") }.Matches(line));
        Assert.True(new LogLineFilter { Mid = 6 }.Matches($"{Stamp}Info: MID 7 was generated for bounce of MID 6"));
        Assert.False(new LogLineFilter { Mid = 6 }.Matches("MID 6 without a time"));
    }

    [Theory]
    [InlineData("a\nb", @"x a\nb y", true)]
    [InlineData("a\\b", @"a\\b", true)]
    [InlineData("größe", "die Größe", true)]
    [InlineData("größe", "die GRÖSSE", false)]
    [InlineData("aab", "aaab", true)]
    [InlineData("[x]", "{x}", false)]
    [InlineData("abc", "ab", false)]
    public void Text_is_found_as_the_log_has_it(string looked, string line, bool found) =>
        Assert.Equal(found, new LogText(looked).IsIn(Encoding.UTF8.GetBytes(line)));

    private static LogLineKind KindOf(string text)
    {
        Assert.True(LogLine.TryParse(Encoding.UTF8.GetBytes($"{Stamp}Info: {text}"), out var line));
        return line.Kind;
    }

    private static (long, long, long, long) IdsOf(string line)
    {
        Assert.True(LogLine.TryParse(Encoding.UTF8.GetBytes(line), out var parsed));
        return (parsed.Mid, parsed.OriginalMid, parsed.Icid, parsed.Dcid);
    }

    private static T? Value<T>(MailEvent mailEvent)
        where T : struct =>
        (T?)mailEvent.GetType().GetProperties().FirstOrDefault(p => p.PropertyType == typeof(T))?.GetValue(mailEvent);
}
