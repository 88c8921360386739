using Microsoft.Extensions.Localization;
using MudBlazor;
using Postern.Admin.Accounts;
using Postern.Admin.Auditing;
using Postern.Admin.Pages.Parts;
using Postern.Delivery.Acting;
using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Admin.Pages;

/// <summary>
/// What operators do to mail and hosts on a page: asked before with how much it touches, and told afterwards. One for
/// each open page.
/// </summary>
internal sealed class MailActions(
    AdminParts parts, PageActions actions, IDialogService dialogs, ISnackbar told, IStringLocalizer<Words> words)
{
    private readonly QueueAccess queue = new(parts.Delivery);

    private IStringLocalizer<Words> T => words;

    /// <summary>Changes mail that waits.</summary>
    /// <param name="change">What becomes of it.</param>
    /// <param name="meant">Which mail.</param>
    /// <param name="said">The same for the audit log, by the names of the parameters of the API.</param>
    /// <returns>Something was done.</returns>
    public async Task<bool> ChangeQueueAsync(
        QueueChange change, QueueSelection meant, IReadOnlyDictionary<string, string> said)
    {
        if (await CountAsync(meant) is not { } count) return false;
        if (count.Recipients == 0)
        {
            told.Add(T["Nothing in the queue fits."], Severity.Info);
            return false;
        }
        var (question, consequence, verb) = WordsOf(change, count);
        if (!await dialogs.IsSureAsync(question, consequence, verb) || IsClosed()) return false;
        return await TryAsync(change.Name, said.Concat(change.Parameters).ToDictionary(), async note =>
        {
            var done = await change.DoAsync(
                queue, meant with { UpTo = new Mid(count.UpTo) }, note, static _ => { },
                CancellationToken.None);
            told.Add(done.LeftAlone == 0 ? T["{0}: {1}.", verb, T.Recipients(done.Recipients)]
                : T["{0}: {1}. Left alone, being on a connection or uncertain: {2}.", verb,
                    T.Recipients(done.Recipients), done.LeftAlone], Severity.Success);
            if (done.Suspended > 0)
                told.Add(T["Delivery is suspended. Waiting until it is resumed: {0}.",
                    T.Recipients(done.Suspended)], Severity.Warning);
            if (done.Drained > 0)
                told.Add(T["Every host of the route is drained. Waiting until one is put back: {0}.",
                    T.Recipients(done.Drained)], Severity.Warning);
            if (done.ToDevNull > 0)
                told.Add(T["The route is /dev/null. Held until deleted, redirected or expired: {0}.",
                    T.Recipients(done.ToDevNull)], Severity.Warning);
        }, change.Least);
    }

    /// <summary>Reads the header of a message, which is written down.</summary>
    /// <returns>Null: the message has gone or the spool is closed, and that was told.</returns>
    public async Task<MessageHeaders?> ReadHeadersAsync(Mid mid)
    {
        MessageHeaders? headers = null;
        await TryAsync("showMessageHeaders", Saying("mid", $"{mid.Value}"), note =>
        {
            try
            {
                headers = MessageHeaders.Of(parts.OpenBody(mid));
            }
            catch (SpoolException e) when (parts.Readiness().SpoolOpen)
            {
                (note.Result, note.Detail) = (AuditResult.Refused, e.Message);
                told.Add($"{e.Message}.", Severity.Warning);
            }
            return Task.CompletedTask;
        });
        return headers;
    }

    /// <summary>Takes a host out by hand.</summary>
    /// <returns>It was done.</returns>
    public async Task<bool> DrainAsync(string host)
    {
        if (!HostSelector.TryParse(host, out var selector)) return false;
        if (!await dialogs.IsSureAsync(T["Drain {0}?", host],
            T["No new mail goes to it until you put it back. Mail takes the other hosts, or waits."], T["Drain"]))
            return false;
        return await TryAsync("drainHost", Saying("host", host), note =>
        {
            if (!parts.Delivery.Drain(selector)) note.After = "nothing was changed";
            return Task.CompletedTask;
        });
    }

    /// <summary>Puts a drained host back.</summary>
    /// <returns>It was done.</returns>
    public Task<bool> UndrainAsync(string host) => !HostSelector.TryParse(host, out var selector)
        ? Task.FromResult(false)
        : TryAsync("undrainHost", Saying("host", host), note =>
        {
            if (parts.Delivery.Undrain(selector)) return Task.CompletedTask;
            note.After = "nothing was changed";
            told.Add(T["It was drained under another name: 'postern undrain' with that name puts it back."],
                Severity.Warning);
            return Task.CompletedTask;
        });

    /// <summary>Has a host that is left out probed at once; it harms nobody, so that nothing is asked before.</summary>
    /// <returns>It was done.</returns>
    public Task<bool> RetryAsync(HostReport host) => !HostSelector.TryParse(host.Host, out var selector)
        ? Task.FromResult(false)
        : TryAsync("retryHost", Saying("host", host.Host), async note =>
        {
            var retried = await parts.Delivery.AskAsync(scheduler => scheduler.Operations.Retry(selector));
            if (retried == 0) note.After = "nothing was changed";
            told.Add(retried == 0 ? T["{0} is not left out, or is being probed already.", host.Host]
                : host.WantedBy > 0 ? T["{0} is tried now, with mail that waits for it.", host.Host]
                : T["{0} is tried with the next message: none waits for it.", host.Host],
                retried == 0 ? Severity.Info : Severity.Success);
        });

    /// <summary>Suspends or resumes delivery to a receiving domain; null: all delivery.</summary>
    /// <returns>It was done.</returns>
    public async Task<bool> SuspendAsync(string? domain, bool suspend)
    {
        if (suspend && !await dialogs.IsSureAsync(
            domain is null ? T["Suspend all delivery?"] : T["Suspend delivery to {0}?", domain],
            T["Mail is taken and waits, over restarts too, until you resume delivery."], T["Suspend"])) return false;
        return await TryAsync(suspend ? "suspendDelivery" : "resumeDelivery",
            domain is null ? null : Saying("host", domain),
            async note => note.After = SuspensionOperations.TextOf(
                await parts.Suspensions.SetDeliveryAsync(domain, suspend)));
    }

    /// <summary>A parameter for the audit log.</summary>
    public static IReadOnlyDictionary<string, string> Saying(string name, string value) =>
        new Dictionary<string, string>(StringComparer.Ordinal) { [name] = value };

    private (string Question, string Consequence, string Verb) WordsOf(QueueChange change, OperationReport count)
    {
        var (recipients, messages) = (T.Recipients(count.Recipients), T.Messages(count.Messages));
        if (change == QueueChange.Delete)
        {
            return (T["Delete {0} of {1}?", recipients, messages],
                T["They are not delivered, and nobody is told."], T["Delete"]);
        }
        if (change == QueueChange.Bounce)
        {
            return (T["Bounce {0} of {1}?", recipients, messages],
                T["They are not delivered, and their senders are told."], T["Bounce"]);
        }
        return change == QueueChange.Deliver
            ? (T["Retry {0} of {1} now?", recipients, messages],
                T["Hosts of theirs that are left out are probed. What is uncertain keeps its time."], T["Retry"])
            : (T["Redirect {0} of {1}?", recipients, messages],
                T["They go to the hosts given, whatever their route says. What is uncertain stays."], T["Redirect"]);
    }

    // Null: the spool is closed or cannot be read, and that was told.
    private async Task<OperationReport?> CountAsync(QueueSelection meant)
    {
        if (IsClosed()) return null;
        try
        {
            return await queue.CountAsync(meant, static _ => { }, CancellationToken.None);
        }
        catch (SpoolException e)
        {
            told.Add(T.SpoolTrouble(parts, e), Severity.Error);
            return null;
        }
    }

    // A change of the queue would wait for the spool without a word.
    private bool IsClosed()
    {
        if (parts.Readiness().SpoolOpen) return false;
        told.Add(T.SpoolClosed(), Severity.Error);
        return true;
    }

    private async Task<bool> TryAsync(
        string action, IReadOnlyDictionary<string, string>? said, Func<AuditNote, Task> act,
        AccountRole least = AccountRole.Operator)
    {
        try
        {
            return await actions.ActAsync(action, said, least, async note =>
            {
                await act(note);
                return true;
            });
        }
        catch (IOException e)
        {
            told.Add(T["The disk failed: {0}", e.Message], Severity.Error);
            return false;
        }
        catch (SpoolException e)
        {
            told.Add(T.SpoolTrouble(parts, e), Severity.Error);
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            told.Add(T["This is for the role {0}.", least.Word()], Severity.Error);
            return false;
        }
    }
}
