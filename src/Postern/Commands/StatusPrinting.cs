using System.Globalization;
using Postern.Admin;
using Postern.Delivery.Reports;
using Postern.Mail;
using Postern.Reporting;

namespace Postern.Commands;

/// <summary>How the state of the running gateway is shown to people. Times are local.</summary>
internal static class StatusPrinting
{
    private const int HeadEvery = 20;
    private const int SuspendedShown = 20;

    private static readonly (MailCounter Counter, string Text)[] counters =
    [
        (MailCounter.InjectedMessages, "Messages received"),
        (MailCounter.InjectedRecipients, "Recipients received"),
        (MailCounter.GeneratedBounceRecipients, "Bounce recipients generated"),
        (MailCounter.RejectedRecipients, "Recipients rejected"),
        (MailCounter.SoftBouncedEvents, "Soft bounced events"),
        (MailCounter.CompletedRecipients, "Completed recipients"),
        (MailCounter.DeliveredRecipients, "  Delivered"),
        (MailCounter.HardBouncedRecipients, "  Hard bounced"),
        (MailCounter.DnsHardBouncedRecipients, "    DNS"),
        (MailCounter.FiveXxHardBouncedRecipients, "    5xx"),
        (MailCounter.ExpiredHardBouncedRecipients, "    Expired"),
        (MailCounter.OtherHardBouncedRecipients, "    Other"),
        (MailCounter.DeletedRecipients, "  Deleted"),
    ];

    /// <summary>A destination host, or a receiving domain.</summary>
    public static void Print(TextWriter output, HostStatus status, TimeProvider time)
    {
        output.WriteLine($"Host mail status for {status.Host}, {ExplanationPrinting.When(time.GetUtcNow(), time)}");
        if (status.Domain is { } way) PrintDomain(output, way, status.Counts, time);
        foreach (var host in status.Hosts)
        {
            output.WriteLine();
            PrintHost(output, host, time);
        }
    }

    /// <summary>The receiving domains with the most mail.</summary>
    public static void Print(TextWriter output, DestinationsAnswer answer, TimeProvider time)
    {
        output.WriteLine($"Status as of {ExplanationPrinting.When(time.GetUtcNow(), time)}");
        if (answer.Destinations.Count == 0)
        {
            output.WriteLine("There is no mail, and there was none since the start.");
            return;
        }
        output.WriteLine("Domains marked with * have no host that is up. Counters are since the start.");
        output.WriteLine();
        var width = Math.Max("Recipient domain".Length, answer.Destinations.Max(d => d.Domain.Length) + 1);
        output.WriteLine($"    # {"Recipient domain".PadRight(width)}  Active   Conn.    Deliv.     Soft     Hard");
        output.WriteLine($"      {"".PadRight(width)}  Recip.     Out    Recip.  Bounced  Bounced");
        var number = 0;
        foreach (var d in answer.Destinations)
        {
            var isDown = d.HostState is HostState.LeftOut or HostState.Silent or HostState.Drained or HostState.Probing;
            var name = isDown ? d.Domain + "*" : d.Domain;
            output.WriteLine($"{++number,5} {name.PadRight(width)}{d.ActiveRecipients,8}{d.Connections,8}"
                + $"{d.Delivered,10}{d.SoftBounced,9}{d.HardBounced,9}");
        }
    }

    /// <summary>Counters, rates and gauges.</summary>
    public static void Print(TextWriter output, GatewayStatus status, TimeProvider time)
    {
        var state = (status.SpoolOpen, status.ListenersBound, status.HasRoom) switch
        {
            (true, true, true) => status.System,
            (true, true, false) => $"{status.System}: no new mail is taken, the disk is below free_space_soft",
            (false, _, _) => $"{status.System}: no mail is taken or delivered, the spool is closed",
            _ => $"{status.System}: an address of a listener is not bound",
        };
        output.WriteLine($"{status.HostName}, Postern {status.Version}");
        Line(output, "Status as of", ExplanationPrinting.When(status.Now, time));
        Line(output, "Up since", ExplanationPrinting.When(status.Started, time));
        Line(output, "System status", state);
        if (Suspended(status.Suspended) is { Length: > 0 } suspended) Line(output, "Suspended", suspended);
        if (!status.QueueRead) Line(output, "Queue", "being read after the start: the gauges grow until it is");
        Line(output, "Oldest message", status.Delivery is { OldestAccepted: { } oldest, OldestMid: { } mid }
            ? $"MID {mid}, {ExplanationPrinting.When(oldest, time)}" : "none");
        output.WriteLine();
        output.WriteLine("Counters since the start");
        foreach (var (counter, text) in counters) Number(output, text, status.Counters[counter]);
        output.WriteLine();
        output.WriteLine($"{"Rates (events per hour), last",-32}{"1 min",12}{"5 min",12}{"15 min",12}");
        foreach (var rate in status.Rates)
        {
            var text = counters.First(c => c.Counter == rate.Counter).Text.Trim();
            output.WriteLine($"  {text,-30}{rate.LastMinute,12}{rate.Last5Minutes,12}{rate.Last15Minutes,12}");
        }
        output.WriteLine();
        output.WriteLine("Gauges");
        Number(output, "Connections in", status.ConnectionsIn);
        Number(output, "Connections out", status.Delivery.Connections);
        Number(output, "Messages in the queue", status.Delivery.Messages);
        Number(output, "Active recipients", status.Delivery.ActiveRecipients);
        Number(output, "  Unattempted", status.Delivery.UnattemptedRecipients);
        Number(output, "  Attempted", status.Delivery.AttemptedRecipients);
        Number(output, "Receiving domains with mail", status.Delivery.Destinations);
        foreach (var (health, count) in status.Delivery.Hosts.OrderBy(h => h.Key))
            Number(output, $"Hosts {ExplanationPrinting.Word(health)}", count);
        if (status.DiskFree is { } free) Number(output, "Megabytes free", free / 1_000_000);
    }

