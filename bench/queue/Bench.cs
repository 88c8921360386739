using System.Diagnostics;
using TestTools;

namespace HeldQueue;

/// <summary>Fills a spool, starts the gateway on it, and looks from outside at what a full queue costs.</summary>
internal sealed class Bench(Options options, int perMessage)
{
    private const int Listings = 20;
    // What a full queue may cost: megabytes at any time, seconds to the first 250, milliseconds of a listing's median.
    private const double MostMegabytes = 400, LongestStart = 3, LongestListing = 50;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private const int Feeders = 8;
    private readonly List<string> _exceeded = [];
    private int _sent;

    /// <summary>What took more than it may.</summary>
    public IReadOnlyList<string> Exceeded => _exceeded;

    public async Task RunAsync(CancellationToken cancel)
    {
        var folder = Directory.CreateDirectory(
            Path.Combine(options.Folder, $"queue-{Guid.NewGuid():N}"[..14])).FullName;
        try
        {
            await RunAsync(folder, cancel);
        }
        finally
        {
            if (options.Keep)
            {
                Console.WriteLine($"left: {folder}");
            }
            else
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private async Task RunAsync(string folder, CancellationToken cancel)
    {
        await using var live = new LiveHost();
        await using var gateway = new Gateway(folder, live.Port);
        if (options.Fed)
        {
            await FeedAsync(gateway, cancel);
            return;
        }

        Directory.CreateDirectory(Path.Combine(folder, "data"));
        var clock = Stopwatch.StartNew();
        var fill = new Fill(Gateway.SpoolIn(folder), options, perMessage);
        var due = await fill.RunAsync();
        Say("filled", $"{fill.Messages} messages of {perMessage} recipients in {clock.Elapsed.TotalSeconds:0.0} s");

        clock.Restart();
        gateway.Start();
        using var sender = await Sender.ConnectAsync(gateway.Port, cancel);
        await SendAsync(sender);
        Bound("start to first accepted", "s", clock.Elapsed.TotalSeconds, LongestStart);
        Say("start to first accepted", $"{clock.Elapsed.TotalSeconds:0.00} s, {gateway.CpuSeconds:0.00} s of CPU");
        await gateway.FindApiAsync(cancel);
        await ReadAsync(gateway, cancel);
        Say("start to queue read", $"{clock.Elapsed.TotalSeconds:0.0} s, {gateway.CpuSeconds:0.0} s of CPU");
        Say("memory", $"{gateway.Megabytes:0} MB, at most {gateway.PeakMegabytes:0} MB");

        await ListAsync(gateway, cancel);
        await PassAsync(gateway, sender, live, cancel);
        await WatchDueAsync(gateway, live, due, cancel);
        Say("memory in the end", $"{gateway.Megabytes:0} MB, at most {gateway.PeakMegabytes:0} MB");
        Bound("memory", "MB", gateway.PeakMegabytes, MostMegabytes);
    }

    // All hosts but one are out: what comes in waits.
    private async Task FeedAsync(Gateway gateway, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        gateway.Start();
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, Feeders).Select(async _ =>
        {
            using var sender = await Sender.ConnectAsync(gateway.Port, cancel);
            for (int first; (first = Interlocked.Add(ref next, perMessage) - perMessage) < options.Recipients;)
            {
                await sender.SendAsync([.. Enumerable.Range(first, perMessage)
                    .Select(number => $"user{number}@d{number % options.Domains}.example")]);
            }
        }));
        Say("fed", $"in {clock.Elapsed.TotalSeconds:0.0} s, {gateway.CpuSeconds:0.0} s of CPU");
        await gateway.FindApiAsync(cancel);
        await ReadAsync(gateway, cancel);
        Say("memory", $"{gateway.Megabytes:0} MB, at most {gateway.PeakMegabytes:0} MB");
        // Behind the time in which what is left is collected at the latest.
        await Task.Delay(TimeSpan.FromSeconds(70), TimeProvider.System, cancel);
        Say("memory in the end", $"{gateway.Megabytes:0} MB, at most {gateway.PeakMegabytes:0} MB");
        Bound("memory", "MB", gateway.PeakMegabytes, MostMegabytes);
    }

