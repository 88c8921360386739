namespace Postern.Smtp.Tests;

/// <summary>Time-outs (RFC 5321 §4.5.3.2.7), the minimum rate (D6) and the end of the service.</summary>
public sealed class ServerTimeTests
{
    private const string TimedOut = "421 4.4.2 Timeout waiting for the client, closing\r\n";
    private const string TooSlow = "421 4.4.2 Message comes too slowly, closing\r\n";
    private const string Stopping = "421 4.3.2 Service shutting down, closing\r\n";

    [Fact]
    public void A_client_may_wait_five_minutes_for_its_next_command_and_no_longer()
    {
        using var run = new ServerRun();
        run.Greet();
        run.Time.Advance(TimeSpan.FromMinutes(4.9));
        Assert.Equal("250 2.0.0 OK\r\n", run.Ask("NOOP"));
        run.Time.Advance(TimeSpan.FromMinutes(4.9));
        Assert.Equal("250 2.0.0 OK\r\n", run.Ask("NOOP"));
        run.Time.Advance(TimeSpan.FromMinutes(5.1));
        Assert.Equal(TimedOut, run.Read());
        Assert.True(run.Running.IsCompletedSuccessfully);
    }

    [Fact]
    public void D6_the_deadline_is_that_of_the_command_not_of_its_next_octet()
    {
        using var run = new ServerRun();
        run.Greet();
        foreach (var octet in "MAIL F")
        {
            run.Send(octet.ToString());
            run.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(TimedOut, run.Read());
    }

    [Fact]
    public void A_client_that_stops_within_the_content_is_cut_and_nothing_stays()
    {
        using var run = new ServerRun();
        run.BeginContent();
        run.Send(new string('x', 1_000_000));
        run.Time.Advance(TimeSpan.FromMinutes(4.9));
        Assert.Equal("", run.Read());
        run.Time.Advance(TimeSpan.FromMinutes(0.2));
        Assert.Equal(TimedOut, run.Read());
        Assert.Equal([TimedOut[..^2]], run.Receiver.Aborted);
        Assert.False(run.Receiver.IsOpen);
    }

    [Fact]
    public void D6_content_that_trickles_below_500_octets_a_second_is_cut_after_the_grace()
    {
        using var run = new ServerRun();
        run.BeginContent();
        for (var second = 0; second < 30; second++)
        {
            run.Send(new string('x', 400));
            run.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal("", run.Read());
        run.Send(new string('x', 400));
        run.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TooSlow, run.Read());
        Assert.Equal([TooSlow[..^2]], run.Receiver.Aborted);
    }

    [Fact]
    public void D6_content_at_the_minimum_rate_is_taken()
    {
        using var run = new ServerRun();
        run.BeginContent();
        for (var second = 0; second < 300; second++)
        {
            run.Send(new string('x', 510));
            run.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal("250 2.0.0 MID 1 queued\r\n", run.Ask("\r\n."));
    }

    [Fact]
    public void A_slow_commit_is_not_held_against_the_client()
    {
        using var run = new ServerRun();
        run.BeginContent();
        var commit = new TaskCompletionSource();
        run.Receiver.Committing = commit.Task;
        run.Send("text\r\n.\r\n");
        run.Time.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal("", run.Read());
        commit.SetResult();
        Assert.Equal("250 2.0.0 MID 1 queued\r\n", run.Read());
        Assert.Equal("250 2.0.0 OK\r\n", run.Ask("NOOP"));
    }

    [Fact]
    public void A_stop_ends_an_idle_session_at_once()
    {
        using var run = new ServerRun();
        run.Greet();
        run.Session.RequestStop(now: false);
        Assert.Equal(Stopping, run.Read());
        Assert.True(run.Running.IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\r\nMAIL FROM:<a@src.example>")]
    public void A_stop_lets_a_transaction_end_and_then_ends_the_session(string pipelined)
    {
        using var run = new ServerRun();
        run.BeginContent();
        run.Session.RequestStop(now: false);
        Assert.Equal("", run.Read());
        Assert.Equal("250 2.0.0 MID 1 queued\r\n" + Stopping, run.Ask("text\r\n." + pipelined));
        Assert.True(run.Running.IsCompletedSuccessfully);
    }

    [Fact]
    public void A_hard_stop_ends_a_transaction_with_421_and_nothing_stays()
    {
        using var run = new ServerRun();
        run.BeginContent();
        run.Send("text\r\n");
        run.Session.RequestStop(now: false);
        run.Session.RequestStop(now: true);
        Assert.Equal(Stopping, run.Read());
        Assert.Equal([Stopping[..^2]], run.Receiver.Aborted);
    }

    [Fact]
    public void P1_a_commit_that_has_begun_is_answered_even_by_a_hard_stop()
    {
        using var run = new ServerRun();
        run.BeginContent();
        var commit = new TaskCompletionSource();
        run.Receiver.Committing = commit.Task;
        run.Send("text\r\n.\r\n");
        run.Session.RequestStop(now: true);
        Assert.False(run.Running.IsCompleted);
        commit.SetResult();
        Assert.Equal("250 2.0.0 MID 1 queued\r\n" + Stopping, run.Read());
        Assert.Single(run.Receiver.Messages);
    }

    [Theory]
    [InlineData("")]
    [InlineData("EHLO c.example\r\nMAIL FROM:<a@src.example>\r\n")]
    [InlineData("EHLO c.example\r\nMAIL FROM:<a@src.example>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n")]
    [InlineData("EHLO c.example\r\nMAIL FROM:<a@src.example>\r\nRCPT TO:<b@example.com>\r\nDATA\r\ntext\r\n.\r")]
    public void A_client_that_leaves_half_way_leaves_nothing(string input)
    {
        using var run = new ServerRun();
        run.Send(input);
        run.End();
        Assert.Empty(run.Receiver.Messages);
        Assert.False(run.Receiver.IsOpen);
        Assert.Equal(input.Contains("MAIL", StringComparison.Ordinal) ? ["client left"] : [], run.Receiver.Aborted);
    }
}
