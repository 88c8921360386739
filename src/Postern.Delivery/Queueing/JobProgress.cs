using Postern.Delivery.Deciding;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Delivery.Queueing;

/// <summary>
/// What a job knows only while it is not at rest: its recipients, the attempts, and how far the present round got. For
/// the scheduler's thread only.
/// </summary>
internal sealed class JobProgress(IReadOnlyList<EnvelopeRecipient> recipients)
{
    public IReadOnlyList<EnvelopeRecipient> Recipients { get; set; } = recipients;
    public List<StoredAttempt> Attempts { get; } = [];
    public List<HostHealth> Tried { get; } = [];
    public HostHealth[] FailedAt { get; set; } = [];
    public List<Lack> Lacks { get; } = [];
    public StoredUncertainty? Uncertainty { get; set; }
    public HostKey? FirstHost { get; set; }
    public bool IsFirstByTurn { get; set; }
    public bool NeedsFresh { get; set; }
    public bool MailAnswered { get; set; }
    public PlanEntry? Entry { get; set; }
    public string Group { get; set; } = "";

    /// <summary>An attempt was noted that no state in the store has yet.</summary>
    public bool HasNews { get; set; }

    /// <summary>Nothing has begun that a new round does not begin with.</summary>
    public bool IsFresh => Tried.Count == 0 && Lacks.Count == 0 && FirstHost is null && !NeedsFresh && !MailAnswered;
}
