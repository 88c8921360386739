using TestTools;

namespace Failover.Tests;

/// <summary>Lost and doubled messages are found, by number and by real connections.</summary>
public sealed class TallyTests
{
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_accepted_and_arrived_once_is_neither_lost_nor_doubled()
    {
        using var tally = new Tally(window: 10);
        await SendAsync(tally, accepted: true, deliveries: 1);

        Assert.Equal((0, 0, 0), (tally.Missing(), tally.Doubled(), tally.Unasked()));
    }

    [Fact]
    public async Task What_was_accepted_and_did_not_arrive_is_missing()
    {
        using var tally = new Tally(window: 10);
        await SendAsync(tally, accepted: true, deliveries: 0);
        await SendAsync(tally, accepted: true, deliveries: 1);

        Assert.Equal((1, 0, 0), (tally.Missing(), tally.Doubled(), tally.Unasked()));
    }

    [Fact]
    public async Task Each_further_arrival_is_a_double()
    {
        using var tally = new Tally(window: 10);
        await SendAsync(tally, accepted: true, deliveries: 3);

        Assert.Equal((0, 2, 0), (tally.Missing(), tally.Doubled(), tally.Unasked()));
    }

    [Fact]
    public async Task What_was_not_accepted_and_arrived_is_told()
    {
        using var tally = new Tally(window: 10);
        await SendAsync(tally, accepted: false, deliveries: 1);

        Assert.Equal((0, 0, 1), (tally.Missing(), tally.Doubled(), tally.Unasked()));
    }

    [Fact]
    public async Task No_more_than_the_window_is_in_the_gateway_and_a_double_makes_no_room()
    {
        using var tally = new Tally(window: 2);
        var first = await tally.BeginAsync(_cancel);
        await tally.BeginAsync(_cancel);
        var third = tally.BeginAsync(_cancel);
        Assert.False(third.IsCompleted);

        tally.Delivered(first);
        await third;
        tally.Delivered(first);

        Assert.False(tally.BeginAsync(_cancel).IsCompleted);
    }

    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(1, 0, 0)]
    [InlineData(2, 0, 1)]
    public async Task A_host_that_drops_or_doubles_a_message_on_purpose_is_found(int times, int missing, int doubled)
    {
        const int Chosen = 17;
        using var tally = new Tally(window: 100);
        var reached = new TaskCompletionSource();
        await using var host = new DestinationHost("127.0.0.1", 0, message =>
        {
            for (var time = 0; time < (message == Chosen ? times : 1); time++)
            {
                tally.Delivered(message);
            }

            if (message == 50)
            {
                reached.TrySetResult();
            }
        });
        using var load = new Load(host.Port, tally, new Options { Clients = 3, Length = 800 });
        load.Start();
        await load.WhileAsync(reached.Task);
        await load.StopAsync();

        Assert.Equal((missing, doubled, 0), (tally.Missing(), tally.Doubled(), tally.Unasked()));
    }

    [Fact]
    public async Task A_gateway_that_does_not_take_a_message_ends_the_run()
    {
        using var tally = new Tally(window: 100);
        await using var host = new DestinationHost("127.0.0.1", 0, tally.Delivered);
        host.Fail(Trouble.Rcpt451);
        using var load = new Load(host.Port, tally, new Options { Clients = 3, Length = 800 });
        load.Start();

        var failure = await Assert.ThrowsAsync<RunException>(
            () => load.WhileAsync(Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _cancel)));

        Assert.Contains("451", failure.Message, StringComparison.Ordinal);
    }

    private async Task SendAsync(Tally tally, bool accepted, int deliveries)
    {
        var message = await tally.BeginAsync(_cancel);
        if (accepted)
        {
            tally.Accepted(message);
        }

        for (var time = 0; time < deliveries; time++)
        {
            tally.Delivered(message);
        }
    }
}
