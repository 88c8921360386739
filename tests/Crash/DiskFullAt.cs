using System.Globalization;
using System.Text.RegularExpressions;
using TestTools;

namespace Crash;

/// <summary>
/// A disk that is full for what RocksDB writes next of one kind, and for nothing else: strace, which is attached to the
/// running gateway, ends these calls with ENOSPC. There is room again when it lets go.
/// </summary>
internal sealed partial class DiskFullAt : IAsyncDisposable
{
    /// <summary>RocksDB has no room to begin a new WAL.</summary>
    public const string WalSwitch = ".log";

    /// <summary>It has room to begin a table, by a flush or a merge, and none to write on.</summary>
    public const string Table = ".sst";

    // RocksDB counts its files on from the newest; after each failure it takes the next number.
    private const int FilesToCome = 60;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);
    private readonly Child _strace;

    private DiskFullAt(Child strace) => _strace = strace;

    /// <summary>Begins it; skips the running test where the machine lacks strace.</summary>
    /// <param name="gateway">It runs.</param>
    /// <param name="ending">Of the files: <see cref="WalSwitch"/> or <see cref="Table"/>.</param>
    /// <param name="bound">Gives up.</param>
    public static async Task<DiskFullAt> BeginAsync(GatewayProcess gateway, string ending, CancellationToken bound)
    {
        var store = Path.Combine(gateway.Data, "spool/store");
        var newest = Directory.EnumerateFiles(store).Select(file => Number().Match(Path.GetFileName(file)))
            .Max(match => match.Success ? int.Parse(match.ValueSpan, CultureInfo.InvariantCulture) : 0);
        var files = Enumerable.Range(newest + 1, FilesToCome)
            .SelectMany(number => new[] { "-P", Path.Combine(store, $"{number:000000}{ending}") });
        var (call, when) = ending == WalSwitch ? ("openat", "1+") : ("write", "2+");
        var strace = Child.Start(ForeignTool.Strace.Require(), ["-f", "-p", $"{gateway.Id}", "-o", "/dev/null",
            "-e", $"trace={call}", "-e", $"inject={call}:error=ENOSPC:when={when}", .. files]);
        var full = new DiskFullAt(strace);
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        while (!strace.Errors.Contains(" attached", StringComparison.Ordinal))
        {
            if (strace.HasEnded) throw new RunException($"strace ended: {strace.Errors}");
            await timer.WaitForNextTickAsync(bound);
        }

        return full;
    }

    /// <summary>Makes room.</summary>
    public Task EndAsync() => _strace.TerminateAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _strace.DisposeAsync();

    [GeneratedRegex(@"\d{6}")]
    private static partial Regex Number();
}
