using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;
using Postern.Mail;
using Postern.Routing;
using Postern.Spool;

namespace Postern.Delivery.Scheduling;

/// <summary>What an operation did to a part of the queue.</summary>
/// <param name="Messages">Messages in which something was changed.</param>
/// <param name="Recipients">Recipients it was done to.</param>
/// <param name="LeftAlone">Recipients that were meant and left alone: their message is on a connection, or its last
/// outcome is being made durable, or, for a delivery now, they are uncertain.</param>
/// <param name="Next">Behind which message the next part begins; null: there is none.</param>
/// <param name="Durable">Completes when what was done survives a crash; fails when some of it cannot be stored.</param>
public sealed record OperationSlice(int Messages, int Recipients, int LeftAlone, Mid? Next, Task Durable)
{
    /// <summary>Recipients that a delivery now would try, and whose delivery an operator has suspended.</summary>
    public int Suspended { get; init; }
    /// <summary>The same, where every host of the route is drained.</summary>
    public int Drained { get; init; }
    /// <summary>The same, where the route is /dev/null, and what waits is held.</summary>
    public int ToDevNull { get; init; }
}

/// <summary>
/// What operators do to mail that waits, a part of the queue at a time. Mail on a connection is left alone: its outcome
/// is the host's. For the scheduler's thread only.
/// </summary>
public sealed class QueueOperations(
    QueueBook queues, Reading reading, Rounds rounds, Endings endings, HostTable hosts, Planner planner,
    Dispatch dispatch, IDeliveryActions actions)
{
    /// <summary>Jobs that a part looks at: about a millisecond.</summary>
    public const int Looked = 20_000;
    /// <summary>Jobs that a part changes, those of each message in a commit of its own.</summary>
    public const int Changed = 500;

    private static readonly EnhancedStatus ByHand = new(5, 0, 0);

    /// <summary>
    /// What may be meant, a part of a page at a time; ends with the message that makes it so many rows. Rows of jobs at
    /// rest have no addresses and no last error: what the store says of them is the caller's to read, beside the
    /// scheduler's thread, and with it whether they are meant (<see cref="QueuedRecipients.With"/>).
    /// </summary>
    public QueueListing List(QueueSelection selection, Mid after, int most)
    {
        var slice = queues.Walk(selection, after, Looked, most);
        return new([.. slice.Jobs.Select(RowOf)], slice.Next?.Value);
    }

    /// <summary>How much of a part is meant, where what jobs know at rest tells it. Changes nothing.</summary>
    public OperationSlice Count(QueueSelection selection, Mid after)
    {
        var slice = queues.Walk(selection, after, Looked, int.MaxValue);
        return new(MessagesOf(slice.Jobs), slice.Jobs.Sum(j => j.Rids.Count), 0, slice.Next, Task.CompletedTask);
    }

    /// <summary>Those of the messages that are in the queue.</summary>
    public HashSet<long> Present(IEnumerable<long> mids) =>
        [.. mids.Where(mid => queues.Find(new Mid(mid)) is not null)];

    /// <summary>The highest MID in the queue; that of no message: it is empty.</summary>
    public Mid Newest() => queues.Newest?.Mid ?? default;

    /// <summary>Deletes recipients, without a bounce; what they are need not be read for it.</summary>
    public OperationSlice Delete(QueueSelection selection, Mid after) => Change(selection, after, (job, settlement) =>
    {
        settlement.Tell(job, new Deleted(job.Message.Mid, job.Rids));
        settlement.Finish(job.Rids);
        queues.Forget(job);
    }, isAtRest: true);

    /// <summary>Bounces recipients with 5.0.0, as their bounce profile says.</summary>
    public OperationSlice Bounce(QueueSelection selection, Mid after) => Change(selection, after, (job, settlement) =>
        endings.Fail(job, settlement, ByHand, "bounced by the operator"));

    /// <summary>
    /// Sends recipients to other hosts than their route says, from now on; rounds and time of acceptance stay. What is
    /// uncertain is left alone, since another host could double it.
    /// </summary>
    /// <param name="selection">What is meant.</param>
    /// <param name="after">Where this part begins.</param>
    /// <param name="target">The hosts, see <see cref="RedirectRoute"/>.</param>
    public OperationSlice Redirect(QueueSelection selection, Mid after, SmtpRoute target) =>
        Change(selection, after, (job, settlement) =>
        {
            var queue = queues.QueueOf(job.Recipients[0].ForwardPath, target.Key, out var isNew);
            if (isNew) planner.Assign(queue);
            var moved = job.MoveTo(queue);
            moved.Place = JobPlace.Settling;
            moved.Reason = WaitReason.None;
            QueueBook.Count(moved);
            queues.Forget(job);
            settlement.Tell(job, new Redirected(job.Message.Mid, job.Rids, target.Key));
            settlement.Change.MustHold = true;
            Rounds.AddState(moved, settlement, null);
            settlement.Then += () =>
            {
                moved.BeginRound();
                rounds.Return(moved);
            };
        }, leavesUncertain: true);

    /// <summary>
    /// Tries recipients that are held at once, and hosts of theirs that are left out, too: the first message probes.
    /// What is in line already is counted with them. What is uncertain keeps its time, since an earlier try could
    /// double it. Where delivery is suspended or all hosts are drained, the try is made when that ends; where the route
    /// is /dev/null, there is none (contract §3, choosing, 8).
    /// </summary>
    public OperationSlice DeliverNow(QueueSelection selection, Mid after)
    {
        var slice = queues.Walk(selection, after, Looked, Changed);
        var meant = MeantOf(slice, selection);
        var released = new List<DeliveryJob>();
        int recipients = 0, alone = 0, suspended = 0, drained = 0, toDevNull = 0;
        foreach (var (job, rids) in meant)
        {
            var isHeld = job.Place == JobPlace.Held && job.Uncertainty is null;
            if (!isHeld && job.Place != JobPlace.Ready) alone += rids.Count;
            else if (job.Queue.Plan.State == PlanState.Discard) toDevNull += rids.Count;
            else if (isHeld && !Release(PartOf(job, rids))) alone += rids.Count;
            else if (dispatch.Suspended.Includes(job.Queue.Name)) suspended += rids.Count;
            else if (IsDrained(job.Queue.Plan)) drained += rids.Count;
            else
            {
                recipients += rids.Count;
                released.Add(job);
            }
        }
        foreach (var entry in meant.Select(m => m.Job.Queue.Plan).Distinct().SelectMany(p => p.Entries))
        {
            foreach (var host in entry.Targets) hosts.EndTime(host);
            if (entry.NameHealth is { } name) hosts.EndTime(name);
        }
        return new(MessagesOf(released), recipients, alone, slice.Next, Task.CompletedTask)
        {
            Suspended = suspended,
            Drained = drained,
            ToDevNull = toDevNull,
        };
    }

    /// <summary>
    /// Hosts that are left out are probed at once, each with a message that is held for want of it, or else with the
    /// next one that chooses it. What is drained stays so; a host that is silent is back when it replies.
    /// </summary>
    /// <param name="selector">Which; of a name its addresses as well.</param>
    /// <returns>How many were left out.</returns>
    public int Retry(HostSelector selector)
    {
        var meant = hosts.Hosts.Where(host => selector.Matches(host.Key)).ToList();
        var retried = 0;
        foreach (var host in meant.Concat(meant.SelectMany(name => name.Addresses)).Distinct())
            if (!host.Drained && hosts.EndTime(host)) retried++;
        return retried;
    }

    private bool Release(DeliveryJob? job)
    {
        if (job is not null) rounds.Release(job);
        return job is not null;
    }

    // A host whose name was not looked up yet may be tried.
    private static bool IsDrained(RoutePlan plan) => plan is { State: PlanState.Ready, Levels.Count: > 0 }
        && plan.Entries.All(e => e.IsDrained || (e.Hosts.Count > 0 && e.Hosts.All(h => h.Drained)));

    private OperationSlice Change(
        QueueSelection selection, Mid after, Action<DeliveryJob, Settlement> change, bool leavesUncertain = false,
        bool isAtRest = false)
    {
        var slice = queues.Walk(selection, after, Looked, Changed);
        var changed = new List<DeliveryJob>();
        var open = 1;
        var durable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // Settled on the scheduler's thread, as this is.
        void Settled()
        {
            if (--open == 0) durable.TrySetResult();
        }
        int recipients = 0, alone = 0;
        // What is done to a message is one commit, with one report, whatever its recipients wait for.
        foreach (var message in MeantOf(slice, selection).GroupBy(meant => meant.Job.Message))
        {
            Settlement? settlement = null;
            foreach (var (job, rids) in message)
            {
                if (job.Place is not (JobPlace.Held or JobPlace.Ready)
                    || (leavesUncertain && job.Uncertainty is not null)
                    || PartOf(job, rids) is not { } part || (!isAtRest && !reading.TakeUp(part)))
                {
                    alone += rids.Count;
                    continue;
                }
                recipients += rids.Count;
                changed.Add(part);
                queues.Take(part, JobPlace.Settling);
                settlement ??= new Settlement(part.Message);
                change(part, settlement);
            }
            if (settlement is null) continue;
            settlement.Then += Settled;
            settlement.Otherwise += e =>
                durable.TrySetException(new SpoolException($"it is not stored: {e.Message}", e));
            open++;
            actions.Commit(settlement);
        }
        Settled();
        return new(MessagesOf(changed), recipients, alone, slice.Next, durable.Task);
    }

    private List<(DeliveryJob Job, IReadOnlyList<Rid> Rids)> MeantOf(QueueSlice slice, QueueSelection selection) =>
        [.. slice.Jobs.Select(job => (Job: job, Rids: MeantOf(job, selection))).Where(meant => meant.Rids.Count > 0)];

    // What is meant by its addresses is looked up without an end to its rest.
    private IReadOnlyList<Rid> MeantOf(DeliveryJob job, QueueSelection selection)
    {
        if (!selection.NeedsText) return job.Rids;
        var stored = job.IsAtRest ? reading.Read(job.Message, job.Rids) : job.Message.Stored;
        if (stored is null || !selection.IncludesSender(stored.Envelope.ReversePath?.Text ?? "")) return [];
        var recipients = job.IsAtRest ? stored.Recipients.Select(r => r.Recipient) : job.Recipients;
        return [.. recipients.Where(r => selection.IncludesRecipient(r.ForwardPath.Text)).Select(r => r.Rid)];
    }

    // Those of a job that are meant, as a job of their own; who is not meant stays where it stands. Null: the store
    // cannot tell who they are.
    private DeliveryJob? PartOf(DeliveryJob job, IReadOnlyList<Rid> meant)
    {
        if (meant.Count == job.Rids.Count) return job;
        var rests = job.IsAtRest;
        if (!reading.TakeUp(job)) return null;
        var part = job.Detach(meant.ToHashSet());
        QueueBook.Count(part);
        if (rests) queues.Rest(job);
        return part;
    }

    private static QueuedRecipients RowOf(DeliveryJob job) => new()
    {
        Mid = job.Message.Mid.Value,
        Rids = [.. job.Rids.Select(r => r.Value)],
        From = job.Message.Stored?.Envelope.ReversePath?.Text ?? "",
        To = job.IsAtRest ? [] : [.. job.Recipients.Select(r => r.ForwardPath.Text)],
        ReceivingDomain = job.Queue.Name,
        Redirect = job.Queue.Redirect,
        Size = job.Message.Size,
        Accepted = job.Message.Accepted,
        Rounds = job.Rounds,
        State = Explainer.StateOf(job),
        Reason = job.Reason.ToString().ToLowerInvariant(),
        Due = job.Place == JobPlace.Held ? job.Due : null,
        LastError = !job.IsAtRest && job.Attempts is [.., var last] ? last.Text : null,
    };

    private static int MessagesOf(IEnumerable<DeliveryJob> jobs) => jobs.Select(j => j.Message.Mid).Distinct().Count();
}
