using System.Net;
using Postern.Mail;

namespace Postern.Routing;

/// <summary>
/// Remembers answers for their time to live and lets concurrent lookups of the same question share one. Bounded. May
/// be used by several threads.
/// </summary>
/// <remarks>
/// Two generations of at most half the limit each: what is asked for moves to the young one; when that is full, the
/// old one is forgotten whole. So the limit holds without a list in the order of use.
/// </remarks>
public sealed class CachingDnsSource(IDnsSource source, TimeProvider time, int maxEntries = 50_000) : IDnsSource
{
    /// <summary>
    /// The shortest time an answer is kept, also a failure: a server in trouble is not asked for every message.
    /// </summary>
    public static readonly TimeSpan ShortestTime = TimeSpan.FromSeconds(5);

    /// <summary>The longest time an answer is kept, whatever its time to live says.</summary>
    public static readonly TimeSpan LongestTime = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private Dictionary<Question, Entry> _young = [];
    private Dictionary<Question, Entry> _old = [];

    private enum Kind { Mx, V4, V6, Pointer }

    /// <summary>Questions whose answers are kept or awaited.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _young.Count + _old.Count;
        }
    }

    /// <summary>
    /// Forgets all answers (<c>dnsflush</c>); lookups on their way still answer those who wait for them.
    /// </summary>
    public void Flush()
    {
        lock (_lock) (_young, _old) = ([], []);
    }

    /// <inheritdoc/>
    public Task<DnsAnswer<MxRecord>> LookupMxAsync(Domain name, CancellationToken cancellationToken) =>
        LookupAsync(new(Kind.Mx, name.Name),
            () => source.LookupMxAsync(name, CancellationToken.None), cancellationToken);

    /// <inheritdoc/>
    public Task<DnsAnswer<IPAddress>> LookupAddressesAsync(Domain name, bool v6, CancellationToken cancellationToken) =>
        LookupAsync(new(v6 ? Kind.V6 : Kind.V4, name.Name),
            () => source.LookupAddressesAsync(name, v6, CancellationToken.None), cancellationToken);

    /// <inheritdoc/>
    public Task<DnsAnswer<Domain>> LookupPointerAsync(IPAddress address, CancellationToken cancellationToken) =>
        LookupAsync(new(Kind.Pointer, address.ToString()),
            () => source.LookupPointerAsync(address, CancellationToken.None), cancellationToken);

    // The lookup itself is not cancelled with the caller, since others may wait for it; the source bounds its time.
    private async Task<DnsAnswer<T>> LookupAsync<T>(
        Question question, Func<Task<DnsAnswer<T>>> ask, CancellationToken cancellationToken)
    {
        Entry<T> entry;
        var isNew = false;
        lock (_lock)
        {
            if (Find(question) is Entry<T> known && !(known.IsDone && known.Expires <= time.GetUtcNow()))
            {
                entry = known;
            }
            else
            {
                entry = new Entry<T>();
                isNew = true;
            }
            Keep(question, entry);
        }
        if (isNew) _ = FillAsync(entry, ask);
        var answer = await entry.Answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        var left = entry.Expires - time.GetUtcNow();
        return answer with { TimeToLive = left > TimeSpan.Zero ? left : TimeSpan.Zero };
    }

    private async Task FillAsync<T>(Entry<T> entry, Func<Task<DnsAnswer<T>>> ask)
    {
        DnsAnswer<T> answer;
        try
        {
            // The source's first steps, up to its first wait, must not run under a caller that only asks the cache.
            answer = await Task.Run(ask).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // A source never throws; if one does, doubt is temporary and those who wait are not left waiting.
            answer = new(DnsStatus.TemporaryFailure, [], TimeSpan.Zero, e.Message);
        }
        var keep = answer.Status == DnsStatus.TemporaryFailure ? ShortestTime : answer.TimeToLive;
        entry.Expires = time.GetUtcNow()
            + (keep < ShortestTime ? ShortestTime : keep > LongestTime ? LongestTime : keep);
        entry.Answer.SetResult(answer);
    }

    private Entry? Find(Question question) =>
        _young.TryGetValue(question, out var entry) || _old.TryGetValue(question, out entry) ? entry : null;

    private void Keep(Question question, Entry entry)
    {
        if (_young.Count >= Math.Max(1, maxEntries / 2) && !_young.ContainsKey(question)) (_old, _young) = (_young, []);
        _young[question] = entry;
        _old.Remove(question);
    }

    private readonly record struct Question(Kind Kind, string Name);

    private abstract class Entry
    {
        public DateTimeOffset Expires { get; set; }
    }

    private sealed class Entry<T> : Entry
    {
        public TaskCompletionSource<DnsAnswer<T>> Answer { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsDone => Answer.Task.IsCompleted;
    }
}
