using System.Globalization;
using System.Security;
using System.Text;
using Postern.Delivery.Reports;
using Postern.Reporting;

namespace Postern.Admin.Monitoring;

/// <summary>
/// <c>/xml/status</c> of an ESA (contract §6). Written by hand, since monitors made for an ESA are also shell scripts
/// that look for an attribute on a line of its own. Pure.
/// </summary>
internal sealed class XmlStatus
{
    private const int KiloOctets = 1024;

    private readonly StringBuilder _text = new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");

    private XmlStatus()
    {
    }

    /// <summary>The document.</summary>
    public static string Of(AdminParts parts, DeliveryGauges gauges)
    {
        var status = new XmlStatus();
        status.WriteHead(parts, gauges);
        status.WriteCounters(parts);
        status.WriteIds(parts.Monitoring.Facts());
        status.WriteRates(parts);
        status.WriteGauges(parts, gauges);
        status._text.Append("</status>\n");
        return status._text.ToString();
    }

    private void WriteHead(AdminParts parts, DeliveryGauges gauges)
    {
        var (facts, now) = (parts.Facts(), parts.Time.GetUtcNow());
        var up = now - facts.Started;
        Add("<status", ("build", $"Postern {facts.Version}"), ("hostname", facts.HostName),
            ("timestamp", Stamp(parts, now))).Append(">\n");
        Line("  <birth_time", ("timestamp",
            $"{Stamp(parts, facts.Started)} ({up.Days}d {up.Hours}h {up.Minutes}m {up.Seconds}s)"));
        // Nothing resets the counters: an ESA says so with an empty time, and counts since ever.
        Line("  <last_counter_reset", ("timestamp", ""));
        Line("  <system", ("status", SystemStatus.Of(parts.Readiness(), parts.Suspensions.Report)));
        var age = gauges.OldestAccepted is { } accepted ? Math.Max(0, (long)(now - accepted).TotalSeconds) : 0;
        Line("  <oldest_message", ("secs", $"{age}"), ("mid", $"{gauges.OldestMid ?? 0}"));
    }

    private void WriteCounters(AdminParts parts)
    {
        _text.Append("  <counters>\n");
        foreach (var counter in Enum.GetValues<MailCounter>())
        {
            var lifetime = $"{parts.Monitoring.Lifetime[counter]}";
            Lines("    <counter", "        ", ("name", counter.StatusName()), ("reset", lifetime),
                ("uptime", $"{parts.Counters[counter]}"), ("lifetime", lifetime));
        }
        _text.Append("  </counters>\n");
    }

    private void WriteIds(MonitoringFacts facts)
    {
        _text.Append("  <current_ids\n   ");
        Lines("", "    ", ("message_id", $"{facts.LastMid}"), ("injection_conn_id", $"{facts.LastIcid}"),
            ("delivery_conn_id", $"{facts.LastDcid}"));
    }

    private void WriteRates(AdminParts parts)
    {
        _text.Append("  <rates>\n");
        foreach (var rate in MailRates.Counters.Select(parts.Rates.Of))
        {
            Lines("    <rate", "      ", ("name", rate.Counter.StatusName()), ("last_1_min", $"{rate.LastMinute}"),
                ("last_5_min", $"{rate.Last5Minutes}"), ("last_15_min", $"{rate.Last15Minutes}"));
        }
        _text.Append("  </rates>\n");
    }

    private void WriteGauges(AdminParts parts, DeliveryGauges gauges)
    {
        var (facts, more) = (parts.Facts(), parts.Monitoring.Facts());
        var free = facts.DiskFree ?? 0;
        _text.Append("  <gauges>\n");
        Gauge("ram_utilization", MemoryPercent());
        Gauge("cpu_utilization", parts.Monitoring.Load.Percent);
        Line("    <gauge", ("name", "log_available"), ("current", Rounded(free)));
        Gauge("conn_in", facts.ConnectionsIn);
        Gauge("conn_out", gauges.Connections);
        Gauge("active_recips", gauges.ActiveRecipients);
        Gauge("unattempted_recips", gauges.UnattemptedRecipients);
        Gauge("attempted_recips", gauges.AttemptedRecipients);
        // An ESA filters between its 250 and its queue; here the 250 means that the message is in the queue.
        Gauge("msgs_in_work_queue", 0);
        Gauge("dests_in_memory", gauges.Destinations);
        Gauge("kbytes_used", more.SpoolOctets / KiloOctets);
        Gauge("kbytes_free", free / KiloOctets);
        _text.Append("  </gauges>\n");
    }

    private void Gauge(string name, long value) => Line("    <gauge", ("name", name), ("current", $"{value}"));

    // An element with its attributes on one line.
    private void Line(string element, params ReadOnlySpan<(string Name, string Value)> attributes) =>
        Add(element, attributes).Append(" />\n");

    // An element with the first attribute beside its name and each further one on a line of its own.
    private void Lines(string element, string indent, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Add(element, attributes[..1]);
        foreach (var attribute in attributes[1..]) Add($"\n{indent[..^1]}", attribute);
        _text.Append(" />\n");
    }

    private StringBuilder Add(string before, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        _text.Append(before);
        foreach (var (name, value) in attributes)
            _text.Append(' ').Append(name).Append("=\"").Append(SecurityElement.Escape(value)).Append('"');
        return _text;
    }

    private static string Stamp(AdminParts parts, DateTimeOffset time) => TimeZoneInfo
        .ConvertTime(time, parts.Time.LocalTimeZone).ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);

    private static long MemoryPercent() =>
        100 * Environment.WorkingSet / Math.Max(1, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    // As an ESA rounds it: whole gigabytes, megabytes below one, of 1024 each.
    private static string Rounded(long octets)
    {
        const long Mega = KiloOctets * KiloOctets, Giga = Mega * KiloOctets;
        return octets >= Giga ? $"{octets / Giga}G" : $"{octets / Mega}M";
    }
}
