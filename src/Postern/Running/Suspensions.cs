using System.Text;
using Postern.Admin;
using Postern.Delivery;
using Postern.Delivery.Deciding;
using Postern.Reception;
using Postern.Routing;

namespace Postern.Running;

/// <summary>
/// What an operator has suspended, in a file of its own, so that it stays so over a restart: a line is
/// <c>delivery</c>, <c>delivery DOMAIN</c> or <c>listener NAME</c>. A change is on disk before it is in force. Changes
/// come one after the other; any thread may call it.
/// </summary>
internal sealed class Suspensions : ISuspensions, IDisposable
{
    private const string DeliveryWord = "delivery", ListenerWord = "listener";

    private readonly SemaphoreSlim changing = new(1, 1);
    private readonly string file;
    private volatile IReadOnlySet<string> lines;
    private DeliveryEngine? delivery;
    private MailReception? reception;

    private Suspensions(string file, IReadOnlySet<string> lines) => (this.file, this.lines) = (file, lines);

    /// <inheritdoc/>
    public SuspensionReport Report
    {
        get
        {
            var now = lines;
            return new(now.Contains(DeliveryWord), Behind(now, DeliveryWord), Behind(now, ListenerWord));
        }
    }

    /// <summary>Reads the file; none: nothing is suspended.</summary>
    /// <exception cref="IOException">It cannot be read, or a line is none of ours: nobody knows then what was
    /// suspended.</exception>
    public static Suspensions Open(string file)
    {
        var lines = new HashSet<string>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in File.Exists(file) ? File.ReadLines(file) : [])
        {
            number++;
            if (line.Length == 0) continue;
            if (line != DeliveryWord && line.Split(' ') is not [DeliveryWord or ListenerWord, { Length: > 0 }])
                throw new IOException($"{file}:{number}: '{line}' suspends nothing; correct the line or take it out");
            lines.Add(line);
        }
        return new Suspensions(file, lines);
    }

    /// <summary>
    /// What it acts on; delivery that is suspended is so before the engine is started. Listeners are for whoever starts
    /// the reception.
    /// </summary>
    public void Begin(DeliveryEngine engine, MailReception mailReception)
    {
        (delivery, reception) = (engine, mailReception);
        UseDelivery();
    }

    /// <inheritdoc/>
    public Task<SuspensionReport> SetDeliveryAsync(string? domain, bool suspend) => ChangeAsync(() =>
    {
        // To resume all mail resumes every domain as well: nothing stays behind unseen.
        Write(now => domain is not null ? With(now, $"{DeliveryWord} {domain}", suspend)
            : suspend ? With(now, DeliveryWord, true)
            : now.Where(line => line.Split(' ')[0] != DeliveryWord));
        UseDelivery();
        return Task.FromResult(Report);
    });

    /// <inheritdoc/>
    public Task<SuspensionReport?> SetListenerAsync(string? name, bool suspend) => ChangeAsync(async () =>
    {
        string[] bound = [.. reception!.Listeners.Select(l => l.Name)];
        // What is suspended and no longer configured can be resumed: a later one of its name shall not begin closed.
        string[] names = [.. (suspend ? bound : bound.Union(Report.Listeners))
            .Where(known => name is null || known == name)];
        if (names.Length == 0) return null;
        Write(now => names.Aggregate(now, (some, one) => With(some, $"{ListenerWord} {one}", suspend)));
        var problems = new List<string>();
        foreach (var one in names)
        {
            if (suspend) await reception.SuspendAsync(one);
            else if (bound.Contains(one) && await reception.ResumeAsync(one) is { } problem)
                problems.Add($"listener {one}: {problem}");
        }
        return problems.Count == 0 ? Report : throw new IOException(string.Join("; ", problems));
    });

    /// <inheritdoc/>
    public void Dispose() => changing.Dispose();

    private void UseDelivery()
    {
        var report = Report;
        delivery!.UseSuspended(new SuspendedDelivery(
            report.AllDelivery, report.Domains.ToHashSet(StringComparer.Ordinal)));
    }

    private async Task<T> ChangeAsync<T>(Func<Task<T>> change)
    {
        await changing.WaitAsync();
        try
        {
            return await change();
        }
        finally
        {
            changing.Release();
        }
    }

    private void Write(Func<IEnumerable<string>, IEnumerable<string>> change)
    {
        var next = change(lines).ToHashSet(StringComparer.Ordinal);
        AtomicFile.Write(file, Encoding.UTF8.GetBytes(string.Concat(
            next.Order(StringComparer.Ordinal).Select(line => line + "\n"))));
        lines = next;
    }

    private static IEnumerable<string> With(IEnumerable<string> some, string line, bool isIn) =>
        isIn ? some.Append(line) : some.Where(one => one != line);

    private static string[] Behind(IReadOnlySet<string> some, string word) =>
        [.. some.Where(line => line.StartsWith(word + " ", StringComparison.Ordinal))
            .Select(line => line[(word.Length + 1)..]).Order(StringComparer.Ordinal)];
}
