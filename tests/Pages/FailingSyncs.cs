using TestTools;

namespace Pages;

/// <summary>
/// A disk on which every sync fails: strace, which is attached to the running gateway, ends these calls with EIO. The
/// disk is well again when it lets go.
/// </summary>
internal sealed class FailingSyncs : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);
    private readonly Child _strace;

    private FailingSyncs(Child strace) => _strace = strace;

    /// <summary>Begins it; skips the running test where the machine lacks strace.</summary>
    /// <param name="gateway">It runs.</param>
    public static async Task<FailingSyncs> BeginAsync(GatewayProcess gateway)
    {
        var strace = Child.Start(ForeignTool.Strace.Require(), ["-f", "-p", $"{gateway.Id}", "-o", "/dev/null",
            "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO"]);
        var failing = new FailingSyncs(strace);
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        while (!strace.Errors.Contains(" attached", StringComparison.Ordinal))
        {
            if (strace.HasEnded) throw new RunException($"strace ended: {strace.Errors}");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
        return failing;
    }

    /// <summary>Mends the disk.</summary>
    public Task EndAsync() => _strace.TerminateAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _strace.DisposeAsync();
}
