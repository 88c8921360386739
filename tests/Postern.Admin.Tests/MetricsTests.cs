using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Postern.Mail;

namespace Postern.Admin.Tests;

/// <summary><c>/metrics</c>, parsed line by line as Prometheus does (text format 0.0.4).</summary>
public sealed partial class MetricsTests
{
    private const string Bearer = "Bearer 5555555555555555555555555555555555555555555555555555555555555555";

    /// <summary>An exposition: the type of each family, and each sample by its name with its labels.</summary>
    private sealed class Exposition
    {
        public Exposition(string text)
        {
            Assert.EndsWith("\n", text, StringComparison.Ordinal);
            var family = "";
            foreach (var line in text.TrimEnd('\n').Split('\n'))
            {
                if (line.StartsWith("# HELP ", StringComparison.Ordinal))
                {
                    family = line.Split(' ')[2];
                    continue;
                }
                if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
                {
                    // A family comes once, in one piece, with its help before its type.
                    Assert.Equal(family, line.Split(' ')[2]);
                    Types.Add(family, line.Split(' ')[3]);
                    continue;
                }
                var sample = Sample().Match(line);
                Assert.True(sample.Success, $"this is no sample: {line}");
                var name = sample.Groups["name"].Value;
                Assert.Contains(name, Types[family] == "histogram"
                    ? (string[])[$"{family}_bucket", $"{family}_sum", $"{family}_count"] : [family]);
                Samples.Add(name + sample.Groups["labels"].Value,
                    double.Parse(sample.Groups["value"].Value, CultureInfo.InvariantCulture));
            }
        }

        public Dictionary<string, string> Types { get; } = [];
        public Dictionary<string, double> Samples { get; } = [];
        public double this[string sample] => Samples[sample];
    }

    [Fact]
    public async Task Counters_are_what_was_done()
    {
        await using var api = await ApiFixture.StartAsync("example.com 192.0.2.10\n");
        using var drained = await api.Http.PostAsync(
            new Uri("/api/v1/hosts/192.0.2.10/drain", UriKind.Relative), null);
        var address = IPAddress.Parse("192.0.2.77");
        api.Publish(new IncomingConnection(new Icid(1), "incoming", IPAddress.Loopback, address, null, false));
        api.Publish(new MessageStarted(new Mid(1), new Icid(1)));
        for (var rid = 0; rid < 4; rid++)
        {
            api.Publish(new RecipientAccepted(
                new Mid(1), new Icid(1), new Rid(rid), Mailbox.Parse($"u{rid}@example.com")));
        }
        api.Publish(new RecipientRejected(new Mid(1), new Icid(1), "x@other.example"));
        api.Publish(new MessageQueued(new Mid(1)));
        api.Publish(new MessageAborted(new Mid(2), new Icid(1), "RSET"));
        api.Publish(new OutgoingConnection(new Dcid(1), address, address, 25));
        api.Publish(
            new OutgoingConnectionError(new Dcid(2), "example.com", "192.0.2.10", 25, "no", null, "network error"));
        api.Publish(new Delayed(new Dcid(1), new Mid(1), new Rid(0), new SmtpReply(450, ["no"])));
        api.Publish(new Delivered(new Dcid(1), new Mid(1), [new Rid(0), new Rid(1)], "ok"));
        api.Publish(new Bounced(new Dcid(1), new Mid(1), new Rid(2), new(5, 1, 1), "550", ["no"]));
        api.Publish(new Deleted(new Mid(1), [new Rid(3)]));
        api.Publish(new MessageFinished(new Mid(1)));
        await api.AcceptAsync("bob@example.com", "eve@example.com");

        var metrics = await MetricsAsync(api);

        Assert.Equal((1, 1), (metrics["postern_messages_received_total{outcome=\"accepted\"}"],
            metrics["postern_messages_received_total{outcome=\"aborted\"}"]));
        Assert.Equal((4, 1), (metrics["postern_recipients_received_total{outcome=\"accepted\"}"],
            metrics["postern_recipients_received_total{outcome=\"rejected\"}"]));
        Assert.Equal((2, 1, 1, 0), (metrics["postern_recipients_completed_total{outcome=\"delivered\"}"],
            metrics["postern_recipients_completed_total{outcome=\"bounced_5xx\"}"],
            metrics["postern_recipients_completed_total{outcome=\"deleted\"}"],
            metrics["postern_recipients_completed_total{outcome=\"bounced_dns\"}"]));
        Assert.Equal((1, 1), (metrics["postern_messages_finished_total"], metrics["postern_soft_bounces_total"]));
        Assert.Equal((1, 1, 1), (metrics["postern_connections_opened_total{direction=\"in\"}"],
            metrics["postern_connections_opened_total{direction=\"out\"}"],
            metrics["postern_connection_errors_total"]));
        Assert.Equal((3, 0), (metrics["postern_connections{direction=\"in\"}"],
            metrics["postern_connections{direction=\"out\"}"]));
        Assert.Equal((1, 2, 0), (metrics["postern_queue_messages"],
            metrics["postern_queue_recipients{state=\"unattempted\"}"],
            metrics["postern_queue_recipients{state=\"attempted\"}"]));
        Assert.Equal((1, 0), (metrics["postern_hosts{state=\"drained\"}"], metrics["postern_hosts{state=\"up\"}"]));
        Assert.Equal((1, 21, 22, 20_480), (metrics["postern_spool_open"], metrics["postern_spool_syncs_total"],
            metrics["postern_log_events_lost_total"], metrics["postern_spool_bytes"]));
        Assert.True(metrics["process_resident_memory_bytes"] > 1_000_000);
    }

