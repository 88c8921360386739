using System.Globalization;
using System.Text;
using Postern.Reporting;
using Postern.Routing;

namespace Postern.Admin.Monitoring;

/// <summary>
/// <see cref="MailCounters"/> over all starts: a file holds what was counted so far, a line <c>NAME VALUE</c> each. It
/// is written once a minute when something was counted, and at the stop; what a crash loses is the last minute of
/// counting, never mail. Owned by the program; any thread may read.
/// </summary>
public sealed class LifetimeCounters : IDisposable
{
    /// <summary>How often the file is written.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private static readonly MailCounter[] counters = Enum.GetValues<MailCounter>();

    private readonly string _file;
    private readonly MailCounters _now;
    private readonly Action<string> _tell;
    private readonly long[] _before;
    private readonly Lock _writing = new();
    private readonly ITimer _timer;
    private string? _written;
    private bool _failed;

    /// <summary>Goes on from what the file holds.</summary>
    /// <param name="file">Where it is; need not be there.</param>
    /// <param name="now">What is counted since this start.</param>
    /// <param name="time">The clock.</param>
    /// <param name="tell">Told, in one sentence, when the file cannot be read or written. Counting goes on.</param>
    public LifetimeCounters(string file, MailCounters now, TimeProvider time, Action<string> tell)
    {
        (_file, _now, _tell) = (file, now, tell);
        _before = Read();
        _written = File.Exists(file) ? Text() : null;
        _timer = time.CreateTimer(_ => Save(), null, Interval, Interval);
    }

    /// <summary>The value of a counter since it was first counted.</summary>
    public long this[MailCounter counter] => _before[(int)counter] + _now[counter];

    /// <summary>Writes the file a last time.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        Save();
    }

    private void Save()
    {
        lock (_writing)
        {
            var text = Text();
            if (text == _written) return;
            try
            {
                AtomicFile.Write(_file, Encoding.ASCII.GetBytes(text));
                (_written, _failed) = (text, false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Tried again in a minute; told once, not every time.
                if (!_failed) _tell($"The lifetime counters are not saved: {e.Message}");
                _failed = true;
            }
        }
    }

    private string Text() => string.Concat(counters.Select(c => $"{c.StatusName()} {this[c]}\n"));

    // Counters are no reason to hold mail up: what cannot be read begins at 0 again.
    private long[] Read()
    {
        var values = new long[counters.Length];
        try
        {
            foreach (var line in File.Exists(_file) ? File.ReadLines(_file) : [])
            {
                var words = line.Split(' ');
                var index = Array.FindIndex(counters, c => c.StatusName() == words[0]);
                if (index < 0 || words.Length != 2) throw new IOException($"{_file}: '{line}' is no counter");
                values[index] = long.Parse(words[1], NumberStyles.None, CultureInfo.InvariantCulture);
            }
            return values;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException
            or OverflowException)
        {
            _tell($"The lifetime counters begin at 0: {e.Message}");
            return new long[counters.Length];
        }
    }
}
