using Postern.Admin.Alerts;
using Postern.Configuration;
using Postern.Delivery;
using Postern.Delivery.Acting;
using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Running;

/// <summary>What is wrong with a gateway at a moment.</summary>
internal sealed class GatewayAlerts(
    MailSpool spool, DeliveryEngine delivery, OwnMail own, RefusedFiles refused,
    Func<PosternConfiguration> configuration, TimeProvider time)
{
    /// <summary>Hosts that are looked at; far more than are told.</summary>
    private const int MaxHosts = 200;

    /// <summary>Old messages that are looked at; more alerts than that are not mailed in a while.</summary>
    private const int MaxOld = 200;

    /// <summary>So long before its end a certificate should have been replaced.</summary>
    private static readonly TimeSpan renewal = TimeSpan.FromDays(7);

    /// <summary>Asked by the <see cref="AlertWatch"/>.</summary>
    public async Task<IReadOnlyList<AlertCondition>> LookAsync()
    {
        var now = configuration();
        var (gauges, hosts) = await delivery.AskAsync(static s => (s.Overview.Gauges(), s.Overview.LeftOut(MaxHosts)));
        var found = new List<AlertCondition>();
        if (!spool.IsOpen)
        {
            found.Add(new(AlertKind.SpoolClosed, "",
                "the spool is closed after a failed sync; no mail is taken or delivered until it was reopened"));
        }
        if (DataFolder.FreeOctets(now.DataFolder) is { } free && free < now.Space.Soft)
        {
            found.Add(new(AlertKind.DiskLow, "", $"{free / 1_000_000} MB are free on the disk of the spool, fewer than "
                + $"free_space_soft ({now.Space.Soft / 1_000_000} MB); no new mail is taken"));
        }
        if (now.Alerts.OldestMessage is { } longest && gauges.OldestAccepted < time.GetUtcNow() - longest
            && await OldestAsync(time.GetUtcNow() - longest) is { } mid)
        {
            found.Add(new(AlertKind.OldMessage, "",
                $"the oldest message, MID {mid}, waits for more than {Minutes(longest)}"));
        }
        if (now.Admin.Tls?.Certificate is { } certificate && certificate.Ends - time.GetUtcNow() < renewal)
        {
            found.Add(new(AlertKind.CertificateEnds, "",
                $"the certificate of the admin page ends at {certificate.Ends:u}; put another one into "
                    + certificate.File));
        }
        found.AddRange(refused.All.Select(file => new AlertCondition(
            AlertKind.ConfigurationRefused, file.Key, file.Value)));
        found.AddRange(hosts.Select(ConditionOf));
        return found;
    }

    private static string Minutes(TimeSpan span) =>
        span.TotalMinutes < 1.5 ? "1 minute" : $"{span.TotalMinutes:0} minutes";

    // An alert that waits is no reason for another one.
    private async Task<long?> OldestAsync(DateTimeOffset before)
    {
        try
        {
            var old = await new QueueAccess(delivery).ListAsync(
                new QueueSelection { AcceptedBefore = before }, default, MaxOld, CancellationToken.None);
            return old.Recipients.FirstOrDefault(row => !own.IsAlert(new Mid(row.Mid)))?.Mid;
        }
        catch (SpoolException)
        {
            // That is an alert of its own.
            return null;
        }
    }

    private static AlertCondition ConditionOf(HostReport host) => new(AlertKind.HostLeftOut, host.Host,
        $"the host {host.Host} is left out" + (host.LastError is { Length: > 0 } why ? $": {why}" : ""));
}
