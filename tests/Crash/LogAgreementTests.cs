namespace Crash;

/// <summary>
/// Log, queue and search agree with clients and host about every id, over crashes (O9): <see cref="LogAgreement"/>.
/// </summary>
public sealed class LogAgreementTests
{
    private const int Messages = 60;
    private const int Asked = 5;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task Log_queue_and_search_say_of_every_message_what_clients_and_host_saw()
    {
        using var bound = CrashTests.Within(Bound);
        var oracle = new MailOracle();
        await using var load = new MailLoad(oracle) { HostIsFull = true };
        await using var gateway = await GatewayProcess.StartAsync(load.Routes, CrashRun.Brisk);
        load.Begin(4, bound.Token);
        load.Use(gateway.Smtp);
        await oracle.AckedAsync(Messages, bound.Token);
        await KillAsync();

        // All that was answered 250 waits, under the MID of its reply and with its recipients.
        await gateway.StartAgainAsync();
        var queue = await LogAgreement.QueuedAsync(gateway);
        var acked = oracle.Messages.Where(message => message.IsAcked).ToList();
        Assert.All(acked, message => Assert.Equal(message.Recipients.Order(), queue[message.Mid]));
        load.HostIsFull = false;
        load.Use(gateway.Smtp);
        await oracle.AckedAsync(oracle.Acked + Messages, bound.Token);
        var onTheWire = load.Host.OpenConnections;
        await KillAsync();

        var lastRun = gateway.Log.Events.Count;
        await gateway.StartAgainAsync();
        load.Use(gateway.Smtp);
        await oracle.AckedAsync(oracle.Acked + Messages, bound.Token);
        await load.EndAsync();
        await oracle.DrainAsync(TimeSpan.FromMinutes(1), bound.Token);
        await load.Host.WaitForAsync(all => all.OpenConnections == 0, bound.Token);
        Assert.Equal(0, await gateway.TerminateAsync());
        Assert.Empty(oracle.Verdict(onTheWire));
        Assert.Empty(LogAgreement.Faults(gateway.Log.Events, lastRun, oracle.Messages));

        // The search and the queue of a gateway that has nothing to do.
        await gateway.StartAgainAsync();
        Assert.Empty(await LogAgreement.QueuedAsync(gateway));
        foreach (var message in oracle.Messages.Where(message => message.IsAcked).TakeLast(Asked))
            Assert.Empty(await LogAgreement.FoundOtherwiseAsync(gateway, message, gateway.Log.Lines));

        async Task KillAsync()
        {
            oracle.Crashing();
            await gateway.KillAsync();
            await load.Host.WaitForAsync(all => all.OpenConnections == 0, bound.Token);
            oracle.Crashed();
        }
    }
}
