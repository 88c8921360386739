using System.Text;

namespace TestGateway;

/// <summary>Reads a mail log as it grows. Safe for several threads.</summary>
internal sealed class MailLog(string path)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private readonly List<string> _events = [];
    private long _octets;

    /// <summary>All whole lines so far, in their order, without their line ends.</summary>
    public IReadOnlyList<string> Lines => AfterReading(_lines);

    /// <summary>The events without time and level: <c>MID 6 queued for delivery</c>.</summary>
    public IReadOnlyList<string> Events => AfterReading(_events);

    /// <summary>Waits for an event that contains a text and returns it; a minute without it is an error.</summary>
    public Task<string> WaitForAsync(string text) =>
        WaitForAsync(line => line.Contains(text, StringComparison.Ordinal), $"'{text}'");

    /// <summary>Waits for an event, the first in the log that fits, and returns it.</summary>
    public async Task<string> WaitForAsync(Func<string, bool> fits, string what) =>
        (await WaitForAllAsync(events => events.Any(fits), what)).First(fits);

    /// <summary>Waits until all events together fit, and returns them.</summary>
    public async Task<IReadOnlyList<string>> WaitForAllAsync(Func<IReadOnlyList<string>, bool> fit, string what)
    {
        using var bound = new CancellationTokenSource(Bound);
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        while (true)
        {
            var events = Events;
            if (fit(events))
            {
                return events;
            }

            try
            {
                await timer.WaitForNextTickAsync(bound.Token);
            }
            catch (OperationCanceledException)
            {
                var tail = string.Join('\n', events.TakeLast(200));
                throw new TimeoutException($"{what} is not in the mail log:\n{tail}");
            }
        }
    }

    private IReadOnlyList<string> AfterReading(List<string> texts)
    {
        lock (_lock)
        {
            ReadOn();
            return [.. texts];
        }
    }

    // Only what was added since: a log is asked for a hundred times a second.
    private void ReadOn()
    {
        if (!File.Exists(path))
        {
            return;
        }

        const FileShare Others = FileShare.ReadWrite | FileShare.Delete;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, Others);
        if (file.Length < _octets)
        {
            // A power cut has taken its end away, which no sync had brought to the disk.
            _lines.Clear();
            _events.Clear();
            _octets = 0;
        }

        var added = new byte[file.Length - _octets];
        file.Position = _octets;
        file.ReadExactly(added);
        // What stands behind the last line end is a line that is still being written.
        var whole = Array.LastIndexOf(added, (byte)'\n') + 1;
        if (whole == 0)
        {
            return;
        }

        _octets += whole;
        foreach (var line in Encoding.UTF8.GetString(added, 0, whole - 1).Split('\n'))
        {
            _lines.Add(line);
            _events.Add(Event(line));
        }
    }

    // "Wed Jul  2 09:15:07 2014 Info: text"; the level may be Warning or Critical as well.
    private static string Event(string line)
    {
        const int Level = 25;
        var text = line.Length > Level ? line.IndexOf(": ", Level, StringComparison.Ordinal) : -1;
        return text < 0 ? line : line[(text + 2)..];
    }
}
