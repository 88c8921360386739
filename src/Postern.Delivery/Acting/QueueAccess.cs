using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;
using Postern.Delivery.Scheduling;
using Postern.Mail;

namespace Postern.Delivery.Acting;

/// <summary>
/// The queue of a running engine for those who list and change it: in parts, so that mail goes on between them,
/// whatever the size of the queue. Any thread may call it.
/// </summary>
public sealed class QueueAccess(DeliveryEngine engine)
{
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
        while (next is { } from && rows.Count < limit)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var part = await engine.AskAsync(s => s.Operations.List(selection, new Mid(from), limit - rows.Count))
                .ConfigureAwait(false);
            rows.AddRange(part.Recipients);
            next = part.Next;
        }
        return new QueueListing(rows, next);
    }

    /// <summary>How much is meant; nothing is changed.</summary>
    public Task<OperationReport> CountAsync(QueueSelection selection, CancellationToken cancellationToken) =>
        OperateAsync((operations, after) => operations.Count(selection, after), told: null, cancellationToken);

    /// <summary>
    /// Does something to all that is meant, in parts, so that mail goes on between them. Ends when it is durable.
    /// </summary>
    /// <param name="step">The operation, given where its part begins.</param>
    /// <param name="told">Told after each part how much is done; null: nobody.</param>
    /// <param name="cancellationToken">Ends it behind the part that was begun; what was done stays done.</param>
    public async Task<OperationReport> OperateAsync(
        Func<QueueOperations, Mid, OperationSlice> step, Action<OperationReport>? told,
        CancellationToken cancellationToken)
    {
        var done = new OperationReport(0, 0, 0);
        for (Mid? next = default(Mid); next is { } from;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var part = await engine.AskAsync(s => step(s.Operations, from)).ConfigureAwait(false);
            await part.Durable.ConfigureAwait(false);
            done = new(
                done.Messages + part.Messages, done.Recipients + part.Recipients, done.LeftAlone + part.LeftAlone);
            told?.Invoke(done);
            next = part.Next;
        }
        return done;
    }
}
