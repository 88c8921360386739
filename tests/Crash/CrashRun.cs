using TestTools;

namespace Crash;

/// <summary>
/// One gateway under load that crashes again and again, each time at a given moment, by <c>kill -9</c> or by a power
/// cut where it has a disk for it. For one caller at a time.
/// </summary>
internal sealed class CrashRun : IAsyncDisposable
{
    /// <summary>Starts until RocksDB merges: each leaves a table, and eight are merged (docs/decisions/0001).</summary>
    private const int MostStartsToMerge = 16;

    /// <summary>Files that come and go while the gateway starts, about.</summary>
    private const int FilesOfAStart = 12;

    /// <summary>Every so many crashes the store is checked as the crash left it.</summary>
    private const int CrashesACheck = 3;

    private const int Clients = 8;

    private static readonly CrashMoment[] Moments =
    [
        CrashMoment.Load, CrashMoment.Taken, CrashMoment.Recovery, CrashMoment.Shutdown, CrashMoment.WalSwitch,
        CrashMoment.NewTable,
    ];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly PowerDisk? _disk;
    private readonly Random _random;
    private readonly MailLoad _load;

    private CrashRun(PowerDisk? disk, MailLoad load, GatewayProcess gateway, MailOracle oracle, int seed)
    {
        (_disk, _load, Gateway, Oracle) = (disk, load, gateway, oracle);
        _random = new Random(seed);
    }

    /// <summary>The gateway.</summary>
    public GatewayProcess Gateway { get; }

    /// <summary>What it is checked by.</summary>
    public MailOracle Oracle { get; }

    /// <summary>Crashes so far.</summary>
    public int Crashes { get; private set; }

    /// <summary>Connections to the host that were open at the crashes: each may double one message.</summary>
    public int OnTheWire { get; private set; }

