using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Mail;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// The recipients of a job by their fates after a transaction. A part that is the whole job is the job itself, so that
/// nothing is copied for the usual message.
/// </summary>
internal sealed class TransactionParts(DeliveryJob job, Verdict verdict)
{
    /// <summary>The job.</summary>
    public DeliveryJob Job { get; } = job;

    /// <summary>A part is the job itself, so that it goes on.</summary>
    public bool KeepsJob { get; private set; }

    /// <summary>The recipients with a fate.</summary>
    public IReadOnlyList<EnvelopeRecipient> Recipients(RecipientFate fate, bool? answersMail = null)
    {
        var verdicts = verdict.Recipients;
        var count = 0;
        for (var i = 0; i < verdicts.Count; i++)
            if (Is(verdicts[i], fate, answersMail)) count++;
        if (count == 0) return [];
        if (count == verdicts.Count) return Job.Recipients;
        var found = new List<EnvelopeRecipient>(count);
        for (var i = 0; i < verdicts.Count; i++)
            if (Is(verdicts[i], fate, answersMail)) found.Add(Job.Recipients[i]);
        return found;
    }

    /// <summary>A job for the recipients with a fate; null: there are none.</summary>
    public DeliveryJob? Take(RecipientFate fate, bool? answersMail = null)
    {
        var recipients = Recipients(fate, answersMail);
        if (recipients.Count == 0) return null;
        if (recipients.Count == Job.Recipients.Count)
        {
            KeepsJob = true;
            return Job;
        }
        var part = Job.Split(recipients);
        part.Place = JobPlace.Settling;
        QueueBook.Count(part);
        return part;
    }

    /// <summary>The reply that decided about a recipient; null: none.</summary>
    public SmtpReply? ReplyTo(EnvelopeRecipient recipient)
    {
        for (var i = 0; i < Job.Recipients.Count; i++)
            if (ReferenceEquals(Job.Recipients[i], recipient)) return verdict.Recipients[i].Reply;
        return null;
    }

    private static bool Is(RecipientVerdict verdict, RecipientFate fate, bool? answersMail) =>
        verdict.Fate == fate && (answersMail is null || verdict.AnswersMail == answersMail);
}
