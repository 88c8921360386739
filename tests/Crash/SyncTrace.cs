using System.Text.RegularExpressions;

namespace Crash;

/// <summary>
/// Reads a trace of strace (-f -yy) of the gateway and finds replies to a dot that were sent before a sync that had
/// begun after the last octet was received, and had ended well.
/// </summary>
internal sealed partial class SyncTrace
{
    private readonly Dictionary<string, string> _unfinished = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _syncBegan = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _received = new(StringComparer.Ordinal);
    private readonly List<string> _violations = [];
    private int _lastGoodSync = -1;

    /// <summary>Reads the trace, line by line.</summary>
    public SyncTrace(IEnumerable<string> lines)
    {
        var number = 0;
        foreach (var line in lines)
        {
            Take(line, number++);
        }
    }

    /// <summary>Replies of 250 to a dot.</summary>
    public int Accepted { get; private set; }

    /// <summary>Those that came without their sync.</summary>
    public IReadOnlyList<string> Violations => _violations;

    private void Take(string line, int number)
    {
        if (Call().Match(line) is not { Success: true } call)
        {
            return;
        }

        var (thread, name) = (call.Groups["thread"].Value, call.Groups["name"].Value);
        var begins = call.Groups["resumed"].Length == 0;
        var ends = !line.EndsWith("<unfinished ...>", StringComparison.Ordinal);
        if (!begins)
        {
            // The arguments that were printed when it began, and the rest of them.
            line = _unfinished.GetValueOrDefault(thread, "") + line;
        }

        if (!ends)
        {
            _unfinished[thread] = line;
        }

        if (name is "fdatasync" or "fsync")
        {
            TakeSync(thread, line, number, begins, ends);
        }
        else if (name is "sendmsg" or "sendto" or "write" or "writev")
        {
            // A reply counts from the moment at which it is handed to the kernel.
            if (begins) TakeSent(line);
        }
        else if (ends)
        {
            TakeReceived(line, number);
        }
    }

    private void TakeSync(string thread, string line, int number, bool begins, bool ends)
    {
        if (begins) _syncBegan[thread] = number;
        // Without its beginning it cannot be known what it covers.
        if (ends && line.EndsWith(" = 0", StringComparison.Ordinal) && _syncBegan.Remove(thread, out var began))
        {
            _lastGoodSync = Math.Max(_lastGoodSync, began);
        }
    }

    // The last octets that a connection received before a 250 to the dot are those of the dot.
    private void TakeReceived(string line, int number)
    {
        if (Connection().Match(line) is { Success: true } connection && !line.EndsWith(')') && Octets().IsMatch(line))
        {
            _received[connection.Value] = number;
        }
    }

    private void TakeSent(string line)
    {
        if (!Queued().IsMatch(line) || Connection().Match(line) is not { Success: true } connection)
        {
            return;
        }

        Accepted++;
        if (!_received.TryGetValue(connection.Value, out var received) || _lastGoodSync < received)
        {
            _violations.Add(line);
        }
    }

    [GeneratedRegex(@"^(?<thread>\d+) +(?<resumed><\.\.\. )?(?<name>[a-z0-9]+)[( ]")]
    private static partial Regex Call();

    [GeneratedRegex(@"<TCP:\[[^\]]*\]>")]
    private static partial Regex Connection();

    [GeneratedRegex("\"250 2\\.0\\.0 MID \\d+ queued")]
    private static partial Regex Queued();

    [GeneratedRegex(@" = [1-9]\d*$")]
    private static partial Regex Octets();
}
