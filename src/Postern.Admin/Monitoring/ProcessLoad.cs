namespace Postern.Admin.Monitoring;

/// <summary>
/// How much of the processors this process has used, over spans of ten seconds. Owned by the program; any thread may
/// read.
/// </summary>
public sealed class ProcessLoad : IDisposable
{
    private static readonly TimeSpan span = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private (long Stamp, TimeSpan Used) _last;
    private int _percent;

    /// <summary>Measures from now on.</summary>
    public ProcessLoad(TimeProvider time)
    {
        _time = time;
        _last = (time.GetTimestamp(), Environment.CpuUsage.TotalTime);
        _timer = time.CreateTimer(_ => Sample(), null, span, span);
    }

    /// <summary>Of all processors together in the last whole span, 0 to 100; 0 before its end.</summary>
    public int Percent => Volatile.Read(ref _percent);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Sample()
    {
        var (stamp, used) = (_time.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var passed = _time.GetElapsedTime(_last.Stamp, stamp) * Environment.ProcessorCount;
        if (passed > TimeSpan.Zero)
            Volatile.Write(ref _percent, (int)Math.Clamp(Math.Round(100 * ((used - _last.Used) / passed)), 0, 100));
        _last = (stamp, used);
    }
}