    /// <summary>Starts the gateway and its load.</summary>
    /// <param name="disk">What the power is cut of; null: crashes are kills. Stays the caller's.</param>
    /// <param name="seed">Of all chance.</param>
    /// <param name="bound">Ends everything.</param>
    public static async Task<CrashRun> StartAsync(PowerDisk? disk, int seed, CancellationToken bound)
    {
        var oracle = new MailOracle();
        var load = new MailLoad(oracle);
        var gateway = await GatewayProcess.PrepareAsync(load.Routes, Brisk, disk?.Folder);
        var run = new CrashRun(disk, load, gateway, oracle, seed);
        try
        {
            await gateway.StartAgainAsync();
            load.Begin(Clients, bound);
            load.Use(gateway.Smtp);
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// A second for a host where the shipped wait is a minute, three for a message, so that waits outlast a start;
    /// as many reports as there are, and no room kept free.
    /// </summary>
    public const string Brisk = """
        [delivery]
        host_retry_initial = "1s"
        host_retry_max = "1s"
        max_bounces_per_hour = 1000000
        [bounce_profile.default]
        initial_wait = "3s"
        max_wait = "3s"
        [spool]
        free_space_soft = "0B"
        free_space_hard = "0B"
        """;

    /// <summary>
    /// Crashes so often, at each moment in turn; the last is the merge of the tables that the starts before it have
    /// left.
    /// </summary>
    public async Task CrashAsync(int crashes, CancellationToken bound)
    {
        for (var i = 0; Crashes < crashes - 1; i++) await CrashAsync(Moments[i % Moments.Length], bound);
        await CrashAsync(CrashMoment.Compaction, bound);
    }

    /// <summary>Crashes at each of these moments in turn.</summary>
    public async Task CrashAsync(IEnumerable<CrashMoment> moments, CancellationToken bound)
    {
        foreach (var moment in moments) await CrashAsync(moment, bound);
    }

    /// <summary>Crashes once at a moment and starts again.</summary>
    public async Task CrashAsync(CrashMoment moment, CancellationToken bound)
    {
        await Oracle.AckedAsync(Oracle.Acked + _random.Next(20, 150), bound);
        await using (var watch = new StoreWatch(Gateway.Data))
        {
            switch (moment)
            {
                case CrashMoment.Taken:
                    await _load.TakingAsync(bound);
                    break;
                case CrashMoment.WalSwitch:
                    await watch.MadeAsync(".log", bound);
                    break;
                case CrashMoment.NewTable:
                    await watch.MadeAsync(".sst", bound);
                    break;
                case CrashMoment.Shutdown:
                    await StopHalfAsync(bound);
                    break;
            }
        }

        await StrikeAsync(bound);
        if (moment == CrashMoment.Recovery) await StartHalfAsync(bound);
        if (moment == CrashMoment.Compaction) await MergeAsync(bound);
        await Gateway.StartAgainAsync();
        _load.Use(Gateway.Smtp);
    }

    /// <summary>Ends the load, waits until all is delivered, stops the gateway, and says what is wrong.</summary>
    public async Task<IReadOnlyList<string>> FinishAsync(CancellationToken bound)
    {
        await _load.EndAsync();
        await Oracle.DrainAsync(Patience, bound);
        // Idle connections are closed after five seconds, and what is held comes again before: then all is drained.
        await _load.Host.WaitForAsync(all => all.OpenConnections == 0, bound);
        var code = await Gateway.TerminateAsync();
        List<string> faults = [.. Oracle.Verdict(OnTheWire)];
        if (code != 0) faults.Add($"postern ended with {code}: {Gateway.Errors}");
        faults.AddRange(await StoreCheck.FaultsAsync(Gateway, isEmpty: true));
        return faults;
    }

    /// <summary>Copies data and configuration to where they stay, for whoever looks for a fault.</summary>
    public async Task<string> KeepAsync(CancellationToken bound)
    {
        var folder = Directory.CreateTempSubdirectory("postern-crash-").FullName;
        await Child.RunAsync("cp", ["-r", Gateway.Data, folder], bound);
        return folder;
    }

    /// <summary>One line about what happened.</summary>
    public override string ToString() =>
        $"{Crashes} crashes, {Oracle.Acked} acked, {Oracle.Rejected} refused, {Oracle.Unknown} unknown, "
        + $"{Oracle.Duplicates} doubled of {OnTheWire} on the wire";

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await _load.DisposeAsync();
    }

    private async Task StrikeAsync(CancellationToken bound)
    {
        // A connection that is made while the process dies counts as well.
        var (open, before) = (_load.Host.OpenConnections, _load.Host.Connections);
        Oracle.Crashing();
        await CrashBlow.StrikeAsync(Gateway, _disk, metadataFirst: _random.Next(2) == 0, bound);
        await _load.Host.WaitForAsync(all => all.OpenConnections == 0, bound);
        Oracle.Crashed();
        OnTheWire += open + _load.Host.Connections - before;
        Crashes++;
        // What a crash leaves is whole before anything has repaired it.
        if (Crashes % CrashesACheck != 0) return;
        var faults = await StoreCheck.FaultsAsync(Gateway, isEmpty: false);
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private async Task StopHalfAsync(CancellationToken bound)
    {
        await Child.RunAsync("/bin/kill", ["-TERM", $"{Gateway.Id}"], bound);
        await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(200)), TimeProvider.System, bound);
    }

    private async Task StartHalfAsync(CancellationToken bound)
    {
        await using (var watch = new StoreWatch(Gateway.Data))
        {
            await Gateway.BeginStartAsync();
            await Task.WhenAny(watch.ChangesAsync(_random.Next(FilesOfAStart), bound), Gateway.ListeningAsync());
        }

        await StrikeAsync(bound);
    }

    // Every start writes what the WAL holds into a table of its own, so that after some there is something to merge.
    private async Task MergeAsync(CancellationToken bound)
    {
        for (var start = 0; start < MostStartsToMerge; start++)
        {
            bool isMerged;
            await using (var watch = new StoreWatch(Gateway.Data))
            {
                await Gateway.StartAgainAsync();
                _load.Use(Gateway.Smtp);
                var merged = watch.DeletedAsync(".sst", bound);
                var loaded = Oracle.AckedAsync(Oracle.Acked + 50, bound);
                isMerged = await Task.WhenAny(merged, loaded) == merged;
            }

            await StrikeAsync(bound);
            if (isMerged) return;
        }

        Assert.Fail($"no tables were merged within {MostStartsToMerge} starts");
    }
}
