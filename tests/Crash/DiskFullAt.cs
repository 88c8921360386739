using System.Globalization;
using System.Text.RegularExpressions;
using TestTools;

namespace Crash;

/// <summary>
/// A disk that is full for what RocksDB writes next of one kind, and for nothing else: strace, which is attached to the
/// running gateway, ends these calls with ENOSPC. There is room again when it lets go.
/// </summary>
internal static partial class DiskFullAt
{
    /// <summary>RocksDB has no room to begin a new WAL.</summary>
    public const string WalSwitch = ".log";

    /// <summary>It has room to begin a table, by a flush or a merge, and none to write on.</summary>
    public const string Table = ".sst";

    // RocksDB counts its files on from the newest; after each failure it takes the next number.
    private const int FilesToCome = 60;

    /// <summary>Begins it; skips the running test where the machine lacks strace.</summary>
    /// <param name="gateway">It runs.</param>
    /// <param name="ending">Of the files: <see cref="WalSwitch"/> or <see cref="Table"/>.</param>
    /// <param name="bound">Gives up.</param>
    public static Task<InjectedFaults> BeginAsync(GatewayProcess gateway, string ending, CancellationToken bound)
    {
        var store = Path.Combine(gateway.Data, "spool/store");
        var newest = Directory.EnumerateFiles(store).Select(file => Number().Match(Path.GetFileName(file)))
            .Max(match => match.Success ? int.Parse(match.ValueSpan, CultureInfo.InvariantCulture) : 0);
        var files = Enumerable.Range(newest + 1, FilesToCome)
            .Select(number => Path.Combine(store, $"{number:000000}{ending}"));
        var (call, when) = ending == WalSwitch ? ("openat", "1+") : ("write", "2+");
        return InjectedFaults.AttachAsync(gateway.Id, call, $"error=ENOSPC:when={when}", files, bound);
    }

    [GeneratedRegex(@"\d{6}")]
    private static partial Regex Number();
}
