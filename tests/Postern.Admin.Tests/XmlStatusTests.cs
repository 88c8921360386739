using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.XPath;
using Postern.Admin.Accounts;
using Postern.Mail;

namespace Postern.Admin.Tests;

/// <summary><c>/xml/status</c>, read by programs as they are written for an ESA (contract §6).</summary>
public sealed partial class XmlStatusTests
{
    private const string Routes = "example.com 192.0.2.10\n";

    /// <summary>A Prometheus exporter for AsyncOS: it walks the document and knows no gateway.</summary>
    private sealed class Exporter(string document)
    {
        private readonly XPathNavigator status =
            new XPathDocument(XmlReader.Create(new StringReader(document))).CreateNavigator();

        public string System => Text("/status/system/@status");

        public long Counter(string name, string column) =>
            Number($"/status/counters/counter[@name='{name}']/@{column}");

        public long Rate(string name, int minutes) => Number($"/status/rates/rate[@name='{name}']/@last_{minutes}_min");

        public long Gauge(string name) => Number($"/status/gauges/gauge[@name='{name}']/@current");

        public long Number(string path) => long.Parse(Text(path), CultureInfo.InvariantCulture);

        public string Text(string path) =>
            status.SelectSingleNode(path)?.Value ?? throw new InvalidOperationException($"there is no {path}");
    }

    /// <summary>A Nagios check of the kind that is a shell script: grep for a line, cut at quotation marks.</summary>
    private static string Grep(string document, string word, int field, int below = 0)
    {
        var lines = document.Split('\n');
        var found = Array.FindIndex(lines, line => line.Contains(word, StringComparison.Ordinal));
        return lines[found + below].Split('"')[field];
    }

    [Fact]
    public async Task An_exporter_made_for_an_ESA_reads_what_happened()
    {
        await using var api = await ApiFixture.StartAsync(Routes);
        using var drained = await api.Http.PostAsync(
            new Uri("/api/v1/hosts/192.0.2.10/drain", UriKind.Relative), null);
        Receive(api, 1, recipients: 3);
        api.Publish(new RecipientRejected(new Mid(1), new Icid(1), "x@other.example"));
        api.Publish(new Delivered(new Dcid(1), new Mid(1), [new Rid(0), new Rid(1)], "2.0.0 ok"));
        api.Publish(new Bounced(new Dcid(1), new Mid(1), new Rid(2), new(5, 1, 1), "550", ["no"]));
        var waiting = await api.AcceptAsync("bob@example.com", "eve@example.com");

        var esa = new Exporter(await StatusAsync(api));

        Assert.Equal("online", esa.System);
        Assert.Equal("Postern 1.2.3", esa.Text("/status/@build"));
        Assert.Equal("gw.example", esa.Text("/status/@hostname"));
        Assert.Equal((1, 3, 1), (esa.Counter("inj_msgs", "uptime"), esa.Counter("inj_recips", "uptime"),
            esa.Counter("rejected_recips", "uptime")));
        // A thousand were counted before this start.
        Assert.Equal((1003, 1003), (esa.Counter("inj_recips", "lifetime"), esa.Counter("inj_recips", "reset")));
        Assert.Equal((3, 2, 1, 1), (esa.Counter("completed_recips", "lifetime"),
            esa.Counter("delivered_recips", "lifetime"), esa.Counter("hard_bounced_recips", "lifetime"),
            esa.Counter("5xx_hard_bounced_recips", "lifetime")));
        // Events an hour: three in the last minute, and the last five are not full either.
        Assert.Equal((180, 36, 12), (esa.Rate("inj_recips", 1), esa.Rate("inj_recips", 5), esa.Rate("inj_recips", 15)));
        Assert.Equal((2, 2, 0, 1), (esa.Gauge("active_recips"), esa.Gauge("unattempted_recips"),
            esa.Gauge("attempted_recips"), esa.Gauge("dests_in_memory")));
        Assert.Equal((3, 0, 20, 5 << 20), (esa.Gauge("conn_in"), esa.Gauge("conn_out"), esa.Gauge("kbytes_used"),
            esa.Gauge("kbytes_free")));
        Assert.Equal(waiting.Value, esa.Number("/status/oldest_message/@mid"));
        Assert.InRange(esa.Number("/status/oldest_message/@secs"), 0, 600);
        Assert.Equal((17, 18, 19), (esa.Number("/status/current_ids/@message_id"),
            esa.Number("/status/current_ids/@injection_conn_id"),
            esa.Number("/status/current_ids/@delivery_conn_id")));
        Assert.InRange(esa.Gauge("ram_utilization"), 0, 100);
        Assert.InRange(esa.Gauge("cpu_utilization"), 0, 100);
        Assert.Equal("5G", esa.Text("/status/gauges/gauge[@name='log_available']/@current"));
    }

    [Fact]
    public async Task A_check_that_cuts_lines_finds_its_values()
    {
        await using var api = await ApiFixture.StartAsync();
        Receive(api, 1, recipients: 2);

        var document = await StatusAsync(api);

        Assert.Equal("3", Grep(document, "conn_in", 3));
        Assert.Equal("8", Grep(document, "rate name=\"inj_recips", 1, below: 3));
        Assert.Equal("1002", Grep(document, "counter name=\"inj_recips", 1, below: 3));
    }

    [Fact]
    public async Task The_shape_is_that_of_the_golden_file()
    {
        await using var api = await ApiFixture.StartAsync();

        var shape = Value().Replace(await StatusAsync(api), match => Digits().Replace(match.Value, "N"));

        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "xml-status.golden")), shape);
    }

    [Theory]
    [InlineData(false, true, true, false, false, "offline")]
    [InlineData(true, false, true, false, false, "offline")]
    [InlineData(true, true, true, true, false, "delivery suspended")]
    [InlineData(true, true, true, false, true, "receiving suspended")]
    [InlineData(true, true, false, false, false, "receiving suspended")]
    [InlineData(true, true, false, true, false, "offline")]
    public async Task The_system_status_tells_what_stands_still(
        bool spool, bool listeners, bool room, bool delivery, bool listener, string status)
    {
        await using var api = await ApiFixture.StartAsync();
        api.Readiness = new Readiness(spool, listeners, room);
        if (delivery) await api.SetDeliveryAsync(null, suspend: true);
        if (listener) await api.SetListenerAsync("incoming", suspend: true);

        Assert.Equal(status, new Exporter(await StatusAsync(api)).System);
    }

    private static void Receive(ApiFixture api, long id, int recipients)
    {
        api.Publish(new MessageStarted(new Mid(id), new Icid(id)));
        for (var rid = 0; rid < recipients; rid++)
        {
            api.Publish(new RecipientAccepted(
                new Mid(id), new Icid(id), new Rid(rid), Mailbox.Parse($"u{rid}@example.com")));
        }
        api.Publish(new MessageQueued(new Mid(id)));
    }

    private static async Task<string> StatusAsync(ApiFixture api)
    {
        var (status, body, _) = await MonitorClient.GetAsync(
            api, "/xml/status", MonitorClient.Basic(Account.Admin, api.ChooseAdmin()));
        Assert.Equal(HttpStatusCode.OK, status);
        return body;
    }

    [GeneratedRegex("(?<!name|version|encoding)=\"[^\"]*\"")]
    private static partial Regex Value();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}
