using System.Text;

namespace TestGateway;

/// <summary>Reads a mail log as it grows.</summary>
internal sealed class MailLog(string path)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    /// <summary>All whole lines so far, in their order, without their line ends.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            if (!File.Exists(path))
            {
                return [];
            }

            const FileShare Others = FileShare.ReadWrite | FileShare.Delete;
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, Others);
            using var reader = new StreamReader(file, Encoding.UTF8);
            // What stands behind the last line end is a line that is still being written.
            return reader.ReadToEnd().Split('\n')[..^1];
        }
    }

    /// <summary>The events without time and level: <c>MID 6 queued for delivery</c>.</summary>
    public IReadOnlyList<string> Events => [.. Lines.Select(Event)];

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

    // "Wed Jul  2 09:15:07 2014 Info: text"; the level may be Warning or Critical as well.
    private static string Event(string line)
    {
        const int Level = 25;
        var text = line.Length > Level ? line.IndexOf(": ", Level, StringComparison.Ordinal) : -1;
        return text < 0 ? line : line[(text + 2)..];
    }
}
