using System.Globalization;
using Postern.Delivery.Reports;

namespace Postern.Commands;

/// <summary>How explanations of the running gateway are shown to people. Times are local.</summary>
internal static class ExplanationPrinting
{
    /// <summary>A host in one line.</summary>
    public static string Line(HostReport host)
    {
        var text = $"{host.Host}  {Word(host.State)}";
        if (host.Connections > 0) text += $", {host.Connections} connections open";
        if (host.WantedBy > 0) text += $", {host.WantedBy} queues wait for it";
        return host.LastError is { } error ? $"{text}, last error: {error.ReplaceLineEndings(" ")}" : text;
    }

    /// <summary>Which way an address takes.</summary>
    public static void Print(TextWriter output, AddressReport report, TimeZoneInfo zone)
    {
        output.WriteLine(report.Address);
        output.WriteLine(report.Route is { } route
            ? $"  route  {route.Key} (line {route.Line})" : "  route  none");
        foreach (var beaten in report.Beats) output.WriteLine($"  beats  {beaten.Key} (line {beaten.Line})");
        if (report.Outcome == "discard")
        {
            output.WriteLine("  hosts  none: the mail is discarded");
        }
        else
        {
            PrintHosts(output, "  ", report.Hosts);
            foreach (var host in report.NotTried) output.WriteLine($"  not    {Described(host)}");
            if (report.DnsError is { } error) output.WriteLine($"  dns    {error.ReplaceLineEndings(" ")}");
            output.WriteLine($"  tls    {report.Tls}");
            if (report.Auth is { } profile) output.WriteLine($"  auth   {profile}");
        }
        output.WriteLine($"  queue  {QueueText(report.Queue)}");
        output.WriteLine($"  next   {NextText(report.Next, zone)}");
    }

    /// <summary>A message in the queue.</summary>
    public static void Print(TextWriter output, MessageReport message, TimeZoneInfo zone)
    {
        output.WriteLine($"MID {message.Mid} from <{message.From}>");
        output.WriteLine($"  accepted  {Time(message.Accepted, zone)} on ICID {message.Icid}, {message.Size} octets");
        if (message.EnvelopeId is { } id) output.WriteLine($"  envid     {id}");
        foreach (var group in message.Recipients)
        {
            foreach (var (rid, address) in group.Rids.Zip(group.Addresses))
                output.WriteLine($"  RID {rid} <{address}>");
            output.WriteLine($"    state   {group.State}{(group.IsUncertain ? ", uncertain" : "")}, "
                + $"{group.Rounds} rounds, expires {Time(group.Expires, zone)}");
            foreach (var tried in group.Attempts)
            {
                var reply = tried.Code == 0 ? tried.Text : $"{tried.Code} {tried.Text}";
                output.WriteLine($"    tried   {Time(tried.At, zone)}  {tried.Host} {tried.Address} DCID {tried.Dcid} "
                    + $"{tried.Stage}: {reply.ReplaceLineEndings(" ")}");
            }
            output.WriteLine($"    next    {NextText(group.Next, zone)}");
            PrintHosts(output, "    ", group.Hosts);
        }
    }

    private static void PrintHosts(TextWriter output, string indent, IReadOnlyList<HostStep> hosts)
    {
        var number = 0;
        foreach (var host in hosts)
            output.WriteLine($"{indent}{(++number == 1 ? "hosts" : "     ")}  {number}. {Described(host)}");
        if (number == 0) output.WriteLine($"{indent}hosts  none can be tried now");
    }

    private static string Described(HostStep host)
    {
        var place = host.Entry == host.Host ? host.Host : $"{host.Entry} ({host.Host})";
        var text = $"{place}  priority {host.Priority}, weight {host.Weight}, {Word(host.State)}";
        return host.Note is { } note ? $"{text}: {note.ReplaceLineEndings(" ")}" : text;
    }

    private static string QueueText(QueueReport queue)
    {
        if (queue.Recipients == 0) return "empty";
        var atLeast = queue.IsComplete ? "" : "; the parts are of its first messages only";
        return $"{queue.Recipients} recipients: {queue.Ready} ready, {queue.InDelivery} in delivery, "
            + $"{queue.HeldForMail} held after a 4xx, {queue.HeldForHost} held for want of a host, "
            + $"{queue.HeldUncertain} uncertain{atLeast}";
    }

    private static string NextText(NextStep next, TimeZoneInfo zone) =>
        next.At is { } at ? $"{Time(at, zone)}: {next.Why}" : next.Why;

    private static string Word(HostState state) => state == HostState.LeftOut ? "left out"
        : state.ToString().ToLowerInvariant();

    private static string Time(DateTimeOffset time, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTime(time, zone).ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);
}