    [Fact]
    public async Task Histograms_are_cumulative_and_in_seconds()
    {
        await using var api = await ApiFixture.StartAsync();
        api.Times.FinalDot.Add(TimeSpan.FromMilliseconds(2.5));
        api.Times.FinalDot.Add(TimeSpan.FromMilliseconds(3));
        api.Times.FinalDot.Add(TimeSpan.FromSeconds(11), 2);

        var metrics = await MetricsAsync(api);

        Assert.Equal("histogram", metrics.Types["postern_final_dot_seconds"]);
        Assert.Equal([0, 1, 2, 2, 4], ((string[])["0.001", "0.0025", "0.005", "10", "+Inf"])
            .Select(le => metrics[$"postern_final_dot_seconds_bucket{{le=\"{le}\"}}"]));
        Assert.Equal(4, metrics["postern_final_dot_seconds_count"]);
        Assert.Equal(22.0055, metrics["postern_final_dot_seconds_sum"], 6);
        Assert.Equal(0, metrics["postern_queue_time_seconds_count"]);
    }

    [Fact]
    public async Task Names_follow_the_conventions_and_are_documented()
    {
        await using var api = await ApiFixture.StartAsync();
        var metrics = await MetricsAsync(api);
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Postern.slnx"))) folder = Path.GetDirectoryName(folder)!;
        var guide = (await File.ReadAllTextAsync(Path.Combine(folder, "docs/guide/monitoring.md")))
            .Split("## `/metrics`")[1];

        Assert.All(metrics.Types, family =>
        {
            Assert.Equal(family.Value == "counter", family.Key.EndsWith("_total", StringComparison.Ordinal));
            Assert.Contains($"`{family.Key}`", guide, StringComparison.Ordinal);
        });
        Assert.Equal(metrics.Types.Keys.Order(StringComparer.Ordinal),
            Named().Matches(guide).Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal));
        // Addresses and domains are without number.
        Assert.Equal(["direction", "le", "outcome", "state", "version"], metrics.Samples.Keys
            .SelectMany(key => Label().Matches(key)).Select(m => m.Groups[1].Value).Distinct()
            .Order(StringComparer.Ordinal));
    }

    private static async Task<Exposition> MetricsAsync(ApiFixture api)
    {
        var (status, body, _) = await MonitorClient.GetAsync(api, "/metrics", Bearer);
        Assert.Equal(HttpStatusCode.OK, status);
        return new Exposition(body);
    }

    [GeneratedRegex("^(?<name>[a-z_]+)(?<labels>\\{[a-z]+=\"[^\"\\\\]*\"\\})? (?<value>[0-9.E+-]+)$")]
    private static partial Regex Sample();

    [GeneratedRegex("([a-z]+)=")]
    private static partial Regex Label();

    [GeneratedRegex("^\\| `([a-z_]+)` \\|", RegexOptions.Multiline)]
    private static partial Regex Named();
}