    /// <summary>A line of <c>rate</c>, with a head above the first and every twentieth.</summary>
    public static void Print(TextWriter output, RateLine line, int number, TimeProvider time)
    {
        if (number % HeadEvery == 0)
        {
            output.WriteLine("Time        Connections          Recipients          Recipients         Queue");
            output.WriteLine("            In      Out    Received     Delta   Completed     Delta    Recip.");
        }
        var at = TimeZoneInfo.ConvertTime(line.At, time.LocalTimeZone)
            .ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        output.WriteLine($"{at}{line.ConnectionsIn,6}{line.ConnectionsOut,9}{line.Received,12}{line.ReceivedDelta,10}"
            + $"{line.Completed,12}{line.CompletedDelta,10}{line.ActiveRecipients,10}");
    }

    private static void PrintDomain(
        TextWriter output, AddressReport way, DestinationCounts? counts, TimeProvider time)
    {
        ExplanationPrinting.PrintWay(output, way, time);
        output.WriteLine();
        output.WriteLine("Counters since the start");
        Number(output, "Delivered recipients", counts?.Delivered ?? 0);
        Number(output, "Soft bounced events", counts?.SoftBounced ?? 0);
        Number(output, "Hard bounced recipients", counts?.HardBounced ?? 0);
        if (counts is { LastRefusal: { } refusal, LastRefusalAt: { } at })
            output.WriteLine($"  Last refusal  {ExplanationPrinting.When(at, time)}: {refusal}");
        output.WriteLine("Gauges");
        var queue = way.Queue!;
        Number(output, "Active recipients", queue.Recipients);
        Number(output, "  Ready", queue.Ready);
        Number(output, "  In delivery", queue.InDelivery);
        Number(output, "  Held after a 4xx", queue.HeldForMail);
        Number(output, "  Held for want of a host", queue.HeldForHost);
        Number(output, "  Uncertain", queue.HeldUncertain);
        if (queue.HeldForPace > 0) Number(output, "  Reports held back", queue.HeldForPace);
        if (queue.HeldUnreadable > 0) Number(output, "  Content unreadable", queue.HeldUnreadable);
        foreach (var redirected in queue.Redirected)
            Number(output, $"  Redirected to {redirected.Hosts}", redirected.Recipients);
        Number(output, "Connections out", queue.Connections);
        if (!queue.IsComplete) output.WriteLine("  The parts are of its first messages only.");
        if (queue.Oldest is { } oldest) output.WriteLine($"  Oldest message  {ExplanationPrinting.When(oldest, time)}");
        output.WriteLine($"  Next attempt    {ExplanationPrinting.NextText(way.Next!, time)}");
    }

    private static void PrintHost(TextWriter output, HostReport host, TimeProvider time)
    {
        output.WriteLine($"{host.Host}  {ExplanationPrinting.Word(host.State, host.IsUntried)}");
        if (host.Addresses.Count > 0) Line(output, "  addresses", string.Join(", ", host.Addresses));
        else if (host.Address is null) Line(output, "  addresses", "not looked up yet, or none");
        if (host.Since is { } since) Line(output, "  left out since", ExplanationPrinting.When(since, time));
        if (host.NextProbe is { } probe)
            Line(output, "  next probe", $"{ExplanationPrinting.When(probe, time)}, by the next message that wants it");
        foreach (var scope in host.Scopes)
        {
            Line(output, $"  left out for {scope.Scope}",
                $"until {ExplanationPrinting.When(scope.Until, time)}, {scope.FailedProbes} failed probes");
        }
        Line(output, "  failures in a row", $"{host.ConsecutiveFailures}, failed probes {host.FailedProbes}");
        Line(output, "  last reply", Said(host.LastReply, host.LastReplyAt, time));
        Line(output, "  last error", Said(host.LastError, host.LastErrorAt, time));
        Line(output, "  connections", $"{host.Connections}"
            + (host.Allowance is { } allowance ? $" of {allowance} that it allows" : ""));
        Line(output, "  active recipients", $"{host.ActiveRecipients}");
        if (host.WantedBy == 0) return;
        var names = string.Join(", ", host.Queues);
        Line(output, "  waited for by",
            host.WantedBy > host.Queues.Count ? $"{names} and {host.WantedBy - host.Queues.Count} more" : names);
    }

    private static string Suspended(SuspensionReport report)
    {
        List<string> all = [.. report.Listeners.Select(name => $"the listener {name}")];
        if (report.AllDelivery) all.Insert(0, "all delivery");
        all.AddRange(report.Domains.Take(SuspendedShown).Select(domain => $"delivery to {domain}"));
        if (report.Domains.Count > SuspendedShown)
            all.Add($"delivery to {report.Domains.Count - SuspendedShown} domains more");
        return string.Join("; ", all);
    }

    private static string Said(string? text, DateTimeOffset? at, TimeProvider time) => text is null || at is null
        ? "none" : $"{PeerText.Escape(text)}, {ExplanationPrinting.When(at.Value, time)}";

    private static void Line(TextWriter output, string name, string text) =>
        output.WriteLine($"{name,-20} {text}");

    private static void Number(TextWriter output, string name, long number) =>
        output.WriteLine($"  {name,-30}{number,12}");
}
