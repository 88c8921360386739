namespace Failover.Tests;

/// <summary>What Postern does not reach is said, case by case, and nothing else.</summary>
public sealed class VerdictTests
{
    private static readonly Figures Good = new()
    {
        Gateway = "postern",
        Trouble = Trouble.Refuses,
        Healthy = 1000,
        Troubled = 900,
        Shares = [0.5, 0, 0.5],
        Fruitless = 1,
        UsedAgain = 41,
        LeftOut = 40,
        Lost = 0,
        Doubled = 0,
    };

    private static readonly Figures Peer = Good with { Gateway = "exim", Fruitless = 2, Lost = 9, Troubled = 1 };

    [Fact]
    public void Nothing_is_said_of_a_run_that_reaches_all_and_nothing_of_a_peer() => Assert.Empty(Say(Good, Peer));

    [Theory]
    [InlineData(899.9)]
    [InlineData(0)]
    [InlineData(double.NaN)]
    public void A_rate_that_is_too_low_is_said(double troubled) =>
        Assert.Contains("(b) ", Assert.Single(Say(Good with { Troubled = troubled }, Peer)), StringComparison.Ordinal);

    [Fact]
    public void A_gateway_that_was_never_well_keeps_no_rate() =>
        Assert.Single(Say(Good with { Healthy = 0 }, Peer));

    [Fact]
    public void No_rate_is_asked_for_where_every_recipient_is_refused()
    {
        var peer = Peer with { Trouble = Trouble.Rcpt451 };
        Assert.Empty(Say(Good with { Trouble = Trouble.Rcpt451, Troubled = 1 }, peer));
    }

    [Fact]
    public void A_host_that_is_used_too_late_or_never_is_said()
    {
        Assert.Single(Say(Good with { UsedAgain = 41.1 }, Peer));
        Assert.Single(Say(Good with { UsedAgain = null }, Peer));
        Assert.Single(Say(Good with { LeftOut = null }, Peer));
    }

    [Fact]
    public void Lost_and_doubled_messages_are_said()
    {
        Assert.Equal("(b) 1 messages lost", Assert.Single(Say(Good with { Lost = 1 }, Peer)));
        Assert.Equal("(b) 1 messages doubled", Assert.Single(Say(Good with { Doubled = 1 }, Peer)));
    }

    [Fact]
    public void As_many_connections_for_nothing_as_a_peer_are_too_many_in_all_and_in_a_case_apart_from_one()
    {
        var silent = Peer with { Trouble = Trouble.Silent, Fruitless = 9 };

        Assert.Equal(
            ["(b) 2 connections for nothing, and exim had 2", "in all 2 connections for nothing, and exim had 2"],
            Say(Good with { Fruitless = 2 }, Peer));
        Assert.Equal("(b) 2 connections for nothing, and exim had 0",
            Assert.Single(Say(Good with { Fruitless = 2 }, Peer with { Fruitless = 0 }, silent)));
        Assert.Equal("in all 1 connections for nothing, and exim had 1",
            Assert.Single(Say(Good, Peer with { Fruitless = 1 })));
        Assert.Empty(Say(Good, Peer with { Fruitless = 0 }, silent));
        Assert.Empty(Say(Good with { Fruitless = 0 }, Peer with { Fruitless = 0 }));
    }

    [Fact]
    public void Rates_and_shares_are_of_the_spans_that_are_asked_for()
    {
        var looks = new[] { new Look(0, 0, 0), new Look(2, 30, 10), new Look(4, 130, 10) };

        Assert.Equal(20, Look.Rate((looks[0], looks[1])));
        Assert.Equal(35, Look.Rate((looks[0], looks[1]), (looks[1], looks[2])));
        Assert.Equal(0.25, Look.Share(looks[0], looks[1]));
        Assert.Equal(0, Look.Share(looks[1], looks[2]));
    }

    [Theory]
    [InlineData("""{"hosts":[{"host":"127.0.0.10:25","until":"2026-11-26T14:00:00+00:00"}]}""", true)]
    [InlineData("""{"hosts":[{"host":"127.0.0.10:25","until":null}]}""", false)]
    [InlineData("""{"hosts":[{"host":"127.0.0.10:25"}]}""", false)]
    public void The_end_of_the_left_out_time_is_read_from_the_api(string answer, bool isLeftOut) =>
        Assert.Equal(
            isLeftOut ? new DateTimeOffset(2026, 11, 26, 14, 0, 0, TimeSpan.Zero) : null, LeftOutTime.Until(answer));

    [Fact]
    public void Cases_and_seconds_are_read_and_nonsense_is_not()
    {
        var options = Options.Parse(["--cases", "b,e", "--seconds", "7", "--only", "exim"])!;

        Assert.Equal([Trouble.Refuses, Trouble.Rcpt451], options.Cases);
        Assert.Equal((TimeSpan.FromSeconds(7), "exim"), (options.Bad, options.Only));
        Assert.Null(Options.Parse(["--cases", "b,f"]));
        Assert.Null(Options.Parse(["--only", "sendmail"]));
        Assert.Null(Options.Parse(["--seconds"]));
    }

    private static List<string> Say(params Figures[] runs) => [.. Verdict.Complaints(runs)];
}
