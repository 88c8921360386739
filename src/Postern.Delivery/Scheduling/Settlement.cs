using Postern.Delivery.Queueing;
using Postern.Mail;
using Postern.Mail.Dsn;
using Postern.Spool;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// Outcomes of one message that become durable in one commit, and what goes on afterwards. For the scheduler's thread;
/// whoever writes it has it alone meanwhile.
/// </summary>
public sealed class Settlement(QueuedMessage message)
{
    private readonly List<Rid> _finished = [];

    /// <summary>The message.</summary>
    public QueuedMessage Message { get; } = message;
    /// <summary>
    /// The message as stored, for its reports; its jobs may be at rest or gone when this is durable. Null when all of
    /// them were at rest before: then there is nothing to report.
    /// </summary>
    public StoredMessage Stored { get; } = message.Stored!;
    /// <summary>What is written. The engine adds the reports.</summary>
    public SpoolChange Change { get; } = new();
    /// <summary>Reports to the reverse-path in the same commit, one for each fate of recipients.</summary>
    public List<PlannedReport> Reports { get; } = [];
    /// <summary>
    /// Log lines to publish once it is durable, in order, each with the receiving domain that it is about.
    /// </summary>
    public List<(string Domain, MailEvent Line)> Events { get; } = [];
    /// <summary>Runs on the scheduler's thread once it is durable.</summary>
    public Action Then { get; set; } = static () => { };
    /// <summary>
    /// Runs there when it cannot be stored, and why. Its jobs stay as they are: what has become of them is not
    /// forgotten, and nobody is offered them again, before the next start.
    /// </summary>
    public Action<Exception> Otherwise { get; set; } = static _ => { };
    /// <summary>Recipients that had failed and whose bounce could not be written: nothing has become of them.</summary>
    public List<ReportedRecipient> Retracted { get; } = [];
    /// <summary>
    /// The message stays though no recipient seemed to be left: the bounce of some could not be written.
    /// </summary>
    public bool KeepsMessage { get; private set; }

    /// <summary>Adds a log line about recipients of a job.</summary>
    public void Tell(DeliveryJob job, MailEvent line) => Events.Add((job.Queue.Name, line));

    /// <summary>Recipients have their final result, and the message goes when they were the last.</summary>
    public void Finish(IReadOnlyList<Rid> rids)
    {
        _finished.AddRange(rids);
        Message.Remaining -= rids.Count;
        if (Message.Remaining == 0)
        {
            Change.Finished.Clear();
            Change.Removed.Add(Message.Mid);
            return;
        }
        foreach (var rid in rids) Change.Finished.Add((Message.Mid, rid));
    }

    /// <summary>The message does not go with this settlement, whoever is finished by it.</summary>
    public void KeepMessage()
    {
        KeepsMessage = true;
        if (Change.Removed.Remove(Message.Mid))
            Change.Finished.AddRange(_finished.Select(rid => (Message.Mid, rid)));
    }

    /// <summary>
    /// A report cannot be written. The recipients of a bounce stay in the queue as they were; of those that wait or
    /// were delivered their sender is not told.
    /// </summary>
    public void Retract(PlannedReport report)
    {
        if (report.Action != DsnAction.Failed) return;
        Retracted.AddRange(report.Recipients);
        KeepMessage();
        var rids = report.Rids.ToHashSet();
        _finished.RemoveAll(rids.Contains);
        Change.Finished.RemoveAll(finished => rids.Contains(finished.Rid));
        Events.RemoveAll(told => told.Line is Bounced bounced && rids.Contains(bounced.Rid));
    }
}
