using Postern.Admin;
using Postern.Delivery.Reports;
using Postern.Mail;

namespace Postern.Commands;

/// <summary>How what waits is shown to people. Times are local.</summary>
internal static class QueuePrinting
{
    private const int ShownRecipients = 20;

    /// <summary>A page of the queue.</summary>
    public static void Print(TextWriter output, QueueListing page, TimeProvider time)
    {
        if (page.Recipients.Count == 0)
        {
            output.WriteLine("No mail waits that fits.");
            return;
        }
        output.WriteLine("MID/       Bytes/     Sender/                           Recipient");
        output.WriteLine("[RID]      [Rounds]   State");
        foreach (var row in page.Recipients)
        {
            output.WriteLine();
            var from = row.From.Length == 0 ? "<>" : row.From;
            output.WriteLine($"{row.Mid,-10} {row.Size,-10} {from,-33} {row.To.FirstOrDefault("?")}");
            for (var i = 1; i < row.To.Count && i < ShownRecipients; i++)
                output.WriteLine($"{"",-56}{row.To[i]}");
            if (row.To.Count > ShownRecipients)
                output.WriteLine($"{"",-56}and {row.To.Count - ShownRecipients} more; showmessage {row.Mid} has all");
            output.WriteLine($"{"[" + string.Join(", ", row.Rids.Take(ShownRecipients)) + "]",-10} "
                + $"{"[" + row.Rounds + "]",-10} {StateOf(row, time)}");
            if (row.LastError is { } error) output.WriteLine($"{"",-22}last: {PeerText.Escape(error)}");
        }
        if (page.Next is not { } next) return;
        output.WriteLine();
        output.WriteLine($"There may be more: --after {next}");
    }

    /// <summary>What is suspended.</summary>
    public static void Print(TextWriter output, SuspensionReport report)
    {
        if (report.AllDelivery) output.WriteLine("Delivery is suspended: all mail is kept.");
        foreach (var domain in report.Domains) output.WriteLine($"Delivery to {domain} is suspended.");
        foreach (var name in report.Listeners) output.WriteLine($"The listener {name} is suspended.");
        if (!report.AllDelivery && report.Domains.Count + report.Listeners.Count == 0)
            output.WriteLine("Nothing is suspended.");
    }

    private static string StateOf(QueuedRecipients row, TimeProvider time)
    {
        var why = row.Reason switch
        {
            "mail" => "held, a host answered 4xx to it",
            "host" => "held for want of a host",
            "pace" => "held, a report to a domain that has had its share of them for now",
            "content" => "held, its content cannot be read from the spool",
            "uncertain" => "held, uncertain: no reply after the final dot",
            _ => "held",
        };
        var state = row.Due is { } due ? $"{why}, until {ExplanationPrinting.When(due, time)}" : row.State;
        return row.Redirect is { } hosts ? $"{state}; redirected to {hosts}" : state;
    }
}