    private async Task ReadAsync(Gateway gateway, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < Patience)
        {
            var status = await gateway.AskAsync("/api/v1/status", cancel);
            if (status.GetProperty("delivery").GetProperty("activeRecipients").GetInt64() >= options.Recipients)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancel);
        }

        throw new RunException("the queue is not read");
    }

    private async Task ListAsync(Gateway gateway, CancellationToken cancel)
    {
        var last = options.Recipients - 1;
        (string Name, string Query)[] listings =
        [
            ("a page", ""),
            ("a later page", $"after={options.Recipients / perMessage / 2}"),
            ("of a domain", $"host=d{options.Domains / 2}.example"),
            ("of a sender", $"sender=news{(last / perMessage) % 1000}@src{(last / perMessage) % 100}.example"),
            ("of a sender who has none", "sender=nobody@src.example"),
            ("of a message", $"mid={options.Recipients / perMessage / 2}"),
            ("by a part of the recipient", "recipient=user5"),
            ("of the last recipient", $"recipient=user{last}@"),
            ("of no recipient", "recipient=nobody@"),
            ("for want of a host", "reason=host"),
            ("uncertain, there is none", "reason=uncertain"),
            ("older than 4 h", "older=4h"),
            ("larger than 1 MB, there is none", "larger=1MB"),
            ("with 3 rounds", "attempts=3"),
        ];
        foreach (var (name, query) in listings)
        {
            var series = new Series();
            var rows = 0;
            var cpu = gateway.CpuSeconds;
            var all = Stopwatch.StartNew();
            for (var i = 0; i < Listings && all.Elapsed < Enough; i++)
            {
                var clock = Stopwatch.StartNew();
                var page = await gateway.AskAsync($"/api/v1/queue?limit=100&{query}", cancel);
                series.Add(clock.Elapsed);
                rows = page.GetProperty("recipients").GetArrayLength();
            }

            cpu = (gateway.CpuSeconds - cpu) * 1000 / series.Count;
            Bound($"listing: {name}", "ms", series.Median, LongestListing);
            Say($"listing: {name}", $"{rows} rows, {series}, {cpu:0.0} ms of CPU");
        }

        var command = Stopwatch.StartNew();
        await gateway.RunAsync(cancel, "showrecipients", "--all");
        Say("showrecipients --all", $"{command.ElapsedMilliseconds} ms, the start of the command included");
    }

    // Mail passes through to the host that is up, first alone, then while four clients list the queue without a pause.
    private async Task PassAsync(Gateway gateway, Sender sender, LiveHost live, CancellationToken cancel)
    {
        Say("through, nobody lists", $"{await PassAsync(sender, live, cancel)}");
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var listed = 0;
        var listers = Enumerable.Range(0, 4).Select(async number =>
        {
            string[] queries = ["", "sender=nobody@src.example", "recipient=nobody@", "reason=uncertain"];
            try
            {
                while (true)
                {
                    await gateway.AskAsync($"/api/v1/queue?limit=100&{queries[number]}", enough.Token);
                    Interlocked.Increment(ref listed);
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }).ToList();
        var passed = await PassAsync(sender, live, cancel);
        await enough.CancelAsync();
        await Task.WhenAll(listers);
        Say("through, four list", $"{passed}; {listed} listings meanwhile");
    }

    // One message at a time: from its last octet to the moment at which the host has it.
    private async Task<Series> PassAsync(Sender sender, LiveHost live, CancellationToken cancel)
    {
        var series = new Series();
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed.TotalSeconds < options.Seconds)
        {
            var begin = TimeProvider.System.GetUtcNow();
            var name = await SendAsync(sender);
            DateTimeOffset at;
            while (!live.Taken.TryGetValue(name, out at))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancel);
            }

            series.Add(at - begin);
        }

        return series;
    }

    private static async Task WatchDueAsync(
        Gateway gateway, LiveHost live, IReadOnlyDictionary<string, DateTimeOffset> due, CancellationToken cancel)
    {
        var before = TimeProvider.System.GetUtcNow();
        var cpu = gateway.CpuSeconds;
        while (due.Keys.Any(name => !live.Taken.ContainsKey(name)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancel);
        }

        var late = new Series();
        foreach (var (name, at) in due.Where(d => d.Value > before))
        {
            late.Add(live.Taken[name] - at);
        }

        var used = gateway.CpuSeconds - cpu;
        Say("due mail is late by", $"{late} of {late.Count}; {used / (TimeProvider.System.GetUtcNow() - before)
            .TotalSeconds:0.0 %} of a core meanwhile");
    }

    private async Task<string> SendAsync(Sender sender)
    {
        var name = $"passing{++_sent}";
        await sender.SendAsync($"{name}@{Fill.LiveDomain}");
        return name;
    }

    private void Bound(string what, string unit, double figure, double most)
    {
        if (figure >= most)
        {
            _exceeded.Add($"{what}: {figure:0.0} {unit}, less than {most:0} are allowed");
        }
    }

    private static void Say(string what, string figure) => Console.WriteLine($"  {what,-32} {figure}");
}
