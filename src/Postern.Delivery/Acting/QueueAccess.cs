using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;
using Postern.Delivery.Scheduling;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Delivery.Acting;

/// <summary>
/// The queue of a running engine for those who list and change it: in parts, so that mail goes on between them,
/// whatever the size of the queue. Any thread may call it.
/// </summary>
public sealed class QueueAccess(DeliveryEngine engine)
{
    private const int FewRead = 250;
    private const int ManyRead = 4000;

    /// <summary>A message in the queue; null: it is not there.</summary>
    /// <exception cref="SpoolException">The store is closed.</exception>
    public async Task<MessageReport?> ShowAsync(Mid mid, CancellationToken cancellationToken)
    {
        await engine.Recovered.WaitAsync(cancellationToken).ConfigureAwait(false);
        var read = engine.Spool.ReadQueue(mid, mid).FirstOrDefault();
        return await engine.AskAsync(s => s.Explainer.Explain(mid, read)).ConfigureAwait(false);
    }

    /// <summary>A page of what is meant, oldest first.</summary>
    /// <param name="selection">What is meant.</param>
    /// <param name="after">Behind which message it begins.</param>
    /// <param name="limit">It ends with the message that makes it so many rows.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<QueueListing> ListAsync(
        QueueSelection selection, Mid after, int limit, CancellationToken cancellationToken)
    {
        var rows = new List<QueuedRecipients>();
        long? next = after.Value;
        // What is found by its addresses is read on the way: a page first, more where that is not what was meant.
        var read = Math.Min(limit, FewRead);
        while (next is { } from && rows.Count < limit)
        {
            var part = await FindAsync(selection, new Mid(from), limit - rows.Count, read, cancellationToken)
                .ConfigureAwait(false);
            rows.AddRange(part.Recipients);
            (next, read) = (part.Next, Math.Min(2 * read, ManyRead));
        }
        return new QueueListing(rows, next);
    }

    /// <summary>Counts what is meant and changes nothing.</summary>
    /// <param name="selection">What is meant.</param>
    /// <param name="told">Told after each part how much was counted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<OperationReport> CountAsync(
        QueueSelection selection, Action<OperationReport> told, CancellationToken cancellationToken)
    {
        selection = await EndedAsync(selection, cancellationToken).ConfigureAwait(false);
        // Addresses that are not asked for need not be read to count.
        if (!selection.NeedsText)
        {
            return await OperatePartsAsync(
                selection, static (o, s, from) => o.Count(s, from), told, cancellationToken)
                .ConfigureAwait(false);
        }
        var counted = Nothing(selection);
        for (long? next = 0; next is { } from;)
        {
            var part = await FindAsync(selection, new Mid(from), int.MaxValue, ManyRead, cancellationToken)
                .ConfigureAwait(false);
            counted = Sum(counted, new(
                part.Recipients.Select(r => r.Mid).Distinct().Count(), part.Recipients.Sum(r => r.Rids.Count), 0));
            told(counted);
            next = part.Next;
        }
        return counted;
    }

    /// <summary>
    /// Does something to all that is meant, in parts, so that mail goes on between them. Ends when it is durable. What
    /// comes into the queue meanwhile, as the bounces do that it makes, is left alone.
    /// </summary>
    /// <param name="selection">What is meant.</param>
    /// <param name="step">The operation, given what a part of it is about and where that begins.</param>
    /// <param name="told">Told after each part how much is done.</param>
    /// <param name="cancellationToken">Ends it behind the part that was begun; what was done stays done.</param>
    public async Task<OperationReport> OperateAsync(
        QueueSelection selection, Func<QueueOperations, QueueSelection, Mid, OperationSlice> step,
        Action<OperationReport> told, CancellationToken cancellationToken)
    {
        selection = await EndedAsync(selection, cancellationToken).ConfigureAwait(false);
        if (!selection.NeedsText)
            return await OperatePartsAsync(selection, step, told, cancellationToken).ConfigureAwait(false);
        // By their addresses messages are found beside the scheduler, which then looks at those alone.
        var done = Nothing(selection);
        for (long? next = 0; next is { } from;)
        {
            var part = await FindAsync(selection, new Mid(from), int.MaxValue, ManyRead, cancellationToken)
                .ConfigureAwait(false);
            var mids = part.Recipients.Select(r => new Mid(r.Mid)).Distinct().ToList();
            if (mids.Count > 0)
            {
                var before = done;
                done = Sum(before, await OperatePartsAsync(selection with { Among = mids }, step,
                    now => told(Sum(before, now)), cancellationToken).ConfigureAwait(false));
            }
            next = part.Next;
        }
        return done;
    }

    private async Task<OperationReport> OperatePartsAsync(
        QueueSelection selection, Func<QueueOperations, QueueSelection, Mid, OperationSlice> step,
        Action<OperationReport> told, CancellationToken cancellationToken)
    {
        var done = Nothing(selection);
        for (Mid? next = default(Mid); next is { } from;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var part = await engine.AskAsync(s => step(s.Operations, selection, from)).ConfigureAwait(false);
            await part.Durable.WaitAsync(engine.Stopped).ConfigureAwait(false);
            done = Sum(done, new(part.Messages, part.Recipients, part.LeftAlone)
            {
                Suspended = part.Suspended,
                Drained = part.Drained,
                ToDevNull = part.ToDevNull,
            });
            told(done);
            next = part.Next;
        }
        return done;
    }

    // The queue as it is now is meant, whatever end was asked for.
    private async Task<QueueSelection> EndedAsync(QueueSelection selection, CancellationToken cancellationToken)
    {
        await engine.Recovered.WaitAsync(cancellationToken).ConfigureAwait(false);
        var newest = await engine.AskAsync(s => s.Operations.Newest()).ConfigureAwait(false);
        return selection.UpTo is { } end && end.Value <= newest.Value ? selection : selection with { UpTo = newest };
    }

    // A part of what may be meant, as far as the scheduler knows it.
    private async Task<QueueListing> LookAsync(
        QueueSelection selection, Mid after, int most, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await engine.Recovered.WaitAsync(cancellationToken).ConfigureAwait(false);
        return await engine.AskAsync(s => s.Operations.List(selection, after, most)).ConfigureAwait(false);
    }

    // A part of what is meant, looked at by the scheduler and completed from the store beside it.
    private async Task<QueueListing> FindAsync(
        QueueSelection selection, Mid after, int most, int read, CancellationToken cancellationToken)
    {
        var asked = selection.NeedsText ? read : most;
        var part = await LookAsync(selection, after, asked, cancellationToken).ConfigureAwait(false);
        var atRest = part.Recipients.Where(r => r.To.Count == 0).Select(r => new Mid(r.Mid)).Distinct();
        var found = ReadFor(atRest.ToList());
        var unread = part.Recipients.Where(r => r.To.Count == 0).Select(r => r.Mid)
            .Where(mid => !found.ContainsKey(mid)).ToList();
        // What is there and was not read cannot be; the rest has left the queue since.
        var isThere = unread.Count == 0 ? []
            : await engine.AskAsync(s => s.Operations.Present(unread)).ConfigureAwait(false);
        var rows = new List<QueuedRecipients>();
        foreach (var row in part.Recipients)
        {
            var told = row.To.Count > 0 ? row : found.TryGetValue(row.Mid, out var stored) ? row.With(stored)
                : isThere.Contains(row.Mid) ? row.Unread() : null;
            if (told?.Meant(selection) is not { } meant) continue;
            // The page ends with a whole message.
            if (rows.Count >= most && rows[^1].Mid != meant.Mid) return new(rows, rows[^1].Mid);
            rows.Add(meant);
        }
        return new(rows, part.Next);
    }

    private Dictionary<long, StoredMessage> ReadFor(List<Mid> mids)
    {
        // Where most of a range is asked for, it is read as a whole.
        const int Sparse = 4;
        if (mids.Count == 0) return [];
        var isDense = mids[^1].Value - mids[0].Value < (long)mids.Count * Sparse;
        var read = isDense ? engine.Spool.ReadQueue(mids[0], mids[^1])
            : mids.SelectMany(mid => engine.Spool.ReadQueue(mid, mid));
        return read.ToDictionary(m => m.Mid.Value);
    }

    private static OperationReport Nothing(QueueSelection selection) =>
        new(0, 0, 0) { UpTo = selection.UpTo?.Value ?? 0 };

    private static OperationReport Sum(OperationReport one, OperationReport other) => one with
    {
        Messages = one.Messages + other.Messages,
        Recipients = one.Recipients + other.Recipients,
        LeftAlone = one.LeftAlone + other.LeftAlone,
        Suspended = one.Suspended + other.Suspended,
        Drained = one.Drained + other.Drained,
        ToDevNull = one.ToDevNull + other.ToDevNull,
    };
}
