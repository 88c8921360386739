using System.Globalization;
using Postern.Delivery.Reports;
using Postern.Mail;

namespace Postern.Commands;

/// <summary>How explanations of the running gateway are shown to people. Times are local.</summary>
internal static class ExplanationPrinting
{
    /// <summary>A host in one line.</summary>
    public static string Line(HostReport host)
    {
        var text = $"{host.Host}  {Word(host.State, host.IsUntried)}";
        if (host.Connections > 0) text += $", {host.Connections} connections open";
        if (host.WantedBy > 0) text += $", {host.WantedBy} queues wait for it";
        return host.LastError is { } error ? $"{text}, last error: {PeerText.Escape(error)}" : text;
    }

    /// <summary>Which way an address takes.</summary>
    public static void Print(TextWriter output, AddressReport report, TimeProvider time)
    {
        output.WriteLine(report.Address);
        PrintWay(output, report, time);
        if (report is not { Queue: { } queue, Next: { } next })
        {
            output.WriteLine("  live   unknown, since no gateway runs: health, turns, queue and next attempt");
            return;
        }
        output.WriteLine($"  queue  {QueueText(queue)}");
        output.WriteLine($"  next   {NextText(next, time)}");
    }

    /// <summary>The route, those it beats, and its hosts.</summary>
    public static void PrintWay(TextWriter output, AddressReport report, TimeProvider time)
    {
        output.WriteLine(report.Route is { } route
            ? $"  route  {route.Key} (line {route.Line})" : "  route  none: by DNS");
        foreach (var beaten in report.Beats) output.WriteLine($"  beats  {beaten.Key} (line {beaten.Line})");
        if (report.Outcome == "discard")
        {
            output.WriteLine("  hosts  none: the mail is discarded");
        }
        else if (report is { Outcome: "dns", Queue: null })
        {
            output.WriteLine(report.ReceivingDomain.StartsWith('[')
                ? $"  hosts  the address itself, {report.ReceivingDomain[1..^1]}, unless refuse_networks has it"
                : "  hosts  those that DNS names (MX, then A and AAAA)");
        }
        else
        {
            PrintHosts(output, "  ", 7, report.Hosts, report.NotTried, time);
            if (report.DnsError is { } error) output.WriteLine($"  dns    {PeerText.Escape(error)}");
        }
    }

    /// <summary>A message in the queue.</summary>
    public static void Print(TextWriter output, MessageReport message, TimeProvider time)
    {
        output.WriteLine($"MID {message.Mid} from <{message.From}>");
        output.WriteLine($"  accepted  {When(message.Accepted, time)} on ICID {message.Icid}, {message.Size} octets");
        if (message.EnvelopeId is { } id) output.WriteLine($"  envid     {id}");
        foreach (var group in message.Recipients)
        {
            foreach (var (rid, address) in group.Rids.Zip(group.Addresses))
                output.WriteLine($"  RID {rid} <{address}>");
            output.WriteLine($"    state   {group.State}{(group.IsUncertain ? ", uncertain" : "")}, "
                + $"{group.Rounds} round{(group.Rounds == 1 ? "" : "s")}, expires {When(group.Expires, time)}");
            foreach (var tried in group.Attempts)
            {
                output.WriteLine($"    tried   {When(tried.At, time)}  {Place(tried)}DCID {tried.Dcid} "
                    + $"{tried.Stage}: {PeerText.Escape(tried.Text)}");
            }
            output.WriteLine($"    next    {NextText(group.Next, time)}");
            PrintHosts(output, "    ", 8, group.Hosts, group.NotTried, time);
        }
    }

    private static void PrintHosts(
        TextWriter output, string indent, int width, IReadOnlyList<HostStep> hosts, IReadOnlyList<HostStep> notTried,
        TimeProvider time)
    {
        string Label(string text) => indent + text.PadRight(width);
        var number = 0;
        foreach (var host in hosts)
            output.WriteLine($"{Label(++number == 1 ? "hosts" : "")}{number}. {Described(host, time)}");
        if (number == 0 && notTried.Count > 0) output.WriteLine($"{Label("hosts")}none can be tried now");
        foreach (var host in notTried) output.WriteLine($"{Label("not")}{Described(host, time)}");
    }

    private static string Place(AttemptReport tried) =>
        tried.Address.Length == 0 || tried.Address == tried.Host ? $"{tried.Host} "
            : $"{tried.Host} ({tried.Address}) ";

    private static string Described(HostStep host, TimeProvider time)
    {
        var place = host.Entry == host.Host ? host.Host : $"{host.Entry} ({host.Host})";
        var text = $"{place}  priority {host.Priority}, weight {host.Weight}, tls {host.Tls}";
        if (host.TlsName is { } name) text += $" as {name}";
        if (host.Auth is { } profile) text += $", auth {profile}";
        if (host.State is { } state) text += $", {Word(state, host.IsUntried)}";
        if (host.Until is { } until) text += $" until {When(until, time)}";
        return host.Note is { } note ? $"{text}: {PeerText.Escape(note)}" : text;
    }

    /// <summary>What a queue holds.</summary>
    public static string QueueText(QueueReport queue)
    {
        if (queue.Recipients == 0) return "empty";
        var atLeast = queue.IsComplete ? "" : "; the parts are of its first messages only";
        return $"{queue.Recipients} recipients: {queue.Ready} ready, {queue.InDelivery} in delivery, "
            + $"{queue.HeldForMail} held after a 4xx, {queue.HeldForHost} held for want of a host, "
            + $"{queue.HeldUncertain} uncertain"
            + (queue.HeldForPace > 0 ? $", {queue.HeldForPace} reports held back for now" : "")
            + (queue.HeldUnreadable > 0 ? $", {queue.HeldUnreadable} whose content cannot be read" : "")
            + atLeast
            + string.Concat(queue.Redirected.Select(r => $"; {r.Recipients} redirected to {r.Hosts}"));
    }

    /// <summary>What happens next.</summary>
    public static string NextText(NextStep next, TimeProvider time) =>
        next.At is { } at ? $"{When(at, time)}: {next.Why}" : next.Why;

    /// <summary>The health of a host in words.</summary>
    public static string Word(HostState state) => state == HostState.LeftOut ? "left out"
        : state.ToString().ToLowerInvariant();

    /// <summary>The same of a host that may never have been tried.</summary>
    public static string Word(HostState state, bool isUntried) => isUntried ? "not tried yet" : Word(state);

    /// <summary>Local time, and how far away it is: <c>2026-07-01 03:04:05 +02:00 (in 40 s)</c>.</summary>
    public static string When(DateTimeOffset at, TimeProvider time)
    {
        var away = at - time.GetUtcNow();
        var span = Span(away.Duration());
        return TimeZoneInfo.ConvertTime(at, time.LocalTimeZone)
            .ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture)
            + (span == "0 s" ? " (now)" : away > TimeSpan.Zero ? $" (in {span})" : $" ({span} ago)");
    }

    /// <summary>A span in its largest two units.</summary>
    public static string Span(TimeSpan span) =>
        span.TotalDays >= 1 ? $"{(int)span.TotalDays} d {span.Hours} h"
        : span.TotalHours >= 1 ? $"{(int)span.TotalHours} h {span.Minutes} min"
        : span.TotalMinutes >= 1 ? $"{(int)span.TotalMinutes} min {span.Seconds} s"
        : $"{(int)span.TotalSeconds} s";
}
