using Postern.Admin.Accounts;
using Postern.Admin.Auditing;
using Postern.Delivery.Acting;
using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;
using Postern.Delivery.Scheduling;
using Postern.Mail;
using Postern.Routing;

namespace Postern.Admin;

/// <summary>What an operator does to mail that waits, over the API and on a page. Immutable.</summary>
internal sealed class QueueChange
{
    private readonly Func<QueueOperations, QueueSelection, Mid, OperationSlice> step;

    private QueueChange(string name, Func<QueueOperations, QueueSelection, Mid, OperationSlice> step) =>
        (Name, this.step) = (name, step);

    /// <summary>Recipients go, without a bounce.</summary>
    public static QueueChange Delete { get; } =
        new("deleteRecipients", static (queue, meant, after) => queue.Delete(meant, after));

    /// <summary>Recipients bounce with 5.0.0, as their bounce profile says.</summary>
    public static QueueChange Bounce { get; } =
        new("bounceRecipients", static (queue, meant, after) => queue.Bounce(meant, after));

    /// <summary>Recipients are tried at once, and hosts of theirs that are left out, too.</summary>
    public static QueueChange Deliver { get; } =
        new("deliverNow", static (queue, meant, after) => queue.DeliverNow(meant, after));

    /// <summary>The name of the operation of the API.</summary>
    public string Name { get; }

    /// <summary>
    /// Who may: operators; administrators alone where mail would be sent with the credentials of a profile, since the
    /// host that is named is told the password.
    /// </summary>
    public AccountRole Least { get; private init; } = AccountRole.Operator;

    /// <summary>What it is told beside the selection, by the names of the parameters of the API.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; private init; } = new Dictionary<string, string>();

    /// <summary>Recipients go to other hosts than their route says, see <see cref="RedirectRoute"/>.</summary>
    public static QueueChange Redirect(SmtpRoute target) =>
        new("redirectRecipients", (queue, meant, after) => queue.Redirect(meant, after, target))
        {
            Least = target.AuthProfile is null ? AccountRole.Operator : AccountRole.Administrator,
            Parameters = new Dictionary<string, string> { ["to"] = target.Key },
        };

    /// <summary>Does it to all that is meant, and notes how much that was. Ends when it is durable.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="meant">What is meant.</param>
    /// <param name="note">Takes what was done.</param>
    /// <param name="told">Told after each part how much is done.</param>
    /// <param name="cancellationToken">Ends it; what was done stays done.</param>
    public async Task<OperationReport> DoAsync(
        QueueAccess queue, QueueSelection meant, AuditNote note, Action<OperationReport> told,
        CancellationToken cancellationToken)
    {
        // After each part: who goes before the end leaves an entry with what was done until then.
        var report = await queue.OperateAsync(meant, step, done =>
        {
            note.After = TextOf(done);
            told(done);
        }, cancellationToken).ConfigureAwait(false);
        note.After = TextOf(report);
        return report;
    }

    private static string TextOf(OperationReport report) =>
        $"{report.Recipients} recipients of {report.Messages} messages"
            + (report.LeftAlone > 0 ? $", {report.LeftAlone} left alone" : "")
            + (report.Suspended > 0 ? $", {report.Suspended} wait since delivery is suspended" : "")
            + (report.Drained > 0 ? $", {report.Drained} wait since every host of the route is drained" : "")
            + (report.ToDevNull > 0 ? $", {report.ToDevNull} held since the route is /dev/null" : "");
}
