using System.Diagnostics;
using TestTools;

namespace Relay.Watching;

/// <summary>Something that shows by itself what happens, and proves that it still does.</summary>
/// <param name="name">What it is called in figures and errors.</param>
internal abstract class LiveView(string name) : IAsyncDisposable
{
    /// <summary>
    /// Every view shows something anew within five seconds; one that has shown nothing for twice as long is dead.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();

    private TaskCompletionSource _came = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _fault;
    private long _last = Stopwatch.GetTimestamp();
    private int _times;
    private long _octets;
    private TimeSpan _longest;

    /// <summary>What it showed since it was asked last.</summary>
    /// <param name="Name">The view.</param>
    /// <param name="Times">How often it showed something: a render batch, or a piece of a stream.</param>
    /// <param name="Octets">How much, before compression.</param>
    /// <param name="Longest">The longest time without.</param>
    public sealed record Shown(string Name, int Times, long Octets, TimeSpan Longest);

    public string Name => name;

    /// <summary>Waits until it shows something once more.</summary>
    /// <exception cref="RunException">It has a fault, or shows nothing within <see cref="Patience"/>.</exception>
    public async Task NextAsync(CancellationToken cancel)
    {
        Task came;
        lock (_gate) came = _came.Task;
        try
        {
            await came.WaitAsync(Patience, cancel);
        }
        catch (TimeoutException)
        {
            throw new RunException($"{Name} shows nothing any more");
        }

        if (_fault is { } fault) throw new RunException($"{Name}: {fault}");
    }

    /// <summary>What it showed since it was asked last.</summary>
    /// <exception cref="RunException">It has a fault, or showed nothing for <see cref="Patience"/>.</exception>
    public Shown Take()
    {
        lock (_gate)
        {
            var shown = new Shown(Name, _times, _octets, Longer(_longest, Stopwatch.GetElapsedTime(_last)));
            (_times, _octets, _longest) = (0, 0, TimeSpan.Zero);
            if (_fault is { } fault) throw new RunException($"{Name}: {fault}");
            if (shown.Longest > Patience)
            {
                throw new RunException($"{Name} showed nothing for {shown.Longest.TotalSeconds:F1} seconds");
            }

            return shown;
        }
    }

    public abstract ValueTask DisposeAsync();

    /// <summary>It showed something.</summary>
    protected void Came(int octets)
    {
        TaskCompletionSource came;
        lock (_gate)
        {
            var now = Stopwatch.GetTimestamp();
            _longest = Longer(_longest, Stopwatch.GetElapsedTime(_last, now));
            (_last, _times, _octets) = (now, _times + 1, _octets + octets);
            came = _came;
            if (_fault is null) _came = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        came.TrySetResult();
    }

    /// <summary>It cannot go on.</summary>
    protected void Fail(string fault)
    {
        lock (_gate)
        {
            _fault ??= fault;
            _came.TrySetResult();
        }
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
