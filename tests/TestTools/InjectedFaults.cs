namespace TestTools;

/// <summary>
/// System calls of a running process that fail: strace is attached to it and ends them with an error. They succeed
/// again when it lets go.
/// </summary>
internal sealed class InjectedFaults : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);
    private readonly Child _strace;

    private InjectedFaults(Child strace) => _strace = strace;

    /// <summary>Begins it; skips the running test where the machine lacks strace.</summary>
    /// <param name="process">The id of the process.</param>
    /// <param name="calls">The calls, with commas between them.</param>
    /// <param name="fault">What becomes of them, in the words of strace's inject.</param>
    /// <param name="paths">Only calls on these files; none: on whatever file.</param>
    /// <param name="bound">Gives up.</param>
    public static async Task<InjectedFaults> AttachAsync(
        int process, string calls, string fault, IEnumerable<string> paths, CancellationToken bound)
    {
        var strace = Child.Start(ForeignTool.Strace.Require(), ["-f", "-p", $"{process}", "-o", "/dev/null",
            "-e", $"trace={calls}", "-e", $"inject={calls}:{fault}",
            .. paths.SelectMany(path => new[] { "-P", path })]);
        var faults = new InjectedFaults(strace);
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        while (!strace.Errors.Contains(" attached", StringComparison.Ordinal))
        {
            if (strace.HasEnded) throw new RunException($"strace ended: {strace.Errors}");
            await timer.WaitForNextTickAsync(bound);
        }
        return faults;
    }

    /// <summary>The calls succeed again.</summary>
    public Task EndAsync() => _strace.TerminateAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _strace.DisposeAsync();
}
