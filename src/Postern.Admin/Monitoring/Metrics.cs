using Postern.Delivery.Reports;
using Postern.Reporting;

namespace Postern.Admin.Monitoring;

/// <summary>
/// <c>/metrics</c>: every name, its unit and its labels, in the order of docs/guide/monitoring.md. No address and no
/// domain is a label. Counters begin at 0 with each start, as Prometheus expects.
/// </summary>
internal static class Metrics
{
    private static readonly (string Outcome, MailCounter Counter)[] outcomes =
    [
        ("delivered", MailCounter.DeliveredRecipients),
        ("deleted", MailCounter.DeletedRecipients),
        ("bounced_5xx", MailCounter.FiveXxHardBouncedRecipients),
        ("bounced_dns", MailCounter.DnsHardBouncedRecipients),
        ("bounced_expired", MailCounter.ExpiredHardBouncedRecipients),
        ("bounced_filter", MailCounter.FilterHardBouncedRecipients),
        ("bounced_other", MailCounter.OtherHardBouncedRecipients),
    ];

    /// <summary>The exposition.</summary>
    public static string Of(AdminParts parts, DeliveryGauges gauges, DurationCounts queueTime)
    {
        var text = new PrometheusText();
        WriteMail(text, parts);
        WriteConnections(text, parts, gauges);
        WriteQueue(text, parts, gauges);
        WriteTimes(text, parts, queueTime);
        WriteSystem(text, parts);
        WriteProcess(text, parts);
        return text.ToString();
    }

    private static void WriteMail(PrometheusText text, AdminParts parts)
    {
        var (counters, flow) = (parts.Counters, parts.Monitoring.Flow);
        text.Counter("postern_messages_received_total", "Messages from clients.")
            .Value("outcome", "accepted", counters[MailCounter.InjectedMessages])
            .Value("outcome", "aborted", flow.AbortedMessages);
        text.Counter("postern_recipients_received_total", "Recipients from clients.")
            .Value("outcome", "accepted", counters[MailCounter.InjectedRecipients])
            .Value("outcome", "rejected", counters[MailCounter.RejectedRecipients]);
        text.Counter("postern_bounce_recipients_generated_total",
                "Recipients of bounces and other reports of the gateway.")
            .Value(counters[MailCounter.GeneratedBounceRecipients]);
        text.Counter("postern_messages_finished_total", "Messages without a recipient left, bounces included.")
            .Value(flow.FinishedMessages);
        text.Counter("postern_recipients_completed_total", "Recipients that left the queue.");
        foreach (var (outcome, counter) in outcomes) text.Value("outcome", outcome, counters[counter]);
        text.Counter("postern_soft_bounces_total", "4xx replies to a recipient.")
            .Value(counters[MailCounter.SoftBouncedEvents]);
    }

    private static void WriteConnections(PrometheusText text, AdminParts parts, DeliveryGauges gauges)
    {
        var flow = parts.Monitoring.Flow;
        text.Gauge("postern_connections", "Connections that are open.")
            .Value("direction", "in", parts.Facts().ConnectionsIn)
            .Value("direction", "out", gauges.Connections);
        text.Counter("postern_connections_opened_total", "Connections that were made.")
            .Value("direction", "in", flow.IncomingConnections)
            .Value("direction", "out", flow.OutgoingConnections);
        text.Counter("postern_connection_errors_total", "Outgoing connections that failed before a message began.")
            .Value(flow.OutgoingConnectionErrors);
        text.Gauge("postern_hosts", "Addresses of destination hosts by their health.");
        foreach (var state in Enum.GetValues<HostState>())
            text.Value("state", WordOf(state), gauges.Hosts.GetValueOrDefault(state));
    }

    private static void WriteQueue(PrometheusText text, AdminParts parts, DeliveryGauges gauges)
    {
        text.Gauge("postern_queue_messages", "Messages in the queue.").Value(gauges.Messages);
        text.Gauge("postern_queue_recipients", "Recipients in the queue.")
            .Value("state", "unattempted", gauges.UnattemptedRecipients)
            .Value("state", "attempted", gauges.AttemptedRecipients);
        text.Gauge("postern_queue_destinations", "Receiving domains that hold mail.").Value(gauges.Destinations);
        text.Gauge("postern_queue_oldest_message_seconds", "Age of the oldest message; 0: the queue is empty.")
            .Value(gauges.OldestAccepted is { } accepted
                ? Math.Max(0, (parts.Time.GetUtcNow() - accepted).TotalSeconds) : 0);
    }

    private static void WriteTimes(PrometheusText text, AdminParts parts, DurationCounts queueTime) => text
        .Histogram("postern_commit_seconds", "Until a received message was durable.",
            parts.Monitoring.Times.Commit.Read())
        .Histogram("postern_final_dot_seconds", "From the end of data to the 250.",
            parts.Monitoring.Times.FinalDot.Read())
        .Histogram("postern_queue_time_seconds", "From the acceptance to the delivery or hard bounce of a recipient.",
            queueTime);

    private static void WriteSystem(PrometheusText text, AdminParts parts)
    {
        var (facts, more, ready) = (parts.Facts(), parts.Monitoring.Facts(), parts.Readiness());
        text.Gauge("postern_build_info", "The version; always 1.").Value("version", facts.Version, 1);
        text.Gauge("postern_spool_open", "1: mail can be stored.").Value(ready.SpoolOpen ? 1 : 0);
        text.Gauge("postern_listeners_bound", "1: every listener is bound or suspended.")
            .Value(ready.ListenersBound ? 1 : 0);
        text.Gauge("postern_spool_room", "1: the disk has room for new mail.").Value(ready.HasRoom ? 1 : 0);
        text.Gauge("postern_spool_bytes", "Size of the spool on disk.").Value(more.SpoolOctets);
        text.Counter("postern_spool_syncs_total", "Syncs of the spool.").Value(more.SpoolSyncs);
        if (facts.DiskFree is { } free)
            text.Gauge("postern_disk_free_bytes", "Free on the disk of the data folder.").Value(free);
        text.Counter("postern_log_events_lost_total", "Events that the mail log lost.").Value(more.LostEvents);
    }

    // The names that every exporter has for them.
    private static void WriteProcess(PrometheusText text, AdminParts parts)
    {
        text.Counter("process_cpu_seconds_total", "Processor time of the process.")
            .Value(Environment.CpuUsage.TotalTime.TotalSeconds);
        text.Gauge("process_resident_memory_bytes", "Memory of the process.").Value(Environment.WorkingSet);
        text.Gauge("process_start_time_seconds", "When the gateway was started, in seconds since 1970.")
            .Value((parts.Facts().Started - DateTimeOffset.UnixEpoch).TotalSeconds);
    }

    private static string WordOf(HostState state) => state switch
    {
        HostState.Up => "up",
        HostState.Suspect => "suspect",
        HostState.LeftOut => "left_out",
        HostState.Probing => "probing",
        HostState.Returning => "returning",
        HostState.Silent => "silent",
        HostState.Drained => "drained",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };
}
