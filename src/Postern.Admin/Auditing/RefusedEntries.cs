namespace Postern.Admin.Auditing;

/// <summary>
/// Holds the entries of what was refused to so many a minute of each caller: who may do nothing must not fill the disk
/// by being told so. What is left out is counted, and the caller's next entry says how many there were. Not
/// thread-safe.
/// </summary>
internal sealed class RefusedEntries
{
    /// <summary>Refused entries of a caller that are written in a minute.</summary>
    public const int MaxInMinute = 20;

    private const int MaxCallers = 10_000;

    private static readonly TimeSpan minute = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, Caller> callers = new(StringComparer.Ordinal);

    private sealed class Caller
    {
        public DateTimeOffset Began { get; set; }
        public int Written { get; set; }
        public int Left { get; set; }
    }

    /// <summary>The entry as it is to be written; null: it is only counted.</summary>
    public AuditEntry? Admit(AuditEntry entry, DateTimeOffset now)
    {
        var isRefused = entry.Result == AuditResult.Refused;
        if (!callers.TryGetValue(entry.Who, out var caller))
        {
            if (!isRefused) return entry;
            if (callers.Count >= MaxCallers) callers.Remove(callers.MinBy(one => one.Value.Began).Key);
            callers[entry.Who] = caller = new Caller { Began = now };
        }
        if (now - caller.Began >= minute) (caller.Began, caller.Written) = (now, 0);
        if (isRefused && caller.Written >= MaxInMinute)
        {
            caller.Left++;
            return null;
        }
        if (isRefused) caller.Written++;
        if (caller.Left == 0) return entry;
        var said = $"{caller.Left} entries of {entry.Who} before it were refused as well, and are not written down.";
        caller.Left = 0;
        return entry with { Detail = entry.Detail is null ? said : $"{entry.Detail} {said}" };
    }
}
